import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory } from '../../src/app/create-memory.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { withoutNames } from '../answers/judged.js';
import { sides } from './projects.js';

const everyNthQuestion = 4;
const adversarial = 5;
/** Two lives of a mix are projects; the third one is private. */
const places = ['harbor', 'kestrel', undefined];

/** One life of a memory: what was said in it, and what is asked about it. */
interface Life {
  readonly pages: readonly {
    readonly user_input: string;
    readonly agent_response: string;
    readonly timestamp: string;
  }[];
  readonly questions: readonly Question[];
}

interface Question {
  readonly kind: string;
  readonly question: string;
  /** The places of the pages that hold the answer, if they are known. */
  readonly evidence: readonly number[];
}

export type Mix = readonly Life[];

export interface MixShare {
  returned: number;
  wrong: number;
  firstRight: number;
  questions: number;
  /** Questions whose evidence is known, and the sum of the shares of it that were returned. */
  withEvidence: number;
  found: number;
}

/**
 * Whose project is known, and where a question is asked: in no project, in its own one, or in each other project; a
 * private question has no project of its own.
 */
export const ways = {
  neither: 'of no page and no question is known',
  pages: 'of the pages is known',
  own: 'of pages and questions is known',
  others: 'of the pages is known, and another project asks',
  private: 'of the pages is known, and a project asks about the private life',
} as const;
type Way = keyof typeof ways;

/**
 * Every three conversations of a file that share no person, as one memory: what a person says in one life may answer
 * a question about the same person in another one. `file` has LoCoMo's form.
 */
export function mixesOf(file: string): Mix[] {
  const conversations = parseLocomo(readFileSync(file, 'utf8'));
  const triples = conversations.flatMap((first, i) =>
    conversations
      .slice(i + 1)
      .flatMap((second, j) => conversations.slice(i + j + 2).map((third) => [first, second, third])),
  );
  return triples.filter(shareNobody).map((triple) => triple.map(lifeOf));
}

function shareNobody(conversations: readonly LocomoConversation[]): boolean {
  const people = conversations.flatMap(({ user, assistant }) => [user, assistant]);
  return new Set(people).size === people.length;
}

/** The two projects of `mixed.json` in one memory with each conversation of a file, which is the private life. */
export function withProjects(file: string): Mix[] {
  return parseLocomo(readFileSync(file, 'utf8')).map((conversation) => {
    const startMs = Math.min(...conversation.pages.map(({ timestamp }) => Date.parse(timestamp)));
    const technical = Object.entries(sides).filter(([side]) => side !== '');
    return [
      ...technical.map(([, { exchanges, questions }], project) => ({
        pages: exchanges.map(([user_input, agent_response], i) => ({
          user_input,
          agent_response,
          timestamp: new Date(timeOf(startMs, project, i)).toISOString(),
        })),
        questions: questions.map((question) => ({ kind: 'about a project', question, evidence: [] })),
      })),
      lifeOf(conversation),
    ];
  });
}

const hourMs = 3_600_000;
const exchangesPerSession = 4;

/** Sessions of four exchanges, nine days apart; the projects have theirs at other hours. */
function timeOf(startMs: number, project: number, exchange: number): number {
  const session = Math.floor(exchange / exchangesPerSession);
  const minutes = 10 * (exchange % exchangesPerSession);
  return startMs + (session * 9 * 24 + 3 + 7 * project) * hourMs + minutes * 60_000;
}

/** Each question twice: with the names of the two people, and as the user would ask the assistant ("I", "you"). */
function lifeOf(conversation: LocomoConversation): Life {
  const { pages, questions } = conversation;
  const asked = questions.filter(({ category, evidence }) => category !== adversarial && evidence.length > 0);
  return {
    pages,
    questions: asked
      .filter((_, i) => i % everyNthQuestion === 0)
      .flatMap(({ question, evidence: turns }) => {
        const evidence = turns.map((turn) => pages.findIndex(({ dia_ids }) => dia_ids.includes(turn)));
        return [
          { kind: 'people named', question, evidence },
          { kind: 'people not named', question: withoutNames(question, conversation), evidence },
        ];
      }),
  };
}

/**
 * How many of the returned pages are of another life of the mix, and how much of the evidence is among them, by kind of
 * question.
 */
export async function mixShares(mixes: readonly Mix[]): Promise<Map<string, Record<Way, MixShare>>> {
  const shares = new Map<string, Record<Way, MixShare>>();
  for (const { kind } of mixes.flat().flatMap(({ questions }) => questions)) {
    shares.set(kind, { neither: none(), pages: none(), own: none(), others: none(), private: none() });
  }
  for (const mix of mixes) {
    await measure(mix, false, shares);
    await measure(mix, true, shares);
  }
  return shares;
}

const none = (): MixShare => ({
  returned: 0,
  wrong: 0,
  firstRight: 0,
  questions: 0,
  withEvidence: 0,
  found: 0,
});

async function measure(
  mix: Mix,
  told: boolean,
  shares: ReadonlyMap<string, Record<Way, MixShare>>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixes-'));
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice', daily_backups_kept: 0 });
  try {
    const idsOf = await tell(memory, mix, told);
    for (const [life, { questions }] of mix.entries()) {
      const own = new Set(idsOf[life]);
      for (const { kind, question, evidence } of questions) {
        const wanted = new Set(evidence.map((at) => idsOf[life]?.[at]));
        for (const [way, project] of told ? asksOf(places[life]) : [['neither', undefined] as const]) {
          const { retrieved_pages } = await memory.retrieve({
            query: question,
            project,
            maxResults: 10,
            shortTerm: false,
          });
          const found = retrieved_pages.map(({ page_id }) => page_id);
          const share = shares.get(kind)?.[way] ?? none();
          share.questions += 1;
          share.returned += found.length;
          share.wrong += found.filter((id) => !own.has(id)).length;
          if (found[0] !== undefined && own.has(found[0])) share.firstRight += 1;
          if (wanted.size === 0) continue;
          share.withEvidence += 1;
          share.found += found.filter((id) => wanted.has(id)).length / wanted.size;
        }
      }
    }
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tells the lives in turns. Returns the ids of the pages of each life. */
async function tell(memory: MemoryEngine, mix: Mix, told: boolean): Promise<string[][]> {
  const ids: string[][] = mix.map(() => []);
  const longest = Math.max(...mix.map(({ pages }) => pages.length));
  for (let i = 0; i < longest; i += 1) {
    for (const [life, { pages }] of mix.entries()) {
      const page = pages[i];
      if (page === undefined) continue;
      const { page_id } = await memory.add({
        userInput: page.user_input,
        agentResponse: page.agent_response,
        timestamp: page.timestamp,
        project: told ? places[life] : undefined,
      });
      ids[life]?.push(page_id);
    }
  }
  await memory.flush({ shortTerm: true });
  return ids;
}

/** The projects that a question about `own` is asked in. */
function asksOf(own: string | undefined): (readonly [Way, string | undefined])[] {
  const others = places.filter((place) => place !== undefined && place !== own);
  return [
    ['pages', undefined],
    ['own', own],
    ...others.map((place) => [own === undefined ? 'private' : 'others', place] as const),
  ];
}
