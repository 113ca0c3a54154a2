import { type AssistantId, type ChainId, type PageId, toAssistantId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import type { Trait } from '../../model/profile.js';
import type { TransferRecord } from '../../model/transfer.js';
import { isRecord } from './files.js';
import { chainIdOf, pageIdOf } from './ids.js';
import { factsFrom } from './knowledge.js';
import { gatherPages, inOrderOfTime, type PythonPage } from './pages.js';
import { traitsFrom } from './profile.js';
import { readPythonFiles } from './read-files.js';
import { leaveOut, type PythonNotes, type PythonReport } from './report.js';
import { type PythonSession, segmentsOf, sessionOf, sessionsFrom, topicWords } from './sessions.js';
import type { PythonSources } from './sources.js';
import { type PythonTimes, pythonTimes } from './times.js';

export interface PythonMemoryOptions {
  /** The folder that contains `assistants`, when the user's folder has been moved. */
  readonly dataFolder?: string | undefined;
  /** A user in the data folder; required when there are several. */
  readonly user?: string | undefined;
  /** The assistant that the pages belong to. */
  readonly assistantId: AssistantId;
  /** Time zone of times without one: `UTC`, an offset, or a name. */
  readonly zone: string;
  /**
   * True: pages that the Python server marked as analysed count as analysed. False: all pages are analysed
   * again.
   */
  readonly keepAnalysed: boolean;
  /** True: also import the knowledge of assistants shared by several users. */
  readonly sharedAssistants: boolean;
}

export interface PythonMemory {
  readonly user: string;
  readonly lastMigrated: PageId | null;
  readonly records: readonly TransferRecord[];
  readonly report: PythonReport;
}

/**
 * Reads the memory of one user of the Python MemoryOS, each page once, without changing it. Throws NOT_FOUND
 * and INPUT_INVALID when there is none or the choice is ambiguous. Damaged parts are listed in the report.
 */
export async function readPythonMemory(folder: string, options: PythonMemoryOptions): Promise<PythonMemory> {
  const times = pythonTimes(options.zone);
  const notes: PythonNotes = { copiesMerged: 0, notes: [], notTaken: [] };
  const found = await readPythonFiles(folder, options, notes);
  const { midTerm, shortTerm } = found;

  const sessions = sessionsFrom(midTerm.value, midTerm.where, midTerm.ms, times, notes);
  const gathering = gatherPages(times, notes);
  sessions.forEach((session, index) => {
    gathering.take(session.details, `${midTerm.where} session ${session.id}, details`, index, session.ms);
  });
  gathering.take(shortTerm.value, shortTerm.where, null, shortTerm.ms);
  const pages = [...gathering.pages.values()];
  const ordered = inOrderOfTime(pages);
  const placed = place(pages, ordered, sessions, midTerm.where, notes);
  const toPage = pageMaker(ordered, options);
  const longTerm = readLongTerm(found, options, times, notes);
  if (!options.keepAnalysed && pages.some((page) => page.analysed)) {
    notes.notes.push(
      'Pages that the Python server had analysed are analysed again, because it also marks them when the analysis failed.',
    );
  }
  const segments = placed.segments.map(({ head, pages: own }) => ({ head, pages: own.map(toPage) }));
  return {
    user: found.user,
    lastMigrated: latest(segments.flatMap((segment) => segment.pages)),
    report: notes,
    records: [
      ...segments.flatMap(({ head, pages: own }): TransferRecord[] => [
        { kind: 'segment', archived: false, segment: head },
        ...own.map((page): TransferRecord => ({ kind: 'page', segment_id: head.id, page })),
      ]),
      ...placed.shortTerm.map((page): TransferRecord => {
        const inShortTerm = { ...toPage(page), chain_id: null, meta_info: '', analysed: false };
        return { kind: 'page', segment_id: null, page: inShortTerm };
      }),
      ...longTerm.traits.map((trait): TransferRecord => ({ kind: 'trait', trait })),
      ...longTerm.facts.map((fact): TransferRecord => ({ kind: 'fact', archived: false, fact })),
    ],
  };
}

/**
 * Puts each page into one segment, in the order of time, or into short-term memory, in the order of the
 * queue.
 */
function place(
  queue: readonly PythonPage[],
  ordered: readonly PythonPage[],
  sessions: readonly PythonSession[],
  midTermName: string,
  notes: PythonNotes,
) {
  const wordsOf = sessions.map(topicWords);
  const bySession = sessions.map((): PythonPage[] => []);
  for (const page of ordered) {
    const index = sessionOf(page, wordsOf);
    if (index !== null) bySession[index]?.push(page);
  }
  const shortTerm = queue.filter((page) => sessionOf(page, wordsOf) === null);
  const segments = sessions.flatMap((session, index) => {
    const own = bySession[index] ?? [];
    if (own.length === 0) {
      const where = `${midTermName} session ${session.id}`;
      const any = queue.some((page) => page.sessions.includes(index));
      const reason = any ? 'each of its pages fits another session better' : 'holds no page';
      leaveOut(notes, where, reason, session.summary);
    }
    return segmentsOf(session, own);
  });
  return { segments, shortTerm };
}

/** Gives pages ids that sort in their order, and the dialogue chains formed by `pre_page` and `next_page`. */
function pageMaker(ordered: readonly PythonPage[], options: PythonMemoryOptions): (page: PythonPage) => Page {
  const ids = new Map<string, PageId>();
  let order = 0;
  ordered.forEach((page, index) => {
    order = ordered[index - 1]?.ms === page.ms ? order + 1 : 0;
    ids.set(page.key, pageIdOf(page.ms, order, page.key));
  });
  const chainOf = chainsOf(ordered);
  return (page) => ({
    id: ids.get(page.key) ?? pageIdOf(page.ms, 0, page.key),
    user_input: page.userInput,
    agent_response: page.agentResponse,
    timestamp: new Date(page.ms).toISOString(),
    meta_data: page.metaData,
    assistant_id: options.assistantId,
    chain_id: chainOf(page),
    meta_info: page.metaInfo,
    analysed: options.keepAnalysed && page.analysed,
    read: false,
  });
}

function chainsOf(ordered: readonly PythonPage[]): (page: PythonPage) => ChainId {
  const byPythonId = new Map(ordered.flatMap((page) => page.pythonIds.map((id) => [id, page] as const)));
  const linked = new Map<PythonPage, PythonPage[]>(ordered.map((page) => [page, []]));
  for (const page of ordered) {
    for (const id of [...page.before, ...page.after]) {
      const other = byPythonId.get(id);
      if (other === undefined) continue;
      linked.get(page)?.push(other);
      linked.get(other)?.push(page);
    }
  }
  const chains = new Map<PythonPage, ChainId>();
  for (const first of ordered) {
    if (chains.has(first)) continue;
    const chain = chainIdOf(first.ms, first.key);
    for (const waiting = [first]; waiting.length > 0; ) {
      const page = waiting.pop();
      if (page === undefined || chains.has(page)) continue;
      chains.set(page, chain);
      waiting.push(...(linked.get(page) ?? []));
    }
  }
  return (page) => chains.get(page) ?? chainIdOf(page.ms, page.key);
}

function readLongTerm(
  found: PythonSources,
  options: PythonMemoryOptions,
  times: PythonTimes,
  notes: PythonNotes,
): { traits: Trait[]; facts: Fact[] } {
  const { value, where: name, ms: fallbackMs } = found.longTerm;
  const own = isRecord(value) ? value : {};
  const knowledge = (where: string, entries: unknown, assistantId: AssistantId | null) =>
    factsFrom({ where, entries, assistantId, fallbackMs }, times, notes);
  const facts = [
    ...knowledge(`${name} knowledge_base`, own.knowledge_base, null),
    ...knowledge(`${name} assistant_knowledge`, own.assistant_knowledge, options.assistantId),
  ];
  for (const { id, value: assistant } of found.assistants) {
    if (!isRecord(assistant)) continue;
    const where = `assistants/${id} assistant_knowledge`;
    if (found.users > 1 && !options.sharedAssistants) {
      const list = Array.isArray(assistant.assistant_knowledge) ? assistant.assistant_knowledge : [];
      if (list.length > 0) {
        leaveOut(
          notes,
          where,
          `is shared by ${found.users} users, so it may be about others`,
          `${list.length} entries`,
        );
      }
      continue;
    }
    facts.push(...knowledge(where, assistant.assistant_knowledge, assistantIdFrom(id, options)));
  }
  return { traits: traitsIn(own.user_profiles, name, found.user, fallbackMs, times, notes), facts };
}

function assistantIdFrom(id: string, options: PythonMemoryOptions): AssistantId {
  try {
    return toAssistantId(id);
  } catch {
    return options.assistantId;
  }
}

function traitsIn(
  profiles: unknown,
  name: string,
  user: string,
  fallbackMs: number,
  times: PythonTimes,
  notes: PythonNotes,
): Trait[] {
  if (!isRecord(profiles)) return [];
  return Object.entries(profiles).flatMap(([of, profile]): Trait[] => {
    const where = `${name} user_profiles ${of}`;
    const data = isRecord(profile) ? profile.data : profile;
    if (of !== user && Object.keys(profiles).length > 1) {
      leaveOut(notes, where, 'is the profile of another user', data);
      return [];
    }
    if (typeof data !== 'string') {
      leaveOut(notes, where, 'is not a text', data);
      return [];
    }
    const ms = times(isRecord(profile) ? profile.last_updated : undefined) ?? fallbackMs;
    return traitsFrom(data, new Date(ms).toISOString(), where, notes);
  });
}

function latest(pages: readonly Page[]): PageId | null {
  return pages.reduce<PageId | null>(
    (last, page) => (last === null || page.id > last ? page.id : last),
    null,
  );
}
