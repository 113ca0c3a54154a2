import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssistantId, type ChainId, type PageId, toAssistantId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import type { Trait } from '../../model/profile.js';
import type { TransferRecord } from '../../model/transfer.js';
import { findPythonFiles, isRecord, type PythonFiles, readPythonJson } from './files.js';
import { chainIdOf, pageIdOf } from './ids.js';
import { factsFrom } from './knowledge.js';
import { longTermName, midTermName, shortTermName } from './layout.js';
import { gatherPages, type PythonPage } from './pages.js';
import { traitsFrom } from './profile.js';
import { leaveOut, type PythonNotes, type PythonReport } from './report.js';
import { type PythonSession, segmentsOf, sessionOf, sessionsFrom, topicWords } from './sessions.js';
import { type PythonTimes, pythonTimes } from './times.js';

export interface PythonMemoryOptions {
  /** Where `assistants` is, when the user's folder no longer lies beside it. */
  readonly dataFolder?: string | undefined;
  /** Of the data folder; needed when it holds several. */
  readonly user?: string | undefined;
  /** Whom the pages were talked to with. */
  readonly assistantId: AssistantId;
  /** Of times without one: `UTC`, an offset, or a name. */
  readonly zone: string;
  /** Pages the Python server marked as analysed are taken as such; else all are analysed here. */
  readonly keepAnalysed: boolean;
  /** Also the knowledge of assistants several users share. */
  readonly sharedAssistants: boolean;
}

export interface PythonMemory {
  readonly user: string;
  readonly lastMigrated: PageId | null;
  readonly records: readonly TransferRecord[];
  readonly report: PythonReport;
}

/**
 * Reads the memory of one user of the Python MemoryOS, each page once. Nothing is changed. Throws NOT_FOUND and
 * INPUT_INVALID when there is none or it is unclear which; what is damaged in it is in the report.
 */
export async function readPythonMemory(folder: string, options: PythonMemoryOptions): Promise<PythonMemory> {
  const times = pythonTimes(options.zone);
  const files = await findPythonFiles(folder, options.user, options.dataFolder);
  const notes: PythonNotes = { copiesMerged: 0, notes: [], notTaken: [] };
  const path = (name: string) => join(files.folder, name);

  const midTermMs = await modifiedMs(path(midTermName));
  const midTerm = await readPythonJson(path(midTermName), notes);
  const sessions = sessionsFrom(midTerm, midTermName, midTermMs, times, notes);
  const gathering = gatherPages(times, notes);
  sessions.forEach((session, index) => {
    gathering.take(session.details, `${midTermName} session ${session.id}, details`, index, session.ms);
  });
  const shortTerm = await readPythonJson(path(shortTermName), notes);
  gathering.take(shortTerm, shortTermName, null, await modifiedMs(path(shortTermName)));
  const pages = [...gathering.pages.values()];
  const placed = place(pages, sessions, notes);
  const toPage = pageMaker(pages, options);
  const longTerm = await readLongTerm(files, options, times, notes);
  if (!options.keepAnalysed && pages.some((page) => page.analysed)) {
    notes.notes.push(
      'Pages the Python server had analysed are analysed anew, since it marks them so also when that failed.',
    );
  }
  const segments = placed.segments.map(({ head, pages: own }) => ({ head, pages: own.map(toPage) }));
  return {
    user: files.user,
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

/** Each page in one segment, or in short-term memory. */
function place(pages: readonly PythonPage[], sessions: readonly PythonSession[], notes: PythonNotes) {
  const wordsOf = sessions.map(topicWords);
  const bySession = sessions.map((): PythonPage[] => []);
  const shortTerm: PythonPage[] = [];
  for (const page of pages) {
    const index = sessionOf(page, wordsOf);
    if (index === null) shortTerm.push(page);
    else bySession[index]?.push(page);
  }
  const segments = sessions.flatMap((session, index) => {
    const own = bySession[index] ?? [];
    if (own.length === 0) {
      const where = `${midTermName} session ${session.id}`;
      const any = pages.some((page) => page.sessions.includes(index));
      const reason = any ? 'each of its pages fits another session better' : 'holds no page';
      leaveOut(notes, where, reason, session.summary);
    }
    return segmentsOf(session, own);
  });
  return { segments, shortTerm };
}

/** Gives pages ids that sort as they came, and the dialogue chains that `pre_page` and `next_page` form. */
function pageMaker(pages: readonly PythonPage[], options: PythonMemoryOptions): (page: PythonPage) => Page {
  const ordered = [...pages].sort((a, b) => a.ms - b.ms);
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
    for (const id of page.neighbours) {
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

async function readLongTerm(
  files: PythonFiles,
  options: PythonMemoryOptions,
  times: PythonTimes,
  notes: PythonNotes,
): Promise<{ traits: Trait[]; facts: Fact[] }> {
  const path = join(files.folder, longTermName);
  const fallbackMs = await modifiedMs(path);
  const value = await readPythonJson(path, notes);
  const own = isRecord(value) ? value : {};
  const knowledge = (where: string, entries: unknown, assistantId: AssistantId | null) =>
    factsFrom({ where, entries, assistantId, fallbackMs }, times, notes);
  const facts = [
    ...knowledge(`${longTermName} knowledge_base`, own.knowledge_base, null),
    ...knowledge(`${longTermName} assistant_knowledge`, own.assistant_knowledge, options.assistantId),
  ];
  for (const { id, file } of files.assistants) {
    const found = await readPythonJson(file, notes);
    if (!isRecord(found)) continue;
    const where = `assistants/${id} assistant_knowledge`;
    if (files.users > 1 && !options.sharedAssistants) {
      const list = Array.isArray(found.assistant_knowledge) ? found.assistant_knowledge : [];
      if (list.length > 0) {
        leaveOut(
          notes,
          where,
          `is shared by ${files.users} users, so it may tell of others`,
          `${list.length} entries`,
        );
      }
      continue;
    }
    facts.push(...knowledge(where, found.assistant_knowledge, assistantIdFrom(id, options)));
  }
  return { traits: traitsIn(own.user_profiles, files.user, fallbackMs, times, notes), facts };
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
  user: string,
  fallbackMs: number,
  times: PythonTimes,
  notes: PythonNotes,
): Trait[] {
  if (!isRecord(profiles)) return [];
  return Object.entries(profiles).flatMap(([of, profile]): Trait[] => {
    const where = `${longTermName} user_profiles ${of}`;
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

/** For what has no time of its own. */
async function modifiedMs(path: string): Promise<number> {
  return stat(path).then(
    (found) => Math.trunc(found.mtimeMs / 1000) * 1000,
    () => 0,
  );
}
