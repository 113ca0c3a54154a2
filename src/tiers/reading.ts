import { MemoryError } from '../model/errors.js';
import type { AssistantId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import { isForgottenStatement } from '../model/tombstones.js';
import { findPage, type UserState } from '../model/user-state.js';
import type { FactDraft, PageReader, Reading } from '../ports/analyser.js';
import { planFacts } from './knowledge.js';

/** Pages that one job reads together: some 50 ms of work. */
const pagesPerReadingMax = 16;
const contextPagesMax = 6;

/** Read, not yet written. */
export interface ReadingPlan {
  readonly pages: readonly Page[];
  readonly reading: Reading;
}

/** The pages that the built-in reader reads next, oldest first; null where every page was read. */
export function nextUnread(state: UserState): readonly [Page, ...Page[]] | null {
  const [first, ...rest] = unreadPages(state);
  return first === undefined ? null : [first, ...rest];
}

function unreadPages(state: UserState): Page[] {
  const found: Page[] = [];
  for (const { pages, unread } of state.segments.values()) {
    if (unread === 0) continue;
    for (const page of pages) {
      if (page.read) continue;
      found.push(page);
      if (found.length >= pagesPerReadingMax) return found;
    }
  }
  for (const page of state.shortTerm) {
    if (found.length >= pagesPerReadingMax) break;
    if (!page.read) found.push(page);
  }
  return found;
}

/** The slow half: what the pages tell by themselves, whatever their topic. Nothing is written. Throws what the reader throws. */
export async function planReading(
  state: UserState,
  pages: readonly [Page, ...Page[]],
  reader: PageReader,
  signal: AbortSignal,
): Promise<ReadingPlan> {
  const assistants = [...new Set(pages.map((page) => page.assistant_id))];
  const relatedFacts = [null, ...assistants].flatMap((owner) =>
    knownFacts(state, owner).filter((fact) => fact.superseded_by === null),
  );
  const reading = await reader.readPages(
    { pages, before: pagesBefore(state, pages[0]), relatedFacts },
    signal,
  );
  return { pages, reading };
}

/** What was said just before, where it still is in short-term memory. */
function pagesBefore(state: UserState, first: Page): readonly Page[] {
  const at = state.shortTerm.findIndex((page) => page.id === first.id);
  return state.shortTerm.slice(Math.max(0, at - contextPagesMax), Math.max(0, at));
}

/** The quick half, inside a transaction. Throws CONFLICT when a page has gone or was read meanwhile. */
export function commitReading(
  state: UserState,
  { pages, reading }: ReadingPlan,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  if (!pages.every((page) => findPage(state, page.id)?.read === false)) {
    throw new MemoryError('CONFLICT', 'Pages changed while they were read; they are read again.');
  }
  const context = {
    // Sameness of meaning is for the analysis of a segment: reading asks no embedder.
    vectorOf: () => undefined,
    capacityFacts,
    nowMs,
    analysedBy: reading.analysed_by,
    isForgotten: (draft: FactDraft) => isForgottenStatement(state.tombstones, draft.knowledge, draft.told_at),
  };
  const owners = [...new Set(reading.facts.map((fact) => fact.assistant_id))];
  return [
    ...owners.flatMap((owner) => {
      const drafts = reading.facts.filter((fact) => fact.assistant_id === owner);
      return planFacts(knownFacts(state, owner), drafts, context);
    }),
    { op: 'pages_read', page_ids: pages.map((page) => page.id) },
  ];
}

function knownFacts(state: UserState, owner: AssistantId | null): readonly Fact[] {
  return owner === null ? state.userKnowledge : (state.assistantKnowledge.get(owner) ?? []);
}
