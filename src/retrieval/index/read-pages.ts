import type { UserState } from '../../model/user-state.js';
import type { PageIndex } from './page-index.js';

/** About 10 ms: a large memory that is opened does not hold up the other users of the process. */
const pagesAtOnce = 500;

/** Reads the pages as they are now into the index; stops after each piece. */
export function* readPages(index: PageIndex, state: UserState): Generator<void, void> {
  const segments = [...state.segments.values()].map(({ head, pages }) => ({ head, pages: [...pages] }));
  const shortTerm = [...state.shortTerm];
  let read = 0;
  for (const { head, pages } of segments) {
    index.segments.describe(head);
    for (const page of pages) {
      index.add(page);
      index.place(page.id, head.id);
      read += 1;
      if (read % pagesAtOnce === 0) yield;
    }
  }
  for (const page of shortTerm) {
    index.add(page);
    read += 1;
    if (read % pagesAtOnce === 0) yield;
  }
}
