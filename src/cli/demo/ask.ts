import type { PageId } from '../../model/ids.js';
import type { RetrieveResult } from '../../model/results.js';
import { excerpt, styled } from '../terminal.js';
import type { DemoServer } from './demo-server.js';
import { heading } from './show.js';
import type { Question, Story } from './story.js';

const out = process.stdout;

/**
 * Asks the story's questions and shows what was found. Returns how many questions found a page that contains
 * the answer.
 */
export async function ask(server: DemoServer, story: Story, ids: readonly PageId[]): Promise<number> {
  heading(`${story.questions.length} questions`);
  let found = 0;
  for (const question of story.questions) {
    const result = await server.retrieve(question.ask);
    if (showAnswer(question, result, ids)) found += 1;
  }
  return found;
}

interface FoundPage {
  readonly page_id: PageId;
  readonly user_input: string;
  readonly agent_response: string;
  readonly where: string;
}

/** Retrieved pages, then further pages of short-term memory. */
function foundPages(result: RetrieveResult): FoundPage[] {
  const retrieved = result.retrieved_pages.map((page, i) => ({
    ...page,
    where: `no. ${i + 1} of mid-term memory`,
  }));
  return [...retrieved, ...result.short_term_memory.map((page) => ({ ...page, where: 'short-term memory' }))];
}

function showAnswer(question: Question, result: RetrieveResult, ids: readonly PageId[]): boolean {
  const wanted = new Set(question.pages.map((index) => ids[index]));
  const pages = foundPages(result);
  const page = pages.find(({ page_id }) => wanted.has(page_id));
  out.write(`\n${styled(out, 'cyan', '?')} ${question.ask}\n`);
  const fact = [...result.retrieved_user_knowledge, ...result.retrieved_assistant_knowledge].find(
    ({ current, page_ids }) => current && (page_ids ?? []).some((id) => wanted.has(id)),
  );
  if (fact !== undefined) out.write(`  fact  ${excerpt(fact.knowledge, 100)}\n`);
  if (page === undefined) {
    const mark =
      fact === undefined
        ? styled(out, 'red', '✘ the page was not found')
        : styled(out, 'green', '✔ found as the source of a fact');
    out.write(`  ${mark}\n`);
    return fact !== undefined;
  }
  out.write(`  page  ${excerpt(page.user_input, 100)}\n        ${excerpt(page.agent_response, 100)}\n`);
  const held = holds(question, pages);
  out.write(`  ${styled(out, 'green', '✔')} found as ${page.where}${held}\n`);
  return true;
}

function holds(question: Question, pages: readonly FoundPage[]): string {
  if (question.answer.length === 0) return '';
  const text = pages
    .map((page) => `${page.user_input}\n${page.agent_response}`)
    .join('\n')
    .toLowerCase();
  const missing = question.answer.filter((word) => !text.includes(word.toLowerCase()));
  const words = question.answer.map((word) => `"${word}"`).join(' and ');
  return missing.length === 0
    ? `; the result contains the answer ${words}`
    : `; the answer ${words} is not in it word for word`;
}
