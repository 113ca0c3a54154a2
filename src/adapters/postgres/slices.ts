import { escapeLiteral } from 'pg';
import type { LoggedChange } from '../../model/change-log.js';
import type { ChainId, PageId, SegmentId } from '../../model/ids.js';
import type { Fact, Owner } from '../../model/knowledge.js';
import type { AnalysisTrouble, Loss } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import { type Trait, traitKey } from '../../model/profile.js';
import { purgeJob } from '../../model/purge.js';
import type { SegmentHead, SegmentOutline } from '../../model/segment.js';
import type {
  Answer,
  ArchiveEntry,
  Need,
  PageTarget,
  PlacedPage,
  Slices,
  TimelineNeed,
  WholeSegment,
} from '../../ports/store.js';

/** A slice: an SQL expression that returns JSON as text, and a function that parses it. */
interface Cut<T> {
  readonly sql: string;
  decode(json: never): T;
}

type Wanted = { readonly [K in keyof Need]-?: NonNullable<Need[K]> };
type Cuts = { readonly [K in keyof Wanted]: (user: string, wanted: Wanted[K]) => Cut<Slices[K]> };

/**
 * One statement for all slices of a need, and a function that makes the answer from its row. `user`: as an
 * SQL literal.
 */
export function slicesOf<N extends Need>(
  user: string,
  need: N,
): { readonly sql: string; decode(row: Readonly<Record<string, string | null>>): Answer<N> } {
  const chosen = (Object.keys(need) as (keyof Need)[]).flatMap((name) => {
    const wanted = need[name];
    return wanted === undefined ? [] : [[name, cut(name, user, wanted)] as const];
  });
  return {
    sql: `select ${['version', ...chosen.map(([name, { sql }]) => `(${sql})::text as "${name}"`)].join(', ')} from memories where user_id = ${user}`,
    decode(row) {
      const slices: Partial<Record<keyof Slices, unknown>> = {};
      for (const [name, { decode }] of chosen)
        slices[name] = decode(JSON.parse(row[name] ?? 'null') as never);
      return slices as Answer<N>;
    },
  };
}

function cut<K extends keyof Wanted>(name: K, user: string, wanted: Wanted[K]): Cut<Slices[K]> {
  return cuts[name](user, wanted);
}

export interface PageRow {
  readonly page: Page;
  readonly chain_id: ChainId | null;
  readonly meta_info: string;
  readonly analysed: boolean;
  readonly read: boolean;
  readonly noted: boolean;
  readonly segment_id: SegmentId | null;
}

interface HeadRow {
  readonly head: SegmentHead;
  readonly n_visit: number;
  readonly last_visit_at: string;
  readonly pages: number;
  readonly unanalysed: number;
  readonly unread: number;
  readonly characters: number;
  readonly first_at: string | null;
  readonly last_at: string | null;
}

interface SegmentRow {
  readonly segment: HeadRow;
  readonly pages: readonly PageRow[];
}

/** In the format of `page_json`. */
export function pageOf({ page, chain_id, meta_info, analysed, read, noted }: PageRow): Page {
  return { ...page, chain_id, meta_info, analysed, read, ...(noted ? { noted } : {}) };
}

function placedOf(row: PageRow): PlacedPage {
  return { page: pageOf(row), segmentId: row.segment_id };
}

/** In the format of `head_json`. */
function headOf({ head, n_visit, last_visit_at }: HeadRow): SegmentHead {
  return { ...head, n_visit, last_visit_at };
}

function outlineOf(row: HeadRow): SegmentOutline {
  const { pages, unanalysed, unread, characters, first_at: firstAt, last_at: lastAt } = row;
  return { head: headOf(row), size: pages, unanalysed, unread, characters, firstAt, lastAt };
}

function wholeOf({ segment, pages }: SegmentRow): WholeSegment {
  return { head: headOf(segment), pages: pages.map(pageOf) };
}

/** Parses a stored entry of the archive. */
export function entryOf(json: string): ArchiveEntry {
  const row = JSON.parse(json) as { kind: 'fact'; fact: Fact } | ({ kind: 'segment' } & SegmentRow);
  return row.kind === 'fact' ? row : { kind: 'segment', ...wholeOf(row) };
}

/** The inverse of `entryOf`. */
export function entryJson(entry: ArchiveEntry): string {
  if (entry.kind === 'fact') return JSON.stringify(entry);
  const { n_visit, last_visit_at } = entry.head;
  const segment = { head: entry.head, n_visit, last_visit_at };
  const pages = entry.pages.map((page): PageRow => {
    const { chain_id, meta_info, analysed, read } = page;
    return {
      page,
      chain_id,
      meta_info,
      analysed,
      read,
      noted: page.noted === true,
      segment_id: entry.head.id,
    };
  });
  return JSON.stringify({ kind: 'segment', segment, pages });
}

/** Replaces characters that PostgreSQL cannot store. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

export const literal = (text: string) => escapeLiteral(plainText(text));
export const listOf = (texts: Iterable<string>) => `array[${[...texts].map(literal).join(',')}]::text[]`;
export const whole = (value: number) => String(Math.trunc(value));

/** Segments in the order they were opened, then short-term memory. */
const inOrder = 's.place nulls last, p.place';

function pagesSql(user: string, where: string, order: string, most?: number): string {
  const limit = most === undefined ? '' : ` limit ${whole(most)}`;
  return `select '[' || coalesce(string_agg(x.json, ',' order by x.n), '') || ']' from (select page_json(p) as json, row_number() over (order by ${order}) as n from pages p left join segments s on s.user_id = p.user_id and s.id = p.segment_id where p.user_id = ${user} and ${where} order by ${order}${limit}) x`;
}

function rowsSql(json: string, from: string, order: string): string {
  return `select '[' || coalesce(string_agg(${json}, ',' order by ${order}), '') || ']' from ${from}`;
}

function segmentsSql(user: string, where: string): string {
  const pages = `select string_agg(page_json(p), ',' order by p.place) from pages p where p.user_id = s.user_id and p.segment_id = s.id`;
  const json = `'{"segment":' || head_json(s) || ',"pages":[' || coalesce((${pages}), '') || ']}'`;
  return rowsSql(json, `segments s where s.user_id = ${user} and ${where}`, 's.place');
}

const pageList = (sql: string): Cut<Page[]> => ({ sql, decode: (rows: PageRow[]) => rows.map(pageOf) });
const latestFirst = (sql: string): Cut<Page[]> => ({
  sql,
  decode: (rows: PageRow[]) => rows.map(pageOf).reverse(),
});
const placedList = (sql: string): Cut<PlacedPage[]> => ({
  sql,
  decode: (rows: PageRow[]) => rows.map(placedOf),
});

const isTarget = (target: PageTarget, page: string) =>
  target.kind === 'pages'
    ? `${page}.id = any (${listOf(target.ids)})`
    : `${page}.at_ms < ${whole(target.ms)}`;

const cuts: Cuts = {
  counts: (user) => ({
    sql: `select json_build_object(
      'shortTerm', (select count(*) from pages p where p.user_id = m.user_id and p.segment_id is null),
      'segments', (select count(*) from segments s where s.user_id = m.user_id),
      'midTerm', (select coalesce(sum(s.pages), 0) from segments s where s.user_id = m.user_id),
      'unanalysed', (select coalesce(sum(s.unanalysed), 0) from segments s where s.user_id = m.user_id)
        + (select count(*) from pages p where p.user_id = m.user_id and p.segment_id is null and not p.analysed),
      'unread', (select count(*) from pages p where p.user_id = m.user_id and not p.read),
      'traits', (select count(*) from traits t where t.user_id = m.user_id),
      'facts', (select count(*) from facts f where f.user_id = m.user_id),
      'archivedSegments', m.archived_segments,
      'archivedPages', m.archived_pages,
      'seq', m.version) from memories m where m.user_id = ${user}`,
    decode: (counts: Slices['counts']) => counts,
  }),
  pages: (user, ids) => ({
    sql: pagesSql(user, `p.id = any (${listOf(ids)})`, 'p.place'),
    decode: (rows: PageRow[]) => {
      const found = new Map(rows.map((row) => [row.page.id, placedOf(row)]));
      return new Map(
        ids.flatMap((id): [PageId, PlacedPage][] => {
          const placed = found.get(id);
          return placed === undefined ? [] : [[id, placed]];
        }),
      );
    },
  }),
  around: (user, spans) => {
    const within = spans.map(
      ({ fromMs, untilMs }) =>
        `p.at_ms between ${whole(Math.ceil(fromMs))} and ${whole(Math.floor(untilMs))}`,
    );
    const order =
      'p.segment_id is not null, s.place, case when p.segment_id is null then p.place else -p.place end';
    return pageList(pagesSql(user, within.length === 0 ? 'false' : `(${within.join(' or ')})`, order));
  },
  oldest: (user, most) => pageList(pagesSql(user, 'p.segment_id is null', 'p.place', most)),
  newest: (user, most) => latestFirst(pagesSql(user, 'p.segment_id is null', 'p.place desc', most)),
  before: (user, { pageId, most, characters }) => {
    const moment = `select o.at_ms, o.id from pages o where o.user_id = ${user} and o.id = ${literal(pageId)}`;
    const near = `select n.id, sum(n.characters) over (order by n.at_ms desc, n.id desc) as reach from (select q.id, q.at_ms, q.characters from pages q where q.user_id = ${user} and (q.at_ms, q.id) < (${moment}) order by q.at_ms desc, q.id desc limit ${whole(most)}) n`;
    const where = `p.id in (select r.id from (${near}) r where r.reach <= ${whole(characters)})`;
    return latestFirst(pagesSql(user, where, 'p.at_ms desc, p.id desc'));
  },
  unread: (user, most) => pageList(pagesSql(user, 'not p.read', inOrder, most)),
  waiting: (user, wanted) =>
    placedList(
      pagesSql(user, wanted === 'notNoted' ? '(not p.analysed or not p.noted)' : 'not p.analysed', inOrder),
    ),
  lastMigrated: (user) => ({
    sql: `select '{"id":' || coalesce(to_json(m.last_migrated)::text, 'null') || ',"page":' || coalesce((select page_json(p) from pages p where p.user_id = m.user_id and p.id = m.last_migrated), 'null') || '}' from memories m where m.user_id = ${user}`,
    decode: ({ id, page }: { id: PageId | null; page: PageRow | null }) => ({
      id,
      page: page === null ? null : pageOf(page),
    }),
  }),
  heads: (user, wanted) => ({
    sql: rowsSql(
      'head_json(s)',
      `segments s where s.user_id = ${user} and ${wantedHeads(wanted)}`,
      's.place',
    ),
    decode: (rows: HeadRow[]) => new Map(rows.map((row) => [row.head.id, outlineOf(row)])),
  }),
  segments: (user, ids) => ({
    sql: segmentsSql(user, `s.id = any (${listOf(ids)})`),
    decode: (rows: SegmentRow[]) => new Map(rows.map((row) => [row.segment.head.id, wholeOf(row)])),
  }),
  touched: (user, { target, chains }) => {
    const broken = `select q.chain_id from pages q where q.user_id = ${user} and q.segment_id is not null and q.chain_id is not null and ${isTarget(target, 'q')} union select unnest(${listOf(chains)})`;
    const holds = `exists (select from pages p where p.user_id = s.user_id and p.segment_id = s.id and (${isTarget(target, 'p')} or p.chain_id in (${broken})))`;
    const shortTerm = pagesSql(user, `p.segment_id is null and ${isTarget(target, 'p')}`, 'p.place');
    return {
      sql: `select '{"segments":' || (${segmentsSql(user, holds)}) || ',"shortTerm":' || (${shortTerm}) || '}'`,
      decode: (row: { segments: SegmentRow[]; shortTerm: PageRow[] }) => ({
        segments: row.segments.map(wholeOf),
        shortTerm: row.shortTerm.map(pageOf),
      }),
    };
  },
  facts: (user, owners) => ({
    sql: rowsSql(
      'f.fact',
      `facts f where f.user_id = ${user}${owners === 'all' ? '' : ` and f.owner = any (${listOf(owners.map(ownerKey))})`}`,
      'f.place',
    ),
    decode: (facts: Fact[]) => {
      const known = new Map<Owner, Fact[]>(owners === 'all' ? [] : owners.map((owner) => [owner, []]));
      for (const fact of facts) {
        const list = known.get(fact.assistant_id);
        if (list === undefined) known.set(fact.assistant_id, [fact]);
        else list.push(fact);
      }
      return known;
    },
  }),
  profile: (user) => ({
    sql: rowsSql('t.trait', `traits t where t.user_id = ${user}`, 't.place'),
    decode: (traits: Trait[]) => new Map(traits.map((trait) => [traitKey(trait), trait])),
  }),
  troubles: (user) => ({
    sql: rowsSql(
      't.trouble',
      `troubles t where t.user_id = ${user} and t.job <> ${literal(purgeJob)}`,
      't.place',
    ),
    decode: (troubles: AnalysisTrouble[]) => new Map(troubles.map((trouble) => [trouble.job, trouble])),
  }),
  purging: (user) => ({
    sql: `select exists (select from troubles t where t.user_id = ${user} and t.job = ${literal(purgeJob)})`,
    decode: (isPurging: boolean) => isPurging,
  }),
  tombstones: (user) => ({
    sql: rowsSql(
      'json_build_array(t.key, t.hash, t.until)::text',
      `tombstones t where t.user_id = ${user}`,
      't.place, t.hash',
    ),
    decode: (rows: [string, string, string | null][]) => {
      const tombstones = new Map<string, Map<string, string | null>>();
      for (const [key, hash, until] of rows) {
        const hashes = tombstones.get(key) ?? new Map<string, string | null>();
        tombstones.set(key, hashes.set(hash, until));
      }
      return tombstones;
    },
  }),
  changes: (user) => ({
    sql: `select coalesce((select c.log from changes c where c.user_id = ${user}), '[]')`,
    decode: (changes: LoggedChange[]) => changes,
  }),
  losses: (user) => ({
    sql: rowsSql('l.loss', `losses l where l.user_id = ${user}`, 'l.place'),
    decode: (losses: Loss[]) => losses,
  }),
  timeline: (user, wanted) => timelineCut(user, wanted),
  days: (user, most) => ({
    sql: `select coalesce(json_agg(json_build_array(d.day, d.pages) order by d.day desc), '[]') from (select left(p.said_at, 10) as day, count(*) as pages from pages p where p.user_id = ${user} group by 1 order by 1 desc limit ${whole(most)}) d`,
    decode: (days: [string, number][]) => new Map(days),
  }),
  pageIds: (user, wanted) => ({
    sql: `select coalesce(json_agg(p.id), '[]') from pages p where p.user_id = ${user}${wanted === 'all' ? '' : ` and p.id = any (${listOf(wanted)})`}`,
    decode: (ids: PageId[]) => new Set(ids),
  }),
  everyPage: (user) => placedList(pagesSql(user, 'true', inOrder)),
};

function wantedHeads(wanted: Wanted['heads']): string {
  if (wanted === 'all') return 'true';
  if (!('least' in wanted)) return `s.id = any (${listOf(wanted)})`;
  const { perVisit, perUnanalysed, base, least } = wanted;
  return `s.unanalysed > 0 and ${perVisit}::float8 * s.n_visit + ${perUnanalysed}::float8 * s.unanalysed + ${base}::float8 >= ${least}::float8`;
}

function timelineCut(user: string, wanted: TimelineNeed): Cut<Slices['timeline']> {
  const { text, side, project, sinceMs, untilMs, segmentId, after, limit } = wanted;
  const said = (column: string) =>
    text === '' ? `${column} <> ''` : `strpos(${column}, ${literal(text)}) > 0`;
  const sides = [
    ...(side === 'agent' ? [] : [said('p.user_lower')]),
    ...(side === 'user' ? [] : [said('p.agent_lower')]),
  ];
  const fits = [
    'true',
    ...(Number.isFinite(sinceMs) ? [`p.at_ms >= ${whole(Math.ceil(sinceMs))}`] : []),
    ...(Number.isFinite(untilMs) ? [`p.at_ms < ${whole(Math.ceil(untilMs))}`] : []),
    ...(segmentId === undefined ? [] : [`p.segment_id = ${literal(segmentId)}`]),
    ...(text === '' && side === undefined ? [] : [`(${sides.join(' or ')})`]),
    ...(project === undefined
      ? []
      : [
          `json_typeof(p.page::json #> '{meta_data,project}') = 'string'`,
          `p.page::json #>> '{meta_data,project}' = ${literal(project)}`,
        ]),
  ].join(' and ');
  const list = `pages p where p.user_id = ${user} and ${fits}`;
  const start = after === undefined ? null : `select p.at_ms, p.id from ${list} and p.id = ${literal(after)}`;
  const rest = start === null ? fits : `${fits} and (p.at_ms, p.id) < (${start})`;
  const shown = pagesSql(user, rest, 'p.at_ms desc, p.id desc', limit + 1);
  return {
    sql: `select '{"isHere":' || ${start === null ? 'true' : `exists (${start})`} || ',"total":' || (select count(*) from ${list}) || ',"rows":' || (${shown}) || '}'`,
    decode: ({ isHere, total, rows }: { isHere: boolean; total: number; rows: PageRow[] }) =>
      isHere ? { exchanges: rows.slice(0, limit).map(placedOf), total, more: rows.length > limit } : null,
  };
}

/** The stored form of a fact's owner. */
export function ownerKey(owner: Owner): string {
  return owner === null ? '' : plainText(owner);
}
