import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory } from '../../src/app/create-memory.js';

interface Side {
  readonly exchanges: readonly (readonly [string, string])[];
  readonly questions: readonly string[];
}

/** Two projects, and under '' a private life. */
export const sides: Readonly<Record<string, Side>> = JSON.parse(
  readFileSync(new URL('./mixed.json', import.meta.url), 'utf8'),
);

export interface Share {
  readonly returned: number;
  readonly wrong: number;
  /** Pages of short-term memory, which is returned completely when the question names no project. */
  readonly shortTerm: number;
  readonly shortTermWrong: number;
  /** Questions whose first page is of the right side. */
  readonly firstRight: number;
  readonly questions: number;
}

/** Where questions are asked: in no project, in the project that they are about, or in each other one. */
export type AskedIn = 'none' | 'own' | 'others';

/**
 * The number of returned pages of another project than the question: two projects and a private life in one
 * memory, added in turns. `told`: pages name their project.
 */
export async function wrongShare({ told, asked }: { told: boolean; asked: AskedIn }): Promise<Share> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixed-'));
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice', daily_backups_kept: 0 });
  const sideOf = new Map<string, string>();
  try {
    const longest = Math.max(...Object.values(sides).map(({ exchanges }) => exchanges.length));
    for (let i = 0; i < longest; i += 1) {
      for (const [side, { exchanges }] of Object.entries(sides)) {
        const [userInput, agentResponse] = exchanges[i] ?? [];
        if (userInput === undefined || agentResponse === undefined) continue;
        const project = told && side !== '' ? side : undefined;
        const { page_id } = await memory.add({ userInput, agentResponse, project });
        sideOf.set(page_id, side);
      }
    }
    await memory.flush({ shortTerm: true });
    let returned = 0;
    let wrong = 0;
    let shortTerm = 0;
    let shortTermWrong = 0;
    let firstRight = 0;
    let questions = 0;
    const projects = Object.keys(sides).filter((side) => side !== '');
    const placesOf = (side: string): (string | undefined)[] => {
      if (asked === 'others') return projects.filter((project) => project !== side);
      return [asked === 'own' && side !== '' ? side : undefined];
    };
    for (const [side, { questions: queries }] of Object.entries(sides)) {
      for (const [query, project] of queries.flatMap((text) =>
        placesOf(side).map((place) => [text, place] as const),
      )) {
        const { retrieved_pages, short_term_memory } = await memory.retrieve({
          query,
          project,
          maxResults: 10,
        });
        const pages = [...retrieved_pages].sort((a, b) => b.score - a.score);
        questions += 1;
        const isWrong = ({ page_id }: { page_id: string }) => sideOf.get(page_id) !== side;
        returned += pages.length;
        wrong += pages.filter(isWrong).length;
        shortTerm += short_term_memory.length;
        shortTermWrong += short_term_memory.filter(isWrong).length;
        if (pages[0] !== undefined && sideOf.get(pages[0].page_id) === side) firstRight += 1;
      }
    }
    return { returned, wrong, shortTerm, shortTermWrong, firstRight, questions };
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}
