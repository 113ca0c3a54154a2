import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { runCli } from '../support/cli-process.js';

let folder: string;
let temporary: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-demo-test-'));
  temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** The folder of Node 22's compile cache. */
const leftBehind = () => readdirSync(temporary).filter((name) => name !== 'node-compile-cache');

const run = (args: readonly string[]) =>
  runCli(['demo', ...args], { cwd: folder, env: { TMPDIR: temporary } });

/** A file in the format of LoCoMo with invented text: two sessions of fifteen exchanges. */
function locomoFile(): string {
  const subjects = ['kayak', 'orchard', 'chess club', 'greenhouse', 'telescope'];
  const session = (n: number) =>
    Array.from({ length: 15 }, (_, i) => {
      const subject = subjects[i % subjects.length];
      return [
        {
          speaker: 'Ada',
          dia_id: `D${n}:${2 * i + 1}`,
          text: `I have worked on my ${subject} again, part ${i} of ${n}.`,
        },
        {
          speaker: 'Ben',
          dia_id: `D${n}:${2 * i + 2}`,
          text: `Good to hear about the ${subject}.`,
          blip_caption: `a ${subject}`,
        },
      ];
    }).flat();
  const file = path.join(folder, 'talks.json');
  const conversation = {
    speaker_a: 'Ada',
    speaker_b: 'Ben',
    session_1: [
      ...session(1),
      { speaker: 'Ada', dia_id: 'D1:31', text: 'I love astronomy. I have a dog named Rigel.' },
    ],
    session_1_date_time: '1:56 pm on 8 May, 2023',
    session_2: session(2),
    session_2_date_time: '7:05 pm on 20 May, 2023',
  };
  const qa = [
    { question: 'What is the name of the dog of Ada?', answer: 'Rigel', evidence: ['D1:31'], category: 4 },
  ];
  writeFileSync(file, JSON.stringify([{ sample_id: 'own-1', conversation, qa }]));
  return file;
}

describe('demo', () => {
  it('adds ten days, fills all tiers and the profile, finds every page, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await run([]);
    expect(stderr).toBe('');
    expect(stdout).toContain('all three tiers are filled');
    expect(stdout).toContain('70 of 70 pages are stored, each exactly once');
    expect(stdout).toContain('8 of 8 questions found their page');
    expect(stdout).toMatch(/joins segment/);
    expect(stdout).toMatch(/lives in Munich, but not for much longer\. \(superseded\)/);
    expect(stdout).toMatch(/User profile: [1-9]\d* traits?/);
    expect(stdout).toMatch(/█/);
    expect(stdout.includes('\u001b')).toBe(false);
    expect(stdout.includes('\r')).toBe(false);
    expect(code).toBe(0);
    expect(leftBehind()).toEqual([]);
  }, 120_000);

  it('adds a conversation of a LoCoMo file, and keeps it where --data says', async () => {
    const data = path.join(folder, 'memory');
    const { code, stdout } = await run(['--locomo', locomoFile(), '--conversation', '0', '--data', data]);
    expect(stdout).toContain('31 of 31 pages are stored, each exactly once');
    expect(stdout).toContain('What is the name of the dog of Ada?');
    expect(leftBehind()).toEqual([]);
    const memory = await createMemory({ data_storage_path: data, user_id: 'demo' });
    const stats = await memory.stats();
    await memory.close();
    expect(stats.short_term.pages + stats.mid_term.pages).toBe(31);
    expect(code).toBe(stdout.includes('✔ all three tiers are filled') ? 0 : 1);
    const again = await run(['--data', data]);
    expect(again.code).toBe(65);
    expect(again.stderr).toContain('already holds a memory');
  }, 120_000);

  it.each([
    [['--locomo', 'missing.json'], /cannot be read/],
    [['--locomo', 'talks.json', '--conversation', '7'], /has 1 conversations/],
  ])('reports what is wrong with %j', async (args, message) => {
    locomoFile();
    const { code, stderr } = await run(args);
    expect(code).toBe(65);
    expect(stderr).toMatch(message);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s takes the server and the temporary folder with it',
    async (signal) => {
      const child = spawn(process.execPath, [path.resolve('dist/cli/main.js'), 'demo'], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, TMPDIR: temporary },
      });
      let stdout = '';
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk) => {
          stdout += chunk;
          if (stdout.includes('\n 12  ')) resolve();
        });
      });
      expect(readdirSync(temporary).length).toBeGreaterThan(0);
      child.kill(signal);
      // The pipes close when the last process that holds them has ended, so the server is gone as well.
      expect(await ended).toBe(130);
      expect(stderr).toContain('The demo was stopped');
      expect(leftBehind()).toEqual([]);
    },
  );
});
