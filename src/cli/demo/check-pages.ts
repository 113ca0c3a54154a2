import type { PageId } from '../../model/ids.js';
import type { DemoServer } from './demo-server.js';
import type { Story } from './story.js';

/** Where the pages of a story are stored. */
export interface PageCheck {
  readonly told: number;
  readonly stored: number;
  /**
   * Problems: pages that are missing, stored twice, changed, or not part of the story. Empty when there are
   * none.
   */
  readonly problems: readonly string[];
}

/** Compares every page of every tier, as a newly started server reports it, with the story. */
export async function checkPages(
  server: DemoServer,
  story: Story,
  ids: readonly PageId[],
): Promise<PageCheck> {
  const places = new Map<PageId, string[]>();
  const textOf = new Map<PageId, string>();
  const note = (page: { user_input: string; agent_response: string }, id: PageId, place: string): void => {
    places.set(id, [...(places.get(id) ?? []), place]);
    textOf.set(id, textOfPage(page));
  };
  for (const { segment_id } of await server.segments()) {
    for (const page of (await server.segment(segment_id)).page_list) note(page, page.id, segment_id);
  }
  for (const page of (await server.retrieve(story.title)).short_term_memory) {
    note(page, page.page_id, 'short-term memory');
  }
  const problems = ids.flatMap((id, i) => {
    const found = places.get(id) ?? [];
    const page = story.pages[i];
    if (found.length !== 1)
      return [`page ${i + 1} (${id}) is stored ${found.length} times: ${found.join(', ')}`];
    if (page !== undefined && textOf.get(id) !== textOfPage(page))
      return [`page ${i + 1} (${id}) differs from what was told`];
    return [];
  });
  const told = new Set(ids);
  const strangers = [...places.keys()].filter((id) => !told.has(id));
  if (told.size !== ids.length) problems.push('two pages were given the same id');
  if (strangers.length > 0)
    problems.push(`${strangers.length} pages are stored that are not part of the story`);
  return { told: ids.length, stored: places.size, problems };
}

function textOfPage(page: { user_input: string; agent_response: string }): string {
  return `${page.user_input}\n${page.agent_response}`;
}
