import { z } from 'zod';
import type { FactId } from './ids.js';
import { factIdSchema } from './knowledge.js';
import { assistantIdSchema, instantSchema, segmentIdSchema } from './page.js';

/** By which door a person or an agent came: `tool` is MCP, `ui` the pages in the browser. */
export const changeSources = ['tool', 'cli', 'ui', 'library'] as const;
export type ChangeSource = (typeof changeSources)[number];

/** So many changes are kept, the latest. */
export const loggedChangesMax = 300;

const count = z.number().int().nonnegative();

/** What somebody changed by hand: who, when, from what to what. Of topics no words are kept. */
export const loggedChangeSchema = z.strictObject({
  at: instantSchema,
  by: z.enum(changeSources),
  /** The assistant it was made with. */
  assistant_id: assistantIdSchema,
  action: z.enum(['added', 'edited', 'pinned', 'unpinned', 'forgot', 'renamed', 'merged', 'split']),
  /** Null where pages or facts were forgotten: nothing of them is kept. Null for a topic, too. */
  fact_id: factIdSchema.nullable(),
  /** The topic that was renamed, split, or took in others. */
  segment_id: segmentIdSchema.optional(),
  /** The fact's text before and after. Null where there was none, and once the fact was forgotten. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** How much was forgotten; null for the other actions. */
  forgotten: z.strictObject({ pages: count, facts: count, traits: count }).nullable(),
});
export type LoggedChange = z.infer<typeof loggedChangeSchema>;

/** Two entries of one key tell of the same change. */
export function keyOfChange({ at, action, fact_id, segment_id }: LoggedChange): string {
  return JSON.stringify([at, action, fact_id, segment_id]);
}

/** Adds a change, in place; the oldest beyond the limit leave. */
export function logChange(changes: LoggedChange[], change: LoggedChange): void {
  const known = changes.findIndex((other) => keyOfChange(other) === keyOfChange(change));
  if (known === -1) changes.push(change);
  else changes[known] = change;
  changes.splice(0, Math.max(0, changes.length - loggedChangesMax));
}

/** Takes out, in place, what the log tells of forgotten facts: that they were changed stays, the words go. */
export function blankChanges(changes: LoggedChange[], factIds: ReadonlySet<FactId>): void {
  changes.forEach((change, i) => {
    if (change.fact_id !== null && factIds.has(change.fact_id)) {
      changes[i] = { ...change, before: null, after: null };
    }
  });
}
