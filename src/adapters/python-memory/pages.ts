import type { JsonObject } from '../../model/json.js';
import { jsonObjectSchema } from '../../model/page.js';
import { isRecord } from './files.js';
import { withoutVectors } from './knowledge.js';
import { isNoText, leaveOut, type PythonNotes } from './report.js';
import type { PythonTimes } from './times.js';

/** One exchange of the Python memory, with all its copies. */
export interface PythonPage {
  /** Identifies the exchange; the same in every copy. */
  readonly key: string;
  readonly userInput: string;
  readonly agentResponse: string;
  readonly ms: number;
  readonly metaData: JsonObject;
  /** Ids of the copies, in the order they were found. */
  readonly pythonIds: string[];
  /** Ids of the pages before and after it in its dialogue chain. */
  readonly before: string[];
  readonly after: string[];
  metaInfo: string;
  /** Whether every copy was marked as analysed. */
  analysed: boolean;
  /** The sessions it was copied into, in order. */
  readonly sessions: number[];
}

const knownKeys = new Set([
  'page_id',
  'user_id',
  'user_input',
  'agent_response',
  'timestamp',
  'preloaded',
  'analyzed',
  'pre_page',
  'next_page',
  'meta_info',
  'page_embedding',
  'page_keywords',
]);

/** Collects pages from lists and merges copies. */
export interface PageGathering {
  /** In the order they were first found. */
  readonly pages: ReadonlyMap<string, PythonPage>;
  /**
   * `session`: null for short-term memory. `fallbackMs`: for pages without a time when the preceding page has
   * none either.
   */
  take(list: unknown, where: string, session: number | null, fallbackMs: number): void;
}

export function gatherPages(times: PythonTimes, notes: PythonNotes): PageGathering {
  const pages = new Map<string, PythonPage>();

  const takeOne = (value: unknown, where: string, session: number | null, fallbackMs: number): number => {
    const userInput = isRecord(value) ? (value.user_input ?? '') : undefined;
    const agentResponse = isRecord(value) ? (value.agent_response ?? '') : undefined;
    if (!isRecord(value) || typeof userInput !== 'string' || typeof agentResponse !== 'string') {
      leaveOut(notes, where, 'is not an exchange of texts', withoutVectors(value));
      return fallbackMs;
    }
    if (userInput.trim() === '' && agentResponse.trim() === '') {
      leaveOut(notes, where, 'both sides are empty', withoutVectors(value));
      return fallbackMs;
    }
    const ms = times(value.timestamp);
    const key = JSON.stringify([value.timestamp ?? null, userInput, agentResponse]);
    const known = pages.get(key);
    if (known !== undefined) {
      merge(known, value, session, where, notes);
      notes.copiesMerged += 1;
      return known.ms;
    }
    if (ms === null) {
      const used = new Date(fallbackMs).toISOString();
      notes.notes.push(
        `${where}: no time was found in ${JSON.stringify(value.timestamp ?? null)}; ${used} is used.`,
      );
    }
    const page: PythonPage = {
      key,
      userInput: userInput.toWellFormed(),
      agentResponse: agentResponse.toWellFormed(),
      ms: ms ?? fallbackMs,
      metaData: metaDataOf(value, ms === null, where, notes),
      pythonIds: [],
      before: [],
      after: [],
      metaInfo: '',
      analysed: true,
      sessions: [],
    };
    pages.set(key, page);
    merge(page, value, session, where, notes);
    return page.ms;
  };

  return {
    pages,
    take(list, where, session, fallbackMs) {
      if (list === undefined || list === null) return;
      if (!Array.isArray(list)) {
        leaveOut(notes, where, 'is not a list', withoutVectors(list));
        return;
      }
      let before = fallbackMs;
      list.forEach((value: unknown, index) => {
        before = takeOne(value, `${where}[${index}]`, session, before);
      });
    },
  };
}

function merge(
  page: PythonPage,
  copy: Record<string, unknown>,
  session: number | null,
  where: string,
  notes: PythonNotes,
): void {
  const texts = (values: readonly unknown[]) =>
    values.filter((value): value is string => typeof value === 'string' && value !== '');
  page.pythonIds.push(...texts([copy.page_id]));
  page.before.push(...texts([copy.pre_page]));
  page.after.push(...texts([copy.next_page]));
  // The Python server keeps only the first copy's summary up to date.
  const [metaInfo = ''] = texts([copy.meta_info]);
  if (isNoText(metaInfo)) {
    if (/^error/i.test(metaInfo)) leaveOut(notes, `${where} meta_info`, 'is an error message', metaInfo);
  } else if (page.metaInfo === '') {
    page.metaInfo = metaInfo.toWellFormed();
  }
  if (copy.analyzed !== true) page.analysed = false;
  if (session !== null && !page.sessions.includes(session)) page.sessions.push(session);
}

/** Properties that the Python server does not define; users added them. */
function metaDataOf(
  value: Record<string, unknown>,
  withTime: boolean,
  where: string,
  notes: PythonNotes,
): JsonObject {
  const own = isRecord(value.meta_data) ? value.meta_data : {};
  const others = Object.entries(value).filter(([key]) => !knownKeys.has(key) && key !== 'meta_data');
  const time = withTime && value.timestamp !== undefined ? { python_timestamp: value.timestamp } : {};
  const all = { ...own, ...Object.fromEntries(others), ...time };
  const parsed = jsonObjectSchema.safeParse(all);
  if (parsed.success) return parsed.data;
  leaveOut(notes, where, 'the additional fields are not JSON values', all);
  return {};
}

/** Pages by time. Pages of the same time are in the order of their chain, otherwise in the order found. */
export function inOrderOfTime(pages: Iterable<PythonPage>): PythonPage[] {
  const found = [...pages].sort((a, b) => a.ms - b.ms);
  const earlier = predecessorsOf(found);
  const ordered = new Set<PythonPage>();
  for (const page of found) placeAfterEarlier(page, earlier, ordered);
  return [...ordered];
}

/** For each page, the pages of the same time that precede it in its chain. */
function predecessorsOf(pages: readonly PythonPage[]): ReadonlyMap<PythonPage, readonly PythonPage[]> {
  const byPythonId = new Map(pages.flatMap((page) => page.pythonIds.map((id) => [id, page] as const)));
  const earlier = new Map<PythonPage, PythonPage[]>(pages.map((page) => [page, []]));
  const link = (first: PythonPage | undefined, second: PythonPage | undefined) => {
    if (first !== undefined && second !== undefined && first.ms === second.ms)
      earlier.get(second)?.push(first);
  };
  for (const page of pages) {
    for (const id of page.before) link(byPythonId.get(id), page);
    for (const id of page.after) link(page, byPythonId.get(id));
  }
  return earlier;
}

/** Depth-first without recursion, because chains may be long. Circular links are followed once. */
function placeAfterEarlier(
  page: PythonPage,
  earlier: ReadonlyMap<PythonPage, readonly PythonPage[]>,
  ordered: Set<PythonPage>,
): void {
  const open = new Set<PythonPage>();
  for (const waiting = [page]; ; ) {
    const next = waiting.at(-1);
    if (next === undefined) return;
    const first = (earlier.get(next) ?? []).filter((one) => !ordered.has(one) && !open.has(one));
    if (ordered.has(next) || open.has(next) || first.length === 0) {
      waiting.pop();
      ordered.add(next);
    } else waiting.push(...first);
    open.add(next);
  }
}
