/** Every way the memory can fail that a caller may want to tell apart. */
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
 * The one error class of the project. The message says what happened, where, and what to do next,
 * and never holds a key or a token.
 */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';
  readonly code: MemoryErrorCode;

  constructor(code: MemoryErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything thrown, for messages and logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
