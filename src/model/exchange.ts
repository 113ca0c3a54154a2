import type { JsonObject } from './json.js';

/** An exchange as another program recorded it, before it becomes a page. */
export interface Exchange {
  /** Identifies the record: the same record always has the same key, and no two records share one. */
  readonly key: string;
  readonly userInput: string;
  readonly agentResponse: string;
  /** When the user spoke, ISO 8601. */
  readonly timestamp: string;
  /** The project in which it was said; null when unknown. */
  readonly project: string | null;
  /** The source program, and its own names for the session and the record. */
  readonly origin: JsonObject;
}

/** A fact that another memory holds, and the exchange it belongs to. */
export interface StatedFact {
  readonly key: string;
  readonly knowledge: string;
  readonly timestamp: string;
  /** Key of the exchange that contains the fact's words. */
  readonly exchangeKey: string;
}

/** A conversation of another program, or another group of exchanges. It becomes one segment. */
export interface Conversation {
  /** Identifies the conversation: always the same for the same conversation, and unique. */
  readonly id: string;
  readonly title: string;
  /** In chronological order. */
  readonly exchanges: readonly Exchange[];
  readonly facts: readonly StatedFact[];
}
