import { z } from 'zod';
import { type AssistantId, type FactId, isGeneratedId } from './ids.js';
import { assistantIdSchema, instantSchema, pageIdSchema } from './page.js';

export const factIdSchema = z.custom<FactId>(
  (v) => typeof v === 'string' && isGeneratedId(v, 'fc'),
  'not a fact id',
);

/** One entry of user knowledge or of an assistant's knowledge: a short sentence and where it came from. */
export const factSchema = z.strictObject({
  id: factIdSchema,
  /** Null: about the user. Else: what this assistant did, showed or promised. */
  assistant_id: assistantIdSchema.nullable(),
  knowledge: z.string().min(1),
  /** When the event took place or the statement was made, not when it was extracted. */
  timestamp: instantSchema,
  /** The pages it was taken from; none only where it was imported without them. */
  page_ids: z.array(pageIdSchema),
  recorded_at: instantSchema,
  /** When it was said: the time of the page it was taken from. Null where that is not known. */
  told_at: instantSchema.nullable().default(null),
  /** The words it was taken from, as they stand on its page; null where none were noted. */
  quote: z.string().nullable().default(null),
  /**
   * What the fact is about where only one can hold at a time ("home", "job", "preference:coffee"); a later fact of
   * the same slot supersedes this one. Null where many can hold.
   */
  slot: z.string().nullable(),
  /** The later fact that contradicts this one; null while it is current. */
  superseded_by: factIdSchema.nullable(),
  analysed_by: z.string(),
  /** True: it never leaves for want of room and is always shown. */
  pinned: z.boolean().optional(),
});
export type Fact = z.infer<typeof factSchema>;

/** How a fact begins that is the user's own words with their day, where no third person says them without loss. */
export const quotationStart = 'The user said on ';

/** Whether a fact says no more than an exchange does that is shown with its day. */
export function isQuotation({ knowledge }: Pick<Fact, 'knowledge'>): boolean {
  return knowledge.startsWith(quotationStart);
}

/** Whom facts are about: an assistant, or (null) the user. */
export type Owner = AssistantId | null;

/** Facts by owner, of each oldest first. An owner of whom nothing is known may be missing. */
export type KnownFacts = ReadonlyMap<Owner, readonly Fact[]>;

/** What is known of one owner. */
export function factsAbout(known: KnownFacts, owner: Owner): readonly Fact[] {
  return known.get(owner) ?? [];
}

/** What holds of one owner. */
export function currentFactsAbout(known: KnownFacts, owner: Owner): Fact[] {
  return factsAbout(known, owner).filter((fact) => fact.superseded_by === null);
}

/** What is known of all owners. */
export function everyFact(known: KnownFacts): Fact[] {
  return [...known.values()].flat();
}
