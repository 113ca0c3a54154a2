import * as z from 'zod';
import { type AssistantId, type FactId, isGeneratedId } from './ids.js';
import { assistantIdSchema, instantSchema, pageIdSchema } from './page.js';

export const factIdSchema = z.custom<FactId>(
  (v) => typeof v === 'string' && isGeneratedId(v, 'fc'),
  'not a fact id',
);

/** A fact: one entry of user knowledge or assistant knowledge. It is a short sentence with its source. */
export const factSchema = z.strictObject({
  id: factIdSchema,
  /** Null: the fact is about the user. Otherwise: what this assistant did, showed or promised. */
  assistant_id: assistantIdSchema.nullable(),
  knowledge: z.string().min(1),
  /** When the event took place or the statement was made; not when it was extracted. */
  timestamp: instantSchema,
  /** The pages the fact was taken from. Empty only for facts imported without pages. */
  page_ids: z.array(pageIdSchema),
  recorded_at: instantSchema,
  /** Time of the page the fact was taken from; null when unknown. */
  told_at: instantSchema.nullable().default(null),
  /** The words the fact was taken from, exactly as on the page; null when not recorded. */
  quote: z.string().nullable().default(null),
  /**
   * Names an attribute that has one value at a time ("home", "job", "preference:coffee"). A later fact with
   * the same slot supersedes this one. Null when several facts can be true together.
   */
  slot: z.string().nullable(),
  /** The later fact that contradicts this one; null while this one is current. */
  superseded_by: factIdSchema.nullable(),
  analysed_by: z.string(),
  /** True: the fact is always shown, and capacity limits never remove it. */
  pinned: z.boolean().optional(),
  /** The project that the fact is about ("The deadline is 9 June"). Absent: it holds everywhere. */
  project: z.string().min(1).optional(),
});
export type Fact = z.infer<typeof factSchema>;

/**
 * How a fact begins that quotes the user with the date. Used when a rewrite in the third person would lose
 * meaning.
 */
export const quotationStart = 'The user said on ';

/** Whether a fact only quotes the user, so that the exchange shown with its date says the same. */
export function isQuotation({ knowledge }: Pick<Fact, 'knowledge'>): boolean {
  return knowledge.startsWith(quotationStart);
}

/** Whom a fact is about: an assistant, or (null) the user. */
export type Owner = AssistantId | null;

/** Facts by owner, oldest first within each. An owner without facts may be missing. */
export type KnownFacts = ReadonlyMap<Owner, readonly Fact[]>;

/** All facts about one owner. */
export function factsAbout(known: KnownFacts, owner: Owner): readonly Fact[] {
  return known.get(owner) ?? [];
}

/** The current facts about one owner. */
export function currentFactsAbout(known: KnownFacts, owner: Owner): Fact[] {
  return factsAbout(known, owner).filter((fact) => fact.superseded_by === null);
}

/** The facts about all owners. */
export function everyFact(known: KnownFacts): Fact[] {
  return [...known.values()].flat();
}
