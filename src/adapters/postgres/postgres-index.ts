import { distance } from 'fastest-levenshtein';
import type { ChainId, FactId, PageId, SegmentId, UserId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { SegmentHead } from '../../model/segment.js';
import type { TextReading } from '../../ports/meaning-reader.js';
import type {
  CandidateNeed,
  CandidatePage,
  Candidates,
  IndexStatistics,
  MemoryIndex,
  TermCount,
  Unread,
} from '../../ports/memory-index.js';
import type { TimeSpan } from '../../ports/store.js';
import type { Database } from './database.js';
import { listOf, literal, type PageRow, pageOf, whole } from './slices.js';

/**
 * The constants of BM25, as in ranking. PostgreSQL treats plain decimals as exact numbers, which are ten
 * times slower.
 */
const k1 = '1.2::float8';
const b = '0.3::float8';

/** Mean and deviation of the cosines are taken from at most this many of the newest pages. */
const sampledPages = 1024;

interface CandidateRow {
  readonly id: PageId;
  readonly at_ms: number;
  readonly segment_id: SegmentId | null;
  readonly chain_id: ChainId | null;
  readonly project: string | null;
  readonly language: string;
  readonly names_time: boolean;
  readonly user: string[];
  readonly agent: string[];
  readonly beside: string[];
  /** In base64: the output of `vector_send`, and the bytes of the pieces. */
  readonly vector: string | null;
  readonly pieces: string | null;
}

interface CandidatesRow {
  readonly pages: readonly CandidateRow[] | null;
  readonly nearness: {
    readonly mean: number | null;
    readonly deviation: number | null;
  } | null;
  readonly heads: readonly SegmentHead[] | null;
  readonly facts: readonly [FactId, string][] | null;
}

/** Searches the memory of one user in PostgreSQL, with one round trip for each call. */
export class PostgresIndex implements MemoryIndex {
  readonly #database: Database;
  readonly #userId: UserId;
  /** As an SQL literal. */
  readonly #user: string;

  constructor(database: Database, userId: UserId) {
    this.#database = database;
    this.#userId = userId;
    this.#user = literal(userId);
  }

  async statistics(terms: readonly string[]): Promise<IndexStatistics> {
    const user = this.#user;
    const row = await this.#json<{
      whole: { pages: number; user: number; agent: number; projects: number };
      languages: Record<string, number> | null;
      terms: [string, number, number, number][] | null;
    }>(`select json_build_object(
      'whole', (select json_build_object('pages', coalesce(sum(c.pages), 0), 'user', coalesce(sum(c.user_words), 0),
        'agent', coalesce(sum(c.agent_words), 0), 'projects', coalesce(sum(c.in_projects), 0)) from page_counts c where c.user_id = ${user}),
      'languages', (select json_object_agg(c.language, c.pages) from page_counts c where c.user_id = ${user}),
      'terms', (select json_agg(json_build_array(c.term, c.pages, c.by_user, c.by_agent))
        from term_counts c where c.user_id = ${user} and c.term = any (${listOf(terms)})))`);
    return {
      pages: row.whole.pages,
      words: { user: row.whole.user, agent: row.whole.agent },
      languages: new Map(Object.entries(row.languages ?? {})),
      inProjects: row.whole.projects,
      terms: new Map(
        (row.terms ?? []).map(([term, pages, saidByUser, saidByAgent]): [string, TermCount] => [
          term,
          { pages, saidByUser, saidByAgent },
        ]),
      ),
    };
  }

  async holds(spans: readonly TimeSpan[]): Promise<boolean[]> {
    const each = spans.map(
      (span) => `exists (select from pages p where p.user_id = ${this.#user} and ${isIn(span)})`,
    );
    return this.#json(`select json_build_array(${each.join(', ')})`);
  }

  async candidates({ terms, meaning, spans, within, limit }: CandidateNeed): Promise<Candidates> {
    const user = this.#user;
    /** Applies the filter to ways of searching that return only page ids. */
    const allowedOf = (id: string, where = 'true') =>
      within === null
        ? `where ${where}`
        : `join pages p on p.user_id = ${user} and p.id = ${id} where ${where} and ${isIn(within)}`;
    const allowed = within === null ? 'true' : isIn(within);
    const most = whole(limit);
    const vector = meaning === null ? null : `'[${[...meaning.vector].map(String).join(',')}]'::vector`;
    const model = literal(meaning?.model ?? '');
    // Null for a vector of another length. As a condition, the planner would expect few rows to meet it.
    const near = `select r.page_id, case when vector_dims(r.vector) = ${meaning?.vector.length ?? 0} then -(r.vector <#> ${vector}) end as cosine
      from page_readings r where r.user_id = ${user} and r.model = ${model}`;
    const nearness =
      vector === null
        ? `null::json`
        : `select json_build_object('mean', avg(n.cosine), 'deviation', stddev_pop(n.cosine))
            from (${near} order by r.page_id desc limit ${sampledPages}) n`;
    const asked = terms.map(({ term, worth }) => `(${literal(term)}, ${worth}::float8)`);
    const ways = [
      ...(asked.length === 0
        ? []
        : [
            `(select s.page_id as id from (
              select o.page_id, sum(w.worth * o.count * (1 + ${k1}) / (o.count + ${k1} * (1 - ${b} + ${b} * o.length / (select m.length from mean m)))) as score
              from (values ${asked.join(', ')}) w (term, worth) join postings o on o.user_id = ${user} and o.term = w.term
              ${allowedOf('o.page_id')} group by o.page_id order by score desc, o.page_id limit ${most}) s where s.score > 0)`,
          ]),
      ...(vector === null
        ? []
        : [
            `(select n.page_id from (${near}) n ${allowedOf('n.page_id', 'n.cosine > 0')} order by n.cosine desc, n.page_id limit ${most})`,
          ]),
      ...spans.map(({ fromMs, untilMs }) => {
        const [from, until] = [whole(fromMs), whole(untilMs)];
        const side = (where: string, order: string) =>
          `(select p.id, p.at_ms from pages p where p.user_id = ${user} and ${allowed} and p.at_ms ${where} order by ${order} limit ${most})`;
        return `(select p.id from (${side(`between ${from} and ${until}`, 'p.id')} union all
            ${side(`< ${from}`, 'p.at_ms desc, p.id')} union all ${side(`> ${until}`, 'p.at_ms, p.id')}) p
            order by greatest(0, ${from} - p.at_ms, p.at_ms - ${until}), p.id limit ${most})`;
      }),
    ];
    const beside = (sign: '<' | '>', order: 'desc' | 'asc') =>
      `select (select q.id from pages q where q.user_id = ${user} and (q.at_ms, q.id) ${sign} (p.at_ms, p.id) order by q.at_ms ${order}, q.id ${order} limit 1)
       from chosen c join pages p on p.user_id = ${user} and p.id = c.id`;
    const row = await this.#json<CandidatesRow>(`with
      mean as (select greatest(1, coalesce(sum(c.user_words + c.agent_words) / nullif(sum(c.pages), 0), 1))::float8 as length from page_counts c where c.user_id = ${user}),
      chosen (id) as materialized (${ways.length === 0 ? `select null::text as id where false` : ways.join(' union ')}),
      around as (select c.id from chosen c union ${beside('<', 'desc')} union ${beside('>', 'asc')}),
      found as materialized (select p.* from pages p where p.user_id = ${user} and p.id in (select a.id from around a))
      select json_build_object(
        'pages', (select json_agg(json_build_object('id', p.id, 'at_ms', p.at_ms, 'segment_id', p.segment_id, 'chain_id', p.chain_id,
            'project', t.project, 'language', t.language, 'names_time', t.names_time, 'user', t.user_terms, 'agent', t.agent_terms,
            'beside', t.beside_terms, 'vector', encode(vector_send(r.vector), 'base64'), 'pieces', encode(x.pieces, 'base64')) order by p.at_ms, p.id)
          from found p join page_terms t on t.user_id = p.user_id and t.page_id = p.id
          left join page_readings r on r.user_id = p.user_id and r.page_id = p.id and r.model = ${model}
          left join page_pieces x on x.user_id = r.user_id and x.page_id = r.page_id),
        'nearness', (${nearness}),
        'heads', (select json_agg(s.head::json) from segments s where s.user_id = ${user} and s.id in (select p.segment_id from found p)),
        'facts', (select json_agg(json_build_array(r.fact_id, encode(vector_send(r.vector), 'base64')))
          from fact_readings r where r.user_id = ${user} and r.model = ${model}))`);
    return {
      pages: (row.pages ?? []).map(candidateOf),
      nearness:
        row.nearness === null || row.nearness.mean === null
          ? null
          : { mean: row.nearness.mean, deviation: row.nearness.deviation ?? 0 },
      heads: row.heads ?? [],
      facts: new Map(
        (row.facts ?? []).flatMap(([id, bytes]): [FactId, Float32Array][] => {
          const made = vectorOf(bytes);
          return made === null ? [] : [[id, made]];
        }),
      ),
    };
  }

  async spellings(term: string, editsMax: number, most: number): Promise<string[]> {
    const terms = await this.#json<[string, number][] | null>(
      `select json_agg(json_build_array(c.term, c.pages)) from term_counts c where c.user_id = ${this.#user}
        and length(c.term) between ${term.length - editsMax} and ${term.length + editsMax}`,
    );
    return (terms ?? [])
      .map(([text, pages]) => ({ text, pages, edits: distance(text, term) }))
      .filter(({ edits }) => edits <= editsMax)
      .sort((x, y) => x.edits - y.edits || y.pages - x.pages || (x.text < y.text ? -1 : 1))
      .slice(0, most)
      .map(({ text }) => text);
  }

  async unread(model: string, most: number): Promise<Unread> {
    const user = this.#user;
    // Counting takes a tenth of the time of comparing all pages with all readings.
    const isIncomplete = `(select count(*) from page_readings r where r.user_id = ${user} and r.model = ${literal(model)}) < (select count(*) from pages p where p.user_id = ${user})`;
    const row = await this.#json<{ pages: PageRow[] | null; facts: Fact[] | null }>(`select json_build_object(
      'pages', (select json_agg(page_json(x)::json) from (select p.* from pages p where p.user_id = ${user} and ${isIncomplete}
        and not exists (select from page_readings r where r.user_id = p.user_id and r.page_id = p.id and r.model = ${literal(model)})
        order by p.at_ms desc, p.id desc limit ${whole(most)}) x),
      'facts', (select json_agg(f.fact::json) from (select f.fact from facts f where f.user_id = ${user}
        and not exists (select from fact_readings r where r.user_id = f.user_id and r.owner = f.owner and r.fact_id = f.id and r.model = ${literal(model)})
        order by f.place limit ${whole(most)}) f))`);
    return { pages: (row.pages ?? []).map(pageOf), facts: row.facts ?? [] };
  }

  async vectorCounts(model: string): Promise<{ vectors: number; missing: number }> {
    const { pages, vectors } = await this.#json<{ pages: number; vectors: number }>(`select json_build_object(
      'pages', (select count(*) from pages p where p.user_id = ${this.#user}),
      'vectors', (select count(*) from page_readings r where r.user_id = ${this.#user} and r.model = ${literal(model)}))`);
    return { vectors, missing: pages - vectors };
  }

  async keepReadings(model: string, readings: ReadonlyMap<PageId | FactId, TextReading>): Promise<void> {
    if (readings.size === 0) return;
    const rows = [...readings].map(([id, { vector, pieces }]) => {
      const bytes = pieces === null ? 'null' : `'\\x${Buffer.from(pieces).toString('hex')}'`;
      return `(${literal(id)}, '[${[...vector].map(String).join(',')}]'::vector, ${bytes}::bytea)`;
    });
    const made = `(values ${rows.join(', ')}) v (id, vector, pieces)`;
    const keeping = async () => ({
      last: `insert into page_readings select p.user_id, p.id, ${literal(model)}, v.vector from ${made}
          join pages p on p.user_id = ${this.#user} and p.id = v.id
          on conflict (user_id, page_id) do update set model = excluded.model, vector = excluded.vector;
        delete from page_pieces x where x.user_id = ${this.#user} and x.page_id = any (${listOf(readings.keys())});
        insert into page_pieces select r.user_id, r.page_id, v.pieces from ${made}
          join page_readings r on r.user_id = ${this.#user} and r.page_id = v.id where v.pieces is not null;
        insert into fact_readings select f.user_id, f.owner, f.id, ${literal(model)}, v.vector from ${made}
          join facts f on f.user_id = ${this.#user} and f.id = v.id
          on conflict (user_id, owner, fact_id) do update set model = excluded.model, vector = excluded.vector`,
      result: undefined,
    });
    // Storing a reading twice has no further effect.
    await this.#database.transact(this.#userId, 'select 1', keeping, async () => false);
  }

  async #json<T>(sql: string): Promise<T> {
    const [row] = await this.#database.read(this.#userId, sql);
    const [text = null] = Object.values(row ?? {});
    return JSON.parse(text ?? 'null') as T;
  }
}

/** Whether the page `p` was said within a span. */
function isIn({ fromMs, untilMs }: TimeSpan): string {
  const from = Number.isFinite(fromMs) ? `p.at_ms >= ${whole(Math.ceil(fromMs))}` : 'true';
  const until = Number.isFinite(untilMs) ? `p.at_ms <= ${whole(Math.floor(untilMs))}` : 'true';
  return `(${from} and ${until})`;
}

function candidateOf(row: CandidateRow): CandidatePage {
  const { id, segment_id: segmentId, chain_id: chainId, project, language } = row;
  const { user, agent, beside, names_time: namesTime } = row;
  return {
    id,
    atMs: row.at_ms,
    segmentId,
    chainId,
    project,
    terms: { language, user, agent, beside, namesTime },
    vector: vectorOf(row.vector),
    pieces: row.pieces === null ? null : new Uint8Array(Buffer.from(row.pieces, 'base64')),
  };
}

/** Parses a vector in pgvector's binary format: two numbers of 16 bits, then its floats, big-endian. */
function vectorOf(base64: string | null): Float32Array | null {
  if (base64 === null) return null;
  const bytes = Buffer.from(base64, 'base64');
  const vector = new Float32Array(bytes.readUInt16BE(0));
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatBE(4 + 4 * i);
  return vector;
}
