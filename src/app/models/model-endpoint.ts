import type { Config } from '../config/config-keys.js';

export interface ModelEndpoint {
  readonly baseUrl: string;
  /** Empty where the endpoint wants none, as local ones do. */
  readonly apiKey: string;
  readonly model: string;
}

/** Names of the model that comes with the package; a Python server's configuration has the others. */
export const builtinNames: readonly string[] = [
  'builtin',
  'all-MiniLM-L6-v2',
  'sentence-transformers/all-MiniLM-L6-v2',
];
/** Instead of a model's name: pages are found by their words only. */
export const wordsOnly = 'words';

const openAiUrl = 'https://api.openai.com/v1';

/**
 * The language model of the configuration; null when there is none. A key is enough, and so is the base URL of
 * an endpoint other than OpenAI's, since local ones want no key.
 */
export function chatEndpoint(config: Config): ModelEndpoint | null {
  const baseUrl = config.openai_base_url ?? openAiUrl;
  if (config.openai_api_key === undefined && isOpenAi(baseUrl)) return null;
  return { baseUrl, apiKey: config.openai_api_key ?? '', model: config.llm_model };
}

/**
 * The embeddings endpoint; null when none is to be asked. `embedding_base_url` names one;
 * OpenAI's own model names (`text-embedding-…`) go to the endpoint of the language model.
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
