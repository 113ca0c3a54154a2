import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory } from '../../src/app/create-memory.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';

const livesPerMix = 3;
const everyNthQuestion = 4;
const adversarial = 5;
/** Two parts of a mix are projects; the third part is private. */
const places = ['harbor', 'kestrel', undefined];

export interface MixShare {
  returned: number;
  wrong: number;
  firstRight: number;
  questions: number;
  /** Mean share of the evidence that was returned. */
  found: number;
}

/**
 * Real conversations mixed into one memory, as `wrongShare` mixes written ones: how many of the returned pages are of
 * another conversation, and how much of the evidence is among them. Every three conversations of `file` are a mix.
 * Measured for projects named by neither, by the pages, and by pages and questions, which are asked in their own
 * project or in each other one. `file` has LoCoMo's form.
 */
export async function mixShares(file: string): Promise<Record<Way, MixShare>> {
  const conversations = parseLocomo(readFileSync(file, 'utf8'));
  const shares = { neither: none(), pages: none(), both: none(), others: none() };
  for (let at = 0; at + livesPerMix <= conversations.length; at += 1) {
    const mix = conversations.slice(at, at + livesPerMix);
    for (const told of [false, true]) {
      await measure(mix, told, told ? ['pages', 'both', 'others'] : ['neither'], shares);
    }
  }
  for (const share of Object.values(shares)) share.found /= share.questions;
  return shares;
}

type Way = 'neither' | 'pages' | 'both' | 'others';

/** The projects that a question of a place is asked in. */
function asksOf(way: Way, own: string | undefined): (readonly [Way, string | undefined])[] {
  if (way !== 'others') return [[way, way === 'both' ? own : undefined]];
  return places.flatMap((place) => (place === undefined || place === own ? [] : [[way, place] as const]));
}

const none = (): MixShare => ({ returned: 0, wrong: 0, firstRight: 0, questions: 0, found: 0 });

async function measure(
  mix: readonly LocomoConversation[],
  told: boolean,
  ways: readonly Way[],
  shares: Readonly<Record<Way, MixShare>>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixes-'));
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice', daily_backups_kept: 0 });
  const lifeOf = new Map<string, number>();
  const idOf = new Map<string, string>();
  try {
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
        lifeOf.set(page_id, life);
        for (const turn of page.dia_ids) idOf.set(`${life} ${turn}`, page_id);
      }
    }
    await memory.flush({ shortTerm: true });
    for (const [life, { questions }] of mix.entries()) {
      const asked = questions.filter(
        ({ category, evidence }) => category !== adversarial && evidence.length > 0,
      );
      for (const { question, evidence } of asked.filter((_, i) => i % everyNthQuestion === 0)) {
        for (const [way, project] of ways.flatMap((each) => asksOf(each, places[life]))) {
          const { retrieved_pages: pages } = await memory.retrieve({
            query: question,
            project,
            maxResults: 10,
            shortTerm: false,
          });
          const wanted = new Set(evidence.map((turn) => idOf.get(`${life} ${turn}`) ?? ''));
          const share = shares[way];
          share.questions += 1;
          share.returned += pages.length;
          share.wrong += pages.filter(({ page_id }) => lifeOf.get(page_id) !== life).length;
          if (pages[0] !== undefined && lifeOf.get(pages[0].page_id) === life) share.firstRight += 1;
          share.found += pages.filter(({ page_id }) => wanted.has(page_id)).length / wanted.size;
        }
      }
    }
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}
