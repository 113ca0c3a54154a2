import type { JsonObject } from '../../model/json.js';
import { jsonObjectSchema } from '../../model/page.js';
import { isRecord } from './files.js';
import { withoutVectors } from './knowledge.js';
import { isNoText, leaveOut, type PythonNotes } from './report.js';
import type { PythonTimes } from './times.js';

/** One exchange of the Python memory, all copies of it together. */
export interface PythonPage {
  /** Tells it from every other one, and is the same in every copy. */
  readonly key: string;
  readonly userInput: string;
  readonly agentResponse: string;
  readonly ms: number;
  readonly metaData: JsonObject;
  /** Of the copies, in the order they were found. */
  readonly pythonIds: string[];
  readonly neighbours: string[];
  metaInfo: string;
  /** Whether every copy was marked so. */
  analysed: boolean;
  /** Sessions it is copied into, in their order. */
  readonly sessions: number[];
}

const knownKeys = new Set([
  'page_id',
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

/** Gathers pages from lists, and merges the copies of one. */
export interface PageGathering {
  /** In the order they were first found. */
  readonly pages: ReadonlyMap<string, PythonPage>;
  /** `session`: null for short-term memory. `fallbackMs`: for pages without a time, when the one before has none. */
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
        `${where}: no time can be read from ${JSON.stringify(value.timestamp ?? null)}; ${used} is used.`,
      );
    }
    const page: PythonPage = {
      key,
      userInput: userInput.toWellFormed(),
      agentResponse: agentResponse.toWellFormed(),
      ms: ms ?? fallbackMs,
      metaData: metaDataOf(value, ms === null, where, notes),
      pythonIds: [],
      neighbours: [],
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
  page.neighbours.push(...texts([copy.pre_page, copy.next_page]));
  // Only the first copy's summary is kept up to date by the Python server.
  const [metaInfo = ''] = texts([copy.meta_info]);
  if (isNoText(metaInfo)) {
    if (/^error/i.test(metaInfo)) leaveOut(notes, `${where} meta_info`, 'is an error message', metaInfo);
  } else if (page.metaInfo === '') {
    page.metaInfo = metaInfo.toWellFormed();
  }
  if (copy.analyzed !== true) page.analysed = false;
  if (session !== null && !page.sessions.includes(session)) page.sessions.push(session);
}

/** What the Python server does not know itself: additions of those who changed it. */
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
