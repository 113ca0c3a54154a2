import { words } from '../../lib/text/words.js';
import type { SegmentHead } from '../../model/segment.js';
import { isRecord } from './files.js';
import { segmentIdOf } from './ids.js';
import type { PythonPage } from './pages.js';
import { isNoText, leaveOut, type PythonNotes } from './report.js';
import type { PythonTimes } from './times.js';

/** The number of pages that a segment takes here. */
const pagesPerSegmentMax = 64;
const themeCharactersMax = 60;

/** A session of the Python mid-term memory. */
export interface PythonSession {
  readonly id: string;
  readonly summary: string;
  readonly keywords: readonly string[];
  readonly ms: number;
  readonly lastVisitMs: number;
  readonly visits: number;
  readonly details: unknown;
}

export function sessionsFrom(
  value: unknown,
  where: string,
  fallbackMs: number,
  times: PythonTimes,
  notes: PythonNotes,
): PythonSession[] {
  if (value === undefined) return [];
  const sessions = isRecord(value) ? value.sessions : undefined;
  if (!isRecord(sessions)) {
    leaveOut(notes, where, 'has no "sessions"', value);
    return [];
  }
  return Object.entries(sessions).flatMap(([id, session]): PythonSession[] => {
    if (!isRecord(session)) {
      leaveOut(notes, `${where} session ${id}`, 'is not an object', session);
      return [];
    }
    const summary = typeof session.summary === 'string' ? session.summary.trim().toWellFormed() : '';
    const noSummary = isNoText(summary);
    if (noSummary)
      leaveOut(notes, `${where} session ${id}, summary`, 'says nothing', session.summary ?? null);
    const ms = times(session.timestamp) ?? fallbackMs;
    return [
      {
        id,
        summary: noSummary ? '' : summary,
        keywords: keywordsOf(session.summary_keywords),
        ms,
        lastVisitMs: times(session.last_visit_time) ?? ms,
        visits: wholeNumber(session.N_visit),
        details: session.details,
      },
    ];
  });
}

function keywordsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [];
  const texts = list.filter((word): word is string => typeof word === 'string' && !isNoText(word));
  return [...new Set(texts.map((word) => word.toWellFormed().trim().toLowerCase()))];
}

const wholeNumber = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.trunc(value)) : 0;

/**
 * Chooses one of the sessions a page was copied into, because the Python server puts every page of a batch
 * into every topic of the batch. The session whose summary and keywords share most words with the page is
 * chosen; the first one among equals.
 */
export function sessionOf(page: PythonPage, wordsOf: readonly ReadonlySet<string>[]): number | null {
  const own = new Set(words(`${page.userInput}\n${page.agentResponse}`));
  let best: number | null = null;
  let bestShare = -1;
  for (const index of page.sessions) {
    const topic = wordsOf[index] ?? new Set();
    const shared = [...topic].filter((word) => own.has(word)).length;
    const share = topic.size === 0 ? 0 : shared / topic.size;
    if (share > bestShare) {
      best = index;
      bestShare = share;
    }
  }
  return best;
}

export function topicWords(session: PythonSession): Set<string> {
  return new Set(words(`${session.summary}\n${session.keywords.join('\n')}`));
}

/** Splits a session into segments of the size a segment has here. */
export function segmentsOf(
  session: PythonSession,
  pages: readonly PythonPage[],
): { head: SegmentHead; pages: PythonPage[] }[] {
  const parts: { head: SegmentHead; pages: PythonPage[] }[] = [];
  for (let from = 0; from < pages.length; from += pagesPerSegmentMax) {
    const part = pages.slice(from, from + pagesPerSegmentMax);
    parts.push({ head: headOf(session, parts.length, part), pages: part });
  }
  return parts;
}

function headOf(session: PythonSession, part: number, pages: readonly PythonPage[]): SegmentHead {
  const opening = pages.map((page) => page.userInput || page.agentResponse).join(' ');
  const summary = session.summary === '' ? opening.slice(0, 300).toWellFormed() : session.summary;
  const theme = session.keywords.slice(0, 3).join(', ') || summary;
  const at = new Date(session.ms).toISOString();
  return {
    id: segmentIdOf(session.ms, session.id, String(part)),
    theme: theme.slice(0, themeCharactersMax).toWellFormed(),
    summary,
    keywords: [...session.keywords],
    created_at: at,
    updated_at: at,
    n_visit: session.visits,
    last_visit_at: new Date(session.lastVisitMs).toISOString(),
    analysed_by: 'python-memoryos',
  };
}
