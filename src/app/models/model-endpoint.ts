import type { Config } from '../config/config-keys.js';

export interface ModelEndpoint {
  readonly baseUrl: string;
  /** Empty when the endpoint needs no key, like local ones. */
  readonly apiKey: string;
  readonly model: string;
}

/** Names of the bundled model. The additional names occur in configurations of the Python server. */
export const builtinNames: readonly string[] = [
  'builtin',
  'all-MiniLM-L6-v2',
  'sentence-transformers/all-MiniLM-L6-v2',
];
/** Used in place of a model name: search by words only. */
export const wordsOnly = 'words';

const openAiUrl = 'https://api.openai.com/v1';

/**
 * The configured language model; null when there is none. A key is enough. So is the base URL of an endpoint
 * other than OpenAI's, because local endpoints need no key.
 */
export function chatEndpoint(config: Config): ModelEndpoint | null {
  const baseUrl = config.openai_base_url ?? openAiUrl;
  if (config.openai_api_key === undefined && isOpenAi(baseUrl)) return null;
  return { baseUrl, apiKey: config.openai_api_key ?? '', model: config.llm_model };
}

/**
 * The embeddings endpoint; null when none is used. `embedding_base_url` names it. OpenAI's own model names
 * (`text-embedding-…`) use the endpoint of the language model.
 */
export function embeddingEndpoint(config: Config): ModelEndpoint | null {
  const model = config.embedding_model_name;
  if (model === 'builtin' || model === wordsOnly) return null;
  if (config.embedding_base_url !== undefined) {
    return { baseUrl: config.embedding_base_url, apiKey: config.embedding_api_key ?? '', model };
  }
  const chat = chatEndpoint(config);
  if (!model.startsWith('text-embedding-') || chat === null) return null;
  return { baseUrl: chat.baseUrl, apiKey: config.embedding_api_key ?? chat.apiKey, model };
}

function isOpenAi(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname === 'api.openai.com';
}
