import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { packageFile } from '../../lib/io/package-files.js';
import { MemoryError } from '../../model/errors.js';

const storySchema = z.strictObject({
  about: z.string(),
  days: z.array(
    z.strictObject({
      date: z.iso.date(),
      exchanges: z.array(
        z.strictObject({ time: z.string().regex(/^\d\d:\d\d$/), user: z.string(), assistant: z.string() }),
      ),
    }),
  ),
  questions: z.array(
    z.strictObject({
      ask: z.string(),
      /** Words that occur only on the page with the answer. */
      said: z.string(),
      answer: z.array(z.string()).min(1),
    }),
  ),
});

export interface StoryPage {
  readonly user_input: string;
  readonly agent_response: string;
  readonly timestamp: string;
}

export interface Question {
  readonly ask: string;
  /** Indexes of pages; one of them must be found. */
  readonly pages: readonly number[];
  /** Words that must all occur in the result; empty when the answer cannot be checked. */
  readonly answer: readonly string[];
}

/** What a demo tells and asks. */
export interface Story {
  readonly title: string;
  readonly pages: readonly StoryPage[];
  readonly questions: readonly Question[];
}

/** The conversation that is part of the package. */
export async function writtenStory(): Promise<Story> {
  const file = packageFile('assets/demo-conversation.json');
  const { about, days, questions } = storySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const pages = days.flatMap(({ date, exchanges }) =>
    exchanges.map(({ time, user, assistant }) => ({
      user_input: user,
      agent_response: assistant,
      timestamp: `${date}T${time}:00.000Z`,
    })),
  );
  return {
    title: about,
    pages,
    questions: questions.map(({ ask, said, answer }) => ({
      ask,
      answer,
      pages: [pageThatSays(pages, said)],
    })),
  };
}

function pageThatSays(pages: readonly StoryPage[], said: string): number {
  const index = pages.findIndex((page) => page.user_input.includes(said));
  if (index !== -1) return index;
  throw new MemoryError('NOT_FOUND', `No page of the demo says "${said}". Reinstall memoryos-mcp.`);
}

const questionsMax = 8;

/** A conversation of a LoCoMo file with eight of its questions, evenly spread. */
export async function locomoStory(file: string, conversation: number): Promise<Story> {
  const { parseLocomo } = await import('./locomo.js');
  let json: string;
  try {
    json = await readFile(file, 'utf8');
  } catch (cause) {
    throw new MemoryError('INPUT_INVALID', `${file} cannot be read. Give the path of a LoCoMo file.`, {
      cause,
    });
  }
  const all = parseLocomo(json, file);
  const found = all[conversation];
  if (found === undefined) {
    throw new MemoryError(
      'INPUT_INVALID',
      `${file} has ${all.length} conversations; there is no --conversation ${conversation}, the first is 0.`,
    );
  }
  const asked = found.questions.filter(({ category, evidence }) => category !== 5 && evidence.length > 0);
  const step = Math.max(1, Math.floor(asked.length / questionsMax));
  const questions = asked
    .filter((_question, i) => i % step === 0)
    .slice(0, questionsMax)
    .map(({ question, answer, evidence }) => ({
      ask: question,
      answer: answer.length <= 40 ? [answer] : [],
      pages: found.pages.flatMap((page, i) => (page.dia_ids.some((id) => evidence.includes(id)) ? [i] : [])),
    }));
  return {
    title: `LoCoMo ${found.id}: ${found.user} (user) and ${found.assistant} (assistant), ${found.turns} turns`,
    pages: found.pages.map(({ user_input, agent_response, timestamp }) => ({
      user_input,
      agent_response,
      timestamp,
    })),
    questions,
  };
}
