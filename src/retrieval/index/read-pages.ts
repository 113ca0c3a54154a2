import type { Page } from '../../model/page.js';
import type { UserState } from '../../model/user-state.js';
import { isLong, type PageIndex } from './page-index.js';

/**
 * Number of pages read at once: about 10 ms of work, so that opening a large memory does not delay other
 * users of the process.
 */
const pagesAtOnce = 500;
const charactersAtOnce = 128 * 1024;

/**
 * Reads the current pages into the index, and yields after each piece. Long pages are passed to `later`; the
 * caller reads them afterwards.
 */
export function* readPages(
  index: PageIndex,
  state: UserState,
  later: (page: Page) => void,
): Generator<void, void> {
  const segments = [...state.segments.values()].map(({ head, pages }) => ({ head, pages: [...pages] }));
  const shortTerm = [...state.shortTerm];
  let read = 0;
  let characters = 0;
  const isEnough = (page: Page): boolean => {
    read += 1;
    characters += page.user_input.length + page.agent_response.length;
    if (read < pagesAtOnce && characters < charactersAtOnce) return false;
    read = 0;
    characters = 0;
    return true;
  };
  for (const { head, pages } of segments) {
    index.segments.describe(head);
    for (const page of pages) {
      if (isLong(page)) {
        later(page);
        continue;
      }
      index.add(page);
      index.place(page.id, head.id);
      if (isEnough(page)) yield;
    }
  }
  for (const page of shortTerm) {
    if (isLong(page)) {
      later(page);
      continue;
    }
    index.add(page);
    if (isEnough(page)) yield;
  }
}
