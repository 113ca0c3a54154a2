import { MemoryError } from '../../model/errors.js';

/** The target of requests, parsed from `openai_base_url`. */
export interface Endpoint {
  /** The URL before `/chat/completions`. */
  readonly baseUrl: string;
  /** Query parameters of every request, such as Azure's `api-version`. */
  readonly query: Readonly<Record<string, string>>;
  /** True for Azure, which expects the key in the header `api-key`. */
  readonly azure: boolean;
  /** The URL for messages, without query and credentials. */
  readonly shown: string;
}

/** Azure's latest stable API version that has everything needed here. */
const azureApiVersion = '2024-10-21';
const azureHost = /\.(openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.(com|us|cn)$/i;

/**
 * Accepts the forms found in providers' documentation: with or without `/v1`, a trailing slash,
 * `/chat/completions` or `/embeddings`, and Azure's resource, deployment and `/openai/v1` forms. Throws
 * CONFIG_INVALID.
 */
export function toEndpoint(baseUrl: string, model: string): Endpoint {
  let url: URL;
  try {
    url = new URL(baseUrl.trim());
  } catch (cause) {
    throw invalid(`${JSON.stringify(baseUrl)} is not a URL`, cause);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') throw invalid('it contains a user name or a password');

  const query = Object.fromEntries(url.searchParams);
  let path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|completions|embeddings)$/, '');
  const azure = azureHost.test(url.hostname) || path.includes('/openai/deployments/');
  if (azure) {
    if (path === '' || path === '/openai') path = `/openai/deployments/${encodeURIComponent(model)}`;
    if (path.includes('/deployments/')) query['api-version'] ??= azureApiVersion;
  } else if (path === '') {
    path = '/v1';
  }
  const whole = `${url.origin}${path}`;
  return { baseUrl: whole, query, azure, shown: whole };
}

function invalid(why: string, cause?: unknown): MemoryError {
  return new MemoryError(
    'CONFIG_INVALID',
    `openai_base_url cannot be used: ${why}. Write it like "https://api.openai.com/v1" or "http://localhost:11434/v1".`,
    { cause },
  );
}
