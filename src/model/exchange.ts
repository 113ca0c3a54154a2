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

/** A fact that another memory holds, and the exchange it is kept with. */
export interface StatedFact {
  readonly key: string;
  readonly knowledge: string;
  readonly timestamp: string;
  /** Key of the exchange that has its words. */
  readonly exchangeKey: string;
}

/** A conversation of another program, or what else belongs together there; it becomes one segment. */
export interface Conversation {
  /** The same for the same conversation, whenever it is read; unique among all sources. */
  readonly id: string;
  readonly title: string;
  /** In the order they took place. */
  readonly exchanges: readonly Exchange[];
  readonly facts: readonly StatedFact[];
}
