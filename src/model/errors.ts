/** Every failure that a caller may want to handle in its own way. */
export type MemoryErrorCode =
  | 'CONFIG_INVALID'
  | 'INPUT_INVALID'
  | 'ID_INVALID'
  | 'NOT_FOUND'
  | 'STORE_CORRUPT'
  | 'STORE_NEWER'
  | 'STORE_BUSY'
  | 'STORE_IO'
  | 'STORE_CLOSED'
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_REJECTED'
  | 'MODEL_CONTENT'
  | 'MODEL_CONTEXT'
  | 'MODEL_MISSING'
  | 'CANCELLED'
  | 'CONFLICT';

/**
 * The only error class of the project. The message says what happened, where, and what to do next. It never
 * contains a key or a token.
 */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';
  readonly code: MemoryErrorCode;

  constructor(code: MemoryErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of any thrown value, for messages and logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
