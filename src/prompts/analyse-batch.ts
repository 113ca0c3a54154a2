import { z } from 'zod';
import type { Page } from '../model/page.js';
import type { SegmentHead } from '../model/segment.js';
import { asData, minuteOf, showPages, showSides } from './conversation.js';
import {
  flagSchema,
  labelSchema,
  labelsSchema,
  listOf,
  optionalLabelSchema,
  optionalTextSchema,
  readJson,
} from './json-answer.js';
import { type Prompt, problemOf, type Reading, recordGuard, withoutMetaSchema } from './prompt.js';

const segmentCharactersMax = 600;

const answerSchema = z.object({
  pages: listOf(z.object({ page: labelSchema, continues: flagSchema, summary: z.string() })),
  topics: listOf(
    z.object({
      theme: z.string(),
      keywords: listOf(z.string()),
      summary: z.string(),
      pages: labelsSchema,
      /** The listed segment on the same subject, and its summary with the topic joined. */
      segment: optionalLabelSchema,
      merged: optionalTextSchema,
    }),
  ),
});

/** What a model said of a batch. The references are as it wrote them. */
export type BatchAnswer = z.infer<typeof answerSchema>;

export const batchAnswerSchema = {
  name: 'batch_notes',
  jsonSchema: withoutMetaSchema(z.toJSONSchema(answerSchema)),
};

/** Names the task; the first words of its instructions. */
export const batchTaskLine = 'You file the pages of a conversation between a user (U) and an assistant (A).';

const instructions = `${batchTaskLine} ${recordGuard} Write in their language, only what they say.
pages, for P1, P2, …: continues: does it go on with the page before; summary: its thread so far, one or two sentences.
topics, every page in exactly one, split only where the subject changes: theme; 3 to 8 keywords; summary: up to three sentences with names, numbers, dates; segment: a listed one on the same subject, else null; merged: that one's summary rewritten to cover the topic too.
Answer in JSON.`;

export interface BatchPromptInput {
  /** Shown as P1, P2, … */
  readonly pages: readonly Page[];
  /** Shown as P0. */
  readonly previous: Page | null;
  /** Shown as S1, S2, … */
  readonly candidates: readonly Pick<SegmentHead, 'theme' | 'summary'>[];
  /** Of each side of a page. */
  readonly charactersMax?: number | undefined;
}

/** Continuity, chain summaries and topics of pages that leave short-term memory, in one request. */
export function batchPrompt(input: BatchPromptInput): Prompt {
  const parts = ['<conversation>'];
  if (input.previous !== null) parts.push(...showPrevious(input.previous));
  parts.push(...showPages(input.pages, 1, input.charactersMax), '</conversation>');
  if (input.candidates.length > 0)
    parts.push(
      '<segments>',
      ...input.candidates.map(
        ({ theme, summary }, at) =>
          `S${at + 1} ${asData(theme, 60)}: ${asData(summary, segmentCharactersMax)}`,
      ),
      '</segments>',
    );
  return { system: instructions, user: parts.join('\n') };
}

/** The thread's summary is enough to see whether P1 goes on with it. */
function showPrevious(page: Page): string[] {
  const { meta_info: thread } = page;
  const shown = thread === '' ? showSides(page, 240) : [`thread: ${asData(thread, 300)}`];
  return [`[${minuteOf(page.timestamp)}]`, 'P0', ...shown];
}

export function readBatchAnswer(text: string): Reading<BatchAnswer> {
  const json = readJson(text);
  if (!json.ok) return json;
  const { value } = json;
  const answer = answerSchema.safeParse(Array.isArray(value) && value.length === 1 ? value[0] : value);
  if (!answer.success) return { ok: false, problem: problemOf(answer.error) };
  const { pages, topics } = answer.data;
  if (pages.length === 0 || topics.length === 0)
    return { ok: false, problem: `"${pages.length === 0 ? 'pages' : 'topics'}" is missing or empty` };
  return { ok: true, value: answer.data };
}
