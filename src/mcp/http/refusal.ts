import type { Response } from 'express';

/** A refused request: status, message, and headers. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON-RPC error code. */
  readonly code: number;

  constructor(
    status: number,
    message: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly code?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = options.headers ?? {};
    this.code = options.code ?? -32000;
  }
}

/** The body of every error: a JSON-RPC error, so that MCP clients show its message. */
export function errorBody(code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null });
}

/** Sends a refusal, unless an answer has already begun. */
export function refuse(response: Response, refusal: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(refusal.status)
    .set(refusal.headers)
    .type('application/json')
    .send(errorBody(refusal.code, refusal.message));
}
