import type { AssistantId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import { isRecord } from './files.js';
import { factIdOf } from './ids.js';
import { isNoText, leaveOut, type PythonNotes } from './report.js';
import type { PythonTimes } from './times.js';

export interface KnowledgeSource {
  /** File and list, for the report. */
  readonly where: string;
  readonly entries: unknown;
  readonly assistantId: AssistantId | null;
  /** Time for entries that have none. */
  readonly fallbackMs: number;
}

/**
 * Reads the facts of a list. The Python server does not store sources, so the facts have none, and their time
 * is that of their extraction. "None", headings and error messages are skipped and noted.
 */
export function factsFrom(source: KnowledgeSource, times: PythonTimes, notes: PythonNotes): Fact[] {
  const { where, entries, assistantId } = source;
  if (entries === undefined || entries === null) return [];
  if (!Array.isArray(entries)) {
    leaveOut(notes, where, 'is not a list', entries);
    return [];
  }
  const facts = new Map<string, Fact>();
  entries.forEach((entry: unknown, index) => {
    const place = `${where}[${index}]`;
    const text = isRecord(entry) ? entry.knowledge : entry;
    if (typeof text !== 'string') {
      leaveOut(notes, place, 'has no text', withoutVectors(entry));
      return;
    }
    const knowledge = text
      .toWellFormed()
      .trim()
      .replace(/^[-*•]\s+/, '')
      .trim();
    const problem = problemOf(knowledge);
    if (problem !== null) {
      leaveOut(notes, place, problem, text);
      return;
    }
    const ms = times(isRecord(entry) ? entry.timestamp : undefined);
    const at = new Date(ms ?? source.fallbackMs).toISOString();
    const key = knowledge.toLowerCase();
    if (facts.has(key)) {
      notes.copiesMerged += 1;
      return;
    }
    facts.set(key, {
      id: factIdOf(Date.parse(at), assistantId ?? '', knowledge),
      assistant_id: assistantId,
      knowledge,
      timestamp: at,
      page_ids: [],
      recorded_at: at,
      told_at: null,
      quote: null,
      slot: null,
      superseded_by: null,
      analysed_by: 'python-memoryos',
    });
  });
  return [...facts.values()];
}

function problemOf(text: string): string | null {
  if (isNoText(text)) return 'says nothing';
  if (/^【.*】[:：]?$/.test(text) || /^#{1,6}\s/.test(text) || /^\*\*[^*]+\*\*[:：]?$/.test(text)) {
    return 'is a heading';
  }
  if (/^error:/i.test(text)) return 'is an error message';
  return null;
}

export function withoutVectors(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.endsWith('_embedding')));
}
