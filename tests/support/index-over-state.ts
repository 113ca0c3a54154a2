import { distance } from 'fastest-levenshtein';
import { dot } from '../../src/lib/math/vectors.js';
import type { FactId, PageId, SegmentId } from '../../src/model/ids.js';
import { type Page, projectOf } from '../../src/model/page.js';
import type { TextReading } from '../../src/ports/meaning-reader.js';
import type {
  CandidateNeed,
  CandidatePage,
  Candidates,
  IndexStatistics,
  MemoryIndex,
  PageTerms,
  ReadPageTerms,
  TermCount,
} from '../../src/ports/memory-index.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import type { TimeSpan } from '../../src/ports/store.js';

const k1 = 1.2;
const b = 0.3;

interface Entry {
  readonly page: Page;
  readonly segmentId: SegmentId | null;
  readonly atMs: number;
  readonly terms: PageTerms;
  readonly counts: ReadonlyMap<string, number>;
}

/** The simplest implementation of the index port: every question reads everything. */
export function indexOverState(store: UserStore, readTerms: ReadPageTerms): MemoryIndex {
  const read = new Map<PageId, PageTerms>();
  const readings = new Map<string, Map<string, TextReading>>();

  function entries(): Entry[] {
    const { state } = store;
    const placed = [
      ...state.shortTerm.map((page) => ({ page, segmentId: null })),
      ...[...state.segments].flatMap(([segmentId, { pages }]) => pages.map((page) => ({ page, segmentId }))),
    ];
    return placed
      .map(({ page, segmentId }): Entry => {
        const terms = read.get(page.id) ?? readTerms(page);
        read.set(page.id, terms);
        const counts = new Map<string, number>();
        for (const term of [...terms.user, ...terms.agent]) counts.set(term, (counts.get(term) ?? 0) + 1);
        for (const term of terms.beside) if (!counts.has(term)) counts.set(term, 1);
        return { page, segmentId, atMs: Date.parse(page.timestamp), terms, counts };
      })
      .sort((x, y) => x.atMs - y.atMs || (x.page.id < y.page.id ? -1 : 1));
  }

  const kept = (model: string) => readings.get(model) ?? new Map<string, TextReading>();

  function statisticsOf(all: readonly Entry[], terms: readonly string[]): IndexStatistics {
    const languages = new Map<string, number>();
    const words = { user: 0, agent: 0 };
    for (const { terms: of } of all) {
      languages.set(of.language, (languages.get(of.language) ?? 0) + 1);
      words.user += of.user.length;
      words.agent += of.agent.length;
    }
    const counted = terms.flatMap((term): [string, TermCount][] => {
      const holding = all.filter(({ counts }) => counts.has(term));
      if (holding.length === 0) return [];
      return [
        [
          term,
          {
            pages: holding.length,
            saidByUser: holding.filter(({ terms: of }) => of.user.includes(term)).length,
            saidByAgent: holding.filter(({ terms: of }) => of.agent.includes(term)).length,
          },
        ],
      ];
    });
    const inProjects = all.filter(({ page }) => projectOf(page) !== null).length;
    return { pages: all.length, words, languages, inProjects, terms: new Map(counted) };
  }

  return {
    async statistics(terms) {
      return statisticsOf(entries(), terms);
    },

    async holds(spans) {
      const all = entries();
      return spans.map((span) => all.some(({ atMs }) => isIn(atMs, span)));
    },

    async candidates(need: CandidateNeed): Promise<Candidates> {
      const all = entries();
      const lengthOf = ({ terms }: Entry) => terms.user.length + terms.agent.length;
      const meanLength = Math.max(
        1,
        all.reduce((sum, entry) => sum + lengthOf(entry), 0) / Math.max(1, all.length),
      );
      const within = all.filter(({ atMs }) => need.within === null || isIn(atMs, need.within));
      const chosen = new Set<Entry>();
      const best = (score: (entry: Entry) => number) => {
        const scored = within
          .map((entry) => ({ entry, score: score(entry) }))
          .filter((each) => each.score > 0);
        scored.sort((x, y) => y.score - x.score || (x.entry.page.id < y.entry.page.id ? -1 : 1));
        for (const { entry } of scored.slice(0, need.limit)) chosen.add(entry);
      };
      best((entry) =>
        need.terms.reduce((sum, { term, worth }) => {
          const count = entry.counts.get(term) ?? 0;
          const flat = k1 * (1 - b + (b * lengthOf(entry)) / meanLength);
          return sum + (worth * count * (k1 + 1)) / (count + flat);
        }, 0),
      );
      const of = need.meaning === null ? new Map<string, TextReading>() : kept(need.meaning.model);
      const nearnessOf = ({ page }: Entry) => {
        const vector = of.get(page.id)?.vector;
        return vector === undefined || need.meaning === null ? null : dot(vector, need.meaning.vector);
      };
      best((entry) => nearnessOf(entry) ?? 0);
      for (const { fromMs, untilMs } of need.spans) {
        best(({ atMs }) => 1 / (1 + Math.max(0, fromMs - atMs, atMs - untilMs)));
      }
      const withNeighbours = new Set<Entry>();
      all.forEach((entry, at) => {
        if (!chosen.has(entry)) return;
        for (const near of [all[at - 1], entry, all[at + 1]])
          if (near !== undefined) withNeighbours.add(near);
      });
      const known = all.map(nearnessOf).filter((nearness) => nearness !== null);
      const mean = known.reduce((sum, nearness) => sum + nearness, 0) / Math.max(1, known.length);
      const squares =
        known.reduce((sum, nearness) => sum + nearness * nearness, 0) / Math.max(1, known.length);
      const pages = all.filter((entry) => withNeighbours.has(entry));
      const facts = [store.state.userKnowledge, ...store.state.assistantKnowledge.values()].flat();
      return {
        pages: pages.map(({ page, segmentId, atMs, terms }): CandidatePage => {
          const { vector = null, pieces = null } = of.get(page.id) ?? {};
          const project = projectOf(page);
          return { id: page.id, atMs, segmentId, chainId: page.chain_id, project, terms, vector, pieces };
        }),
        nearness:
          known.length === 0 ? null : { mean, deviation: Math.sqrt(Math.max(0, squares - mean * mean)) },
        heads: [...new Set(pages.flatMap(({ segmentId }) => segmentId ?? []))].flatMap(
          (id) => store.state.segments.get(id)?.head ?? [],
        ),
        facts: new Map(
          facts.flatMap(({ id }): [FactId, Float32Array][] => {
            const vector = of.get(id)?.vector;
            return vector === undefined ? [] : [[id, vector]];
          }),
        ),
      };
    },

    async spellings(term, editsMax, most) {
      const pagesOf = new Map<string, number>();
      for (const { counts } of entries()) {
        for (const text of counts.keys()) pagesOf.set(text, (pagesOf.get(text) ?? 0) + 1);
      }
      return [...pagesOf]
        .map(([text, pages]) => ({ text, pages, edits: distance(text, term) }))
        .filter(({ edits }) => edits <= editsMax)
        .sort((x, y) => x.edits - y.edits || y.pages - x.pages || (x.text < y.text ? -1 : 1))
        .slice(0, most)
        .map(({ text }) => text);
    },

    async unread(model, most) {
      const of = kept(model);
      const pages = entries()
        .map(({ page }) => page)
        .filter(({ id }) => !of.has(id))
        .reverse();
      const facts = [store.state.userKnowledge, ...store.state.assistantKnowledge.values()].flat();
      return { pages: pages.slice(0, most), facts: facts.filter(({ id }) => !of.has(id)).slice(0, most) };
    },

    async vectorCounts(model) {
      const all = entries();
      const vectors = all.filter(({ page }) => kept(model).has(page.id)).length;
      return { vectors, missing: all.length - vectors };
    },

    async keepReadings(model, made) {
      readings.set(model, new Map([...kept(model), ...made]));
    },
  };
}

function isIn(atMs: number, { fromMs, untilMs }: TimeSpan): boolean {
  return atMs >= fromMs && atMs <= untilMs;
}
