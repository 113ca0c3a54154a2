import * as z from 'zod';
import type { FactId } from './ids.js';
import { factIdSchema } from './knowledge.js';
import { assistantIdSchema, instantSchema, segmentIdSchema } from './page.js';

/** Where a change by hand came from. `tool` is MCP, `ui` is the browser. */
export const changeSources = ['tool', 'cli', 'ui', 'library'] as const;
export type ChangeSource = (typeof changeSources)[number];

/** The log keeps this many changes, the latest ones. */
export const loggedChangesMax = 300;

const count = z.number().int().nonnegative();

/** A change made by hand: who, when, the text before and after. Changes of topics hold no text. */
export const loggedChangeSchema = z.strictObject({
  at: instantSchema,
  by: z.enum(changeSources),
  /** The assistant through which the change was made. */
  assistant_id: assistantIdSchema,
  action: z.enum(['added', 'edited', 'pinned', 'unpinned', 'forgot', 'renamed', 'merged', 'split']),
  /** Null when pages or facts were forgotten, and when a topic was changed. */
  fact_id: factIdSchema.nullable(),
  /** The topic that was renamed, split or merged into. */
  segment_id: segmentIdSchema.optional(),
  /** The fact's text before and after. Null when there was none, and after the fact was forgotten. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** How many were forgotten; null for the other actions. */
  forgotten: z.strictObject({ pages: count, facts: count, traits: count }).nullable(),
});
export type LoggedChange = z.infer<typeof loggedChangeSchema>;

/** Two entries with the same key describe the same change. */
export function keyOfChange({ at, action, fact_id, segment_id }: LoggedChange): string {
  return JSON.stringify([at, action, fact_id, segment_id]);
}

/** Adds a change, in place. The oldest entries beyond the limit are dropped. */
export function logChange(changes: LoggedChange[], change: LoggedChange): void {
  const known = changes.findIndex((other) => keyOfChange(other) === keyOfChange(change));
  if (known === -1) changes.push(change);
  else changes[known] = change;
  changes.splice(0, Math.max(0, changes.length - loggedChangesMax));
}

/** Removes the texts of forgotten facts from the log, in place. The entries themselves stay. */
export function blankChanges(changes: LoggedChange[], factIds: ReadonlySet<FactId>): void {
  changes.forEach((change, i) => {
    if (change.fact_id !== null && factIds.has(change.fact_id)) {
      changes[i] = { ...change, before: null, after: null };
    }
  });
}
