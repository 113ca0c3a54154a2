import { toEndpoint } from '../../adapters/openai/endpoint.js';
import { messageOf } from '../../model/errors.js';
import type { ModelEndpoint } from './model-endpoint.js';

export interface EndpointCheck {
  readonly level: 'ok' | 'warning' | 'error';
  /** The result as text, without the key. */
  readonly message: string;
  readonly todo: string;
}

/**
 * Asks an endpoint for its list of models, which is free. Checks that it answers, accepts the key and knows
 * the model.
 */
export async function checkEndpoint(endpoint: ModelEndpoint, timeoutMs = 5000): Promise<EndpointCheck> {
  const { baseUrl, query, azure, shown } = toEndpoint(endpoint.baseUrl, endpoint.model);
  const url = new URL(`${baseUrl}/models`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const key = endpoint.apiKey;
  try {
    const response = await fetch(url, {
      headers: key === '' ? {} : azure ? { 'api-key': key } : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
    return judge(response.status, await response.text(), endpoint.model, shown);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
    return {
      level: 'error',
      message: `${shown} does not answer (${messageOf(error)}${cause})`,
      todo: 'check openai_base_url, and that the model server runs',
    };
  }
}

function judge(status: number, body: string, model: string, shown: string): EndpointCheck {
  if (status === 401 || status === 403) {
    return { level: 'error', message: `${shown} refuses the key (HTTP ${status})`, todo: 'correct the key' };
  }
  if (status >= 500) {
    return { level: 'warning', message: `${shown} has a problem (HTTP ${status})`, todo: 'try again later' };
  }
  const ids = modelIds(body);
  if (ids.length > 0 && !ids.some((id) => id === model || id === `${model}:latest`)) {
    const some = ids.slice(0, 5).join(', ');
    return {
      level: 'warning',
      message: `${shown} answers, but does not list the model ${model}`,
      todo: `use one it lists, such as ${some}`,
    };
  }
  return { level: 'ok', message: `${shown} answers`, todo: '' };
}

function modelIds(body: string): string[] {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('data' in value) || !Array.isArray(value.data))
      return [];
    return value.data.flatMap((entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
        ? [entry.id]
        : [],
    );
  } catch {
    return [];
  }
}
