import type { JsonObject } from './json.js';

/** An exchange as another program recorded it, before it becomes a page. */
export interface Exchange {
  /** The same for the same record, whoever reads it and how often; unique among all sources. */
  readonly key: string;
  readonly userInput: string;
  readonly agentResponse: string;
  /** ISO 8601; when the user spoke. */
  readonly timestamp: string;
  /** Where it was said; null where that is not known. */
  readonly project: string | null;
  /** The program and its own names for session and record. */
  readonly origin: JsonObject;
}
