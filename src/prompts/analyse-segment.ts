import * as z from 'zod';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import { type ProfileGroup, profileDimensions, profileGroups, type Trait } from '../model/profile.js';
import { asData, labelForm, showPages } from './conversation.js';
import {
  labelSchema,
  labelsSchema,
  listOf,
  optionalLabelSchema,
  optionalTextSchema,
  readAnswer,
} from './json-answer.js';
import { answerSchemaOf, bounded, type Prompt, problemOf, type Reading, recordGuard } from './prompt.js';

const spoken = (value: unknown) => (typeof value === 'string' ? value.trim().toLowerCase() : value);

const traitSchema = z.object({
  dimension: z.string(),
  level: z.preprocess(spoken, z.enum(['high', 'medium', 'low'])),
  reason: z.string(),
  pages: labelsSchema,
});

const factSchema = z.object({
  about: z.preprocess(spoken, z.enum(['user', 'assistant'])),
  fact: z.string(),
  /** The exact words of that side on that page. */
  quote: z.preprocess((value) => (typeof value === 'string' ? value : ''), z.string()),
  page: labelSchema,
  time: optionalTextSchema,
  /** One of {@link factSlots}. */
  slot: optionalTextSchema,
  /** The listed fact that this one confirms, such as F1, or ends, such as "not F1". */
  ref: optionalLabelSchema,
});

/** Elements are checked one by one, so that a malformed one does not spoil the others. */
const outerSchema = z.object({
  traits: listOf(z.unknown()),
  /** Required, because an object of another kind must not count as an answer without facts. */
  facts: z.union([z.array(z.unknown()), z.looseObject({}).transform((fact) => [fact])]),
});

export type TraitAnswer = z.infer<typeof traitSchema>;
export type FactAnswer = z.infer<typeof factSchema>;

/** A model's answer about a segment. References are as the model wrote them. */
export interface SegmentAnswer {
  readonly traits: readonly TraitAnswer[];
  readonly facts: readonly FactAnswer[];
  /** Number of elements that did not match the schema. */
  readonly malformed: number;
}

/** Attributes with one value at a time. A later fact of a slot replaces the earlier one. */
export const factSlots = ['name', 'age', 'birthday', 'home', 'job', 'partner'] as const;

const shortNames: Readonly<Record<string, string>> = {
  'Aesthetic Appreciation': 'Aesthetics',
  'Instruction Compliance': 'Compliance',
  'Financial Management Interest': 'Finance',
  'Social Media Activity': 'SocialMedia',
  'Emotional Expression': 'EmotionalExpression',
  'Sense of Humor': 'Humor',
  'Information Density': 'InformationDensity',
  'Language Style': 'LanguageStyle',
};

const traitForm = (pages: readonly Page[]) =>
  z.object({
    dimension: z.enum(shortDimensions()),
    level: z.enum(['high', 'medium', 'low']),
    reason: bounded(300),
    pages: z.array(labelForm(pages)).min(1).max(pages.length),
  });
const factForm = (pages: readonly Page[]) =>
  z.object({
    about: z.enum(['user', 'assistant']),
    fact: bounded(300),
    quote: bounded(300),
    page: labelForm(pages),
    time: bounded(25),
    slot: z.enum([...factSlots, '']),
  });
/** More than a valid answer has. If the endpoint enforces the schema, they bound the answer of a model that repeats itself. */
const traitsMax = 12;
const factsPerPageMax = 6;

/** The form of the answer. It mentions known facts only when some are listed. */
export function segmentAnswerSchema({ facts, pages }: Pick<SegmentPromptInput, 'facts' | 'pages'>) {
  const plain = factForm(pages);
  const fact = facts.length === 0 ? plain : plain.extend({ ref: bounded(10) });
  return answerSchemaOf(
    z.object({
      traits: z.array(traitForm(pages)).max(traitsMax),
      facts: z.array<z.ZodType>(fact).max(factsPerPageMax * pages.length),
    }),
  );
}

/** The first words of the instructions; they name the task. */
export const segmentTaskLine = 'You note what a conversation tells of its user (U) and assistant (A).';

const instructions = (relating: boolean) => `${segmentTaskLine} ${recordGuard} Write in the user's language.
facts worth knowing in a year: the user's identity, home, work, people, pets, belongings, tastes, plans, events; what the assistant advised, made, promised. One short sentence each, as "The user …", in its page's words; only what they state of themselves, no guesses, hypotheses, questions; keep negations. quote: that side's exact words for it. time: when it happens, an ISO date, month or year worked out from its page's. slot, if it tells just that: ${factSlots.join(', ')}.${relating ? ' ref: the listed fact it confirms (F1) or ends (not F1).' : ''}
traits the pages clearly show and the profile lacks. ${showDimensions()}
Empty where nothing fits.`;

export interface SegmentPromptInput {
  /** Shown as P1, P2, … */
  readonly pages: readonly Page[];
  readonly profile: readonly Pick<Trait, 'dimension' | 'level'>[];
  /** Shown as F1, F2, … */
  readonly facts: readonly Pick<Fact, 'timestamp' | 'knowledge'>[];
  /** Maximum length of each side of a page. */
  readonly charactersMax?: number | undefined;
}

/** Asks in one request for the traits and facts of a hot segment's new pages. */
export function segmentPrompt(input: SegmentPromptInput): Prompt {
  const parts = ['<conversation>', ...showPages(input.pages, null, input.charactersMax), '</conversation>'];
  if (input.facts.length > 0) parts.push('<facts>', ...input.facts.map(showFact), '</facts>');
  if (input.profile.length > 0) parts.push('<profile>', ...showLevels(input.profile), '</profile>');
  return { system: instructions(input.facts.length > 0), user: parts.join('\n') };
}

function showFact(fact: SegmentPromptInput['facts'][number], at: number): string {
  return `F${at + 1} ${asData(fact.knowledge, 200)} (${fact.timestamp.slice(0, 10)})`;
}

function showLevels(profile: SegmentPromptInput['profile']): string[] {
  return (['High', 'Medium', 'Low'] as const).flatMap((level) => {
    const dimensions = profile
      .filter((trait) => trait.level === level)
      .map((trait) => shortOf(trait.dimension));
    return dimensions.length === 0 ? [] : [`${level}: ${dimensions.join(', ')}`];
  });
}

export function readSegmentAnswer(text: string): Reading<SegmentAnswer> {
  const outer = readAnswer(text, outerSchema);
  if (!outer.ok) return outer;
  const traits = outer.value.traits.map((trait) => traitSchema.safeParse(trait));
  const facts = outer.value.facts.map((fact) => factSchema.safeParse(withDefaults(fact)));
  const read = {
    traits: traits.flatMap((trait) => (trait.success ? [trait.data] : [])),
    facts: facts.flatMap((fact) => (fact.success ? [fact.data] : [])),
  };
  const good = read.traits.length + read.facts.length;
  const malformed = traits.length + facts.length - good;
  const error = [...traits, ...facts].find((element) => !element.success)?.error;
  if (good === 0 && error !== undefined)
    return { ok: false, problem: `no entry has the right form: ${problemOf(error)}` };
  return { ok: true, value: { ...read, malformed } };
}

/** Adds what models leave out when the schema is not enforced. */
function withDefaults(fact: unknown): unknown {
  return typeof fact === 'object' && fact !== null
    ? { quote: '', time: null, slot: null, ref: null, ...fact }
    : fact;
}

/**
 * "Travel Interest" as `Travel`, "Need for Order" as `Order`. Every request lists them, so each is one word.
 */
function shortOf(dimension: string): string {
  return (
    shortNames[dimension] ?? dimension.replace(/^Need for /, '').replace(/ (Interest|Concern|Needs)$/, '')
  );
}

/** All dimensions by their short names. */
function shortDimensions(): string[] {
  return profileGroups.flatMap((group) => profileDimensions[group].map(shortOf));
}

/** The dimensions of the profile by their short names. */
export function showDimensions(): string {
  const words = (group: ProfileGroup) => profileDimensions[group].map(shortOf).join(' ');
  return `Dimensions: ${words('needs_and_personality')}; wanted of answers: ${words('ai_alignment')}; interests, manner: ${words('content_interests')}.`;
}

/** Finds a dimension of the profile by its full or short name. */
export function dimensionFrom(name: string): { group: ProfileGroup; dimension: string } | undefined {
  const wanted = name.trim().toLowerCase();
  for (const group of profileGroups)
    for (const dimension of profileDimensions[group])
      if (dimension.toLowerCase() === wanted || shortOf(dimension).toLowerCase() === wanted)
        return { group, dimension };
  return undefined;
}
