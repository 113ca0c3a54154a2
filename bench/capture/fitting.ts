import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineHookMemory } from '../../src/app/capture/engine-hook-memory.js';
import { createMemory } from '../../src/app/create-memory.js';

const here = (name: string) => new URL(`./${name}`, import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(here(name), 'utf8'));

interface Side {
  readonly exchanges: readonly (readonly [string, string])[];
}

export interface Fitting {
  readonly prompts: number;
  /** Number of prompts to which lines were added. */
  readonly helped: number;
  /** Lines added to the prompt, and the verdict of a person on each; null when nobody has judged it. */
  readonly shown: readonly {
    readonly prompt: string;
    readonly line: string;
    readonly fits: boolean | null;
  }[];
}

/**
 * Lines that prompts get from a memory of two projects and a private life, each prompt in its own folder. A
 * person's verdicts are in verdicts.json, by prompt and shown line.
 */
export async function fitting(): Promise<Fitting> {
  const sides: Readonly<Record<string, Side>> = read('mixed.json');
  const prompts: Readonly<Record<string, readonly string[]>> = read('prompts.json');
  const verdicts: Readonly<Record<string, Readonly<Record<string, boolean>>>> = existsSync(
    here('verdicts.json'),
  )
    ? read('verdicts.json')
    : {};
  const folder = await mkdtemp(path.join(tmpdir(), 'fitting-'));
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice', daily_backups_kept: 0 });
  const hooked = new EngineHookMemory(async () => memory);
  const shown: { prompt: string; line: string; fits: boolean | null }[] = [];
  let helped = 0;
  try {
    const longest = Math.max(...Object.values(sides).map(({ exchanges }) => exchanges.length));
    for (let i = 0; i < longest; i += 1) {
      for (const [side, { exchanges }] of Object.entries(sides)) {
        const [userInput, agentResponse] = exchanges[i] ?? [];
        if (userInput === undefined || agentResponse === undefined) continue;
        await memory.add({ userInput, agentResponse, project: side === '' ? undefined : side });
      }
    }
    await memory.flush({ shortTerm: true });
    for (const [side, asked] of Object.entries(prompts)) {
      for (const prompt of asked) {
        const question = {
          prompt,
          project: side === '' ? null : side,
          session: 's',
          shown: new Set<string>(),
        };
        const { text, ids } = await hooked.fitting({ ...question, tokensMax: 700 });
        if (ids.length > 0) helped += 1;
        for (const entry of text.split('\n').filter((line) => line.startsWith('- '))) {
          // The verdicts are without the day, which changes.
          const line = entry
            .replace(/\d{4}-\d{2}-\d{2}/, '')
            .replace(/\s+/g, ' ')
            .slice(2)
            .trim();
          shown.push({ prompt, line, fits: verdicts[prompt]?.[line] ?? null });
        }
      }
    }
    return { prompts: Object.values(prompts).flat().length, helped, shown };
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}
