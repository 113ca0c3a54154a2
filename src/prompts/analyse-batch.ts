import * as z from 'zod';
import type { Page } from '../model/page.js';
import type { SegmentHead } from '../model/segment.js';
import { asData, labelForm, named, showDay, showPages, showSides } from './conversation.js';
import {
  flagSchema,
  labelSchema,
  labelsSchema,
  listOf,
  optionalTextSchema,
  readAnswer,
  wordsSchema,
} from './json-answer.js';
import { answerSchemaOf, bounded, type Prompt, type Reading, recordGuard } from './prompt.js';

const segmentCharactersMax = 600;

const answerSchema = z.object({
  pages: listOf(z.object({ page: labelSchema, continues: flagSchema, summary: z.string() })),
  topics: listOf(
    z.object({
      theme: z.string(),
      keywords: wordsSchema,
      summary: z.string(),
      pages: labelsSchema,
      /** One summary of the segment shown and this topic, when both are about the same subject. */
      merged: optionalTextSchema,
    }),
  ),
});

/** A model's answer about a batch. References are as the model wrote them. */
export type BatchAnswer = z.infer<typeof answerSchema>;

const pageForm = (pages: readonly Page[]) =>
  z.object({ page: labelForm(pages), continues: z.boolean(), summary: bounded(400) });
/** A list of words is requested as text with commas, which takes fewer tokens to describe. */
const topicForm = (pages: readonly Page[]) =>
  z.object({
    theme: bounded(80),
    keywords: bounded(200),
    summary: bounded(600),
    pages: z.array(labelForm(pages)).min(1).max(pages.length),
  });

/**
 * The form of the answer. It mentions a segment only when one is shown. Where an endpoint obeys it, each entry
 * is about a page that was shown, and the answer of a model that repeats itself comes to an end.
 */
export function batchAnswerSchema({ candidate, pages }: Pick<BatchPromptInput, 'candidate' | 'pages'>) {
  const plain = topicForm(pages);
  const topic = candidate === null ? plain : plain.extend({ merged: bounded(800) });
  return answerSchemaOf(
    z.object({
      pages: z.array(pageForm(pages)).length(pages.length),
      topics: z.array<z.ZodType>(topic).min(1).max(pages.length),
    }),
  );
}

/** The first words of the instructions; they name the task. */
export const batchTaskLine = 'You file the pages of a conversation of a user (U) and an assistant (A).';

const instructions = (
  joining: boolean,
) => `${batchTaskLine} ${recordGuard} Write in their language, only what they say.
pages: whether each continues the page before; summary of its thread so far, 1 or 2 sentences.
topics: each page in exactly one, split only where the subject changes; 3 to 8 keywords; summary with names, numbers, dates, up to 3 sentences${joining ? "; merged: if on the segment's subject, its summary rewritten to cover both, else empty" : ''}.`;

export interface BatchPromptInput {
  /** Shown as P1, P2, … */
  readonly pages: readonly Page[];
  /** Shown as P0. */
  readonly previous: Page | null;
  /** A segment that topics may join. */
  readonly candidate: Pick<SegmentHead, 'theme' | 'summary'> | null;
  /** Maximum length of each side of a page. */
  readonly charactersMax?: number | undefined;
}

/** Asks in one request for continuity, chain summaries and topics of pages that leave short-term memory. */
export function batchPrompt(input: BatchPromptInput): Prompt {
  const { previous, candidate } = input;
  const parts = ['<conversation>'];
  if (previous !== null) parts.push(...showPrevious(previous));
  parts.push(...showPages(input.pages, previous, input.charactersMax), '</conversation>');
  if (candidate !== null)
    parts.push(
      '<segment>',
      `${asData(candidate.theme, 60)}: ${asData(candidate.summary, segmentCharactersMax)}`,
      '</segment>',
    );
  return { system: instructions(candidate !== null), user: parts.join('\n') };
}

/** The thread's summary is enough to decide whether P1 continues it. */
function showPrevious(page: Page): string[] {
  const { meta_info: thread } = page;
  const shown = thread === '' ? showSides(page, 240) : [`thread: ${asData(thread, 240)}`];
  return [showDay(page), named('P0', shown)];
}

export function readBatchAnswer(text: string): Reading<BatchAnswer> {
  const answer = readAnswer(text, answerSchema);
  if (!answer.ok) return answer;
  const { pages, topics } = answer.value;
  if (pages.length === 0 || topics.length === 0)
    return { ok: false, problem: `"${pages.length === 0 ? 'pages' : 'topics'}" is missing or empty` };
  return answer;
}
