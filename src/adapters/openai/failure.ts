import { MemoryError, type MemoryErrorCode, messageOf } from '../../model/errors.js';
import { AnswerTooLarge, AnswerTooSlow, AnswerUnfinished } from './guarded-fetch.js';

/** What failed in one HTTP exchange, and what the caller can do. */
export interface Failure {
  readonly code: Extract<MemoryErrorCode, `MODEL_${string}` | 'CANCELLED'>;
  /** The endpoint's message, shortened and without keys. */
  readonly detail: string;
  /** Whether the same request may succeed in a moment. */
  readonly retry: boolean;
  /** Whether the endpoint may have rejected the form of the request. */
  readonly malformed: boolean;
  readonly headers: Headers | undefined;
}

/** The used properties of the `openai` package's APIError, declared here to avoid importing the package. */
interface ApiErrorLike extends Error {
  readonly status?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly error?: unknown;
  readonly headers?: unknown;
}

const contextWords =
  /context[ _](length|window|size|limit)|maximum context|exceed_context_size|too many (input )?tokens|(prompt|input|request) (is )?too (long|large)|input length exceeds|exceeds? the (available|maximum|model).{0,40}(context|tokens|length)|longer than the (maximum|model)|tokens.{0,40}must be <=|range of input length/i;
/** Not used with status 429: there, "too many tokens" is a rate limit (Bedrock) that passes with time. */
const tooLargeWords =
  /(prompt|input|request) (is )?too (long|large)|context[ _](length|window)|maximum context/i;
const filterWords =
  /content[_ ](filter|policy|management)|responsible ?ai|data_inspection_failed|inappropriate content|moderation/i;
const keyWords = /invalid[_ ]api[_ ]key|api key not valid|incorrect api key|invalid authentication/i;
const modelWords =
  /model.{0,80}(not found|not exist|doesn't exist|unknown|is not (a )?valid)|(unknown|invalid|no such) model|model_not_found/i;
const paymentWords = /insufficient[_ ](quota|balance)|exceeded your current quota|billing/i;

/** Classifies anything thrown by a request. */
export function failureOf(error: unknown, secrets: readonly string[]): Failure {
  const chain = causesOf(error);
  const large = chain.find((cause) => cause instanceof AnswerTooLarge);
  if (large !== undefined) return plain('MODEL_CONTENT', messageOf(large));
  // A model that is too slow would be too slow again, so the job must not keep waiting for it.
  const unfinished = chain.find((cause) => cause instanceof AnswerUnfinished);
  if (unfinished !== undefined)
    return plain('MODEL_CONTENT', `${messageOf(unfinished)}; llm_timeout_seconds gives it more time`);
  const slow = chain.find((cause) => cause instanceof AnswerTooSlow);
  if (slow !== undefined) return plain('MODEL_UNAVAILABLE', messageOf(slow));

  const api = chain.find((cause): cause is ApiErrorLike => cause instanceof Error && 'status' in cause);
  if (typeof api?.status === 'number') return statusFailure(api, api.status, secrets);
  if (api?.error !== undefined) return statusFailure(api, 500, secrets);
  // A SyntaxError means that the body is not JSON, such as a proxy's error page. Anything else is a network
  // error.
  const deepest = chain.at(-1);
  const detail = clean(deepest === undefined ? messageOf(error) : networkWords(deepest), secrets);
  return { ...plain('MODEL_UNAVAILABLE', detail), retry: true };
}

function statusFailure(api: ApiErrorLike, status: number, secrets: readonly string[]): Failure {
  const said = `${api.message} ${textOf(api.code)} ${textOf(api.type)} ${textOf(api.error)}`;
  const headers = api.headers instanceof Headers ? api.headers : undefined;
  const base = { detail: clean(api.message, secrets), headers, retry: false, malformed: false };
  const invalid = status === 400 || status === 422;
  const tooLong = status === 429 ? tooLargeWords : invalid || status >= 500 ? contextWords : null;
  if (status === 413 || tooLong?.test(said) === true) return { ...base, code: 'MODEL_CONTEXT' };
  if ((invalid || status === 403) && filterWords.test(said)) return { ...base, code: 'MODEL_CONTENT' };
  if (status === 402 || (status === 429 && paymentWords.test(said)))
    return { ...base, code: 'MODEL_UNAVAILABLE' };
  if ([401, 403, 404, 405].includes(status)) return { ...base, code: 'MODEL_REJECTED' };
  if (invalid && (keyWords.test(said) || modelWords.test(said))) return { ...base, code: 'MODEL_REJECTED' };
  if (invalid) return { ...base, code: 'MODEL_CONTENT', malformed: true };
  const schemaTrouble = status >= 500 && /grammar|json[ _]schema|response_format/i.test(said);
  return {
    ...base,
    code: 'MODEL_UNAVAILABLE',
    retry: [408, 409, 425, 429].includes(status) || status >= 500,
    malformed: schemaTrouble,
  };
}

/**
 * The error that callers see. It has no cause, because errors of libraries may contain headers and bodies.
 */
export function toMemoryError(failure: Failure, where: string): MemoryError {
  return new MemoryError(
    failure.code,
    `${where}: ${failure.detail.replace(/[.\s]+$/, '')}. ${nextStep(failure.code)}`,
  );
}

function nextStep(code: Failure['code']): string {
  switch (code) {
    case 'MODEL_UNAVAILABLE':
      return 'It will be tried again later; check that the endpoint is running.';
    case 'MODEL_REJECTED':
      return 'Correct openai_api_key, openai_base_url or the model name in the configuration file, or restart with others.';
    case 'MODEL_CONTEXT':
      return 'The text is too long for this model.';
    case 'MODEL_CONTENT':
      return 'The model gave no usable answer.';
    case 'MODEL_MISSING':
      return 'Set openai_api_key.';
    case 'CANCELLED':
      return 'Nothing was stored.';
    default:
      return code satisfies never;
  }
}

/** Removes keys from a text, even when an endpoint repeats them, and shortens it. */
export function clean(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) if (secret.length > 3) safe = safe.replaceAll(secret, '[key]');
  return safe
    .replace(/\b(sk|pk|gsk|xai|key)-[\w*.-]{6,}/gi, '[key]')
    .replace(/\bBearer\s+\S+/gi, 'Bearer [key]')
    .replace(/\s+/g, ' ')
    .slice(0, 300);
}

function plain(code: Failure['code'], detail: string): Failure {
  return { code, detail, retry: false, malformed: false, headers: undefined };
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && chain.length < 8; ) {
    chain.push(at);
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}

function networkWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const text = messageOf(error);
  return text === '' ? `connection failed${code}` : text.includes(code.trim()) ? text : `${text}${code}`;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 2_000);
}
