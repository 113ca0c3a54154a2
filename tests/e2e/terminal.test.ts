import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { hasTerminal, runInTerminal, type Step } from '../support/terminal.js';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-terminal-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const run = (args: readonly string[], steps: readonly Step[]) => runInTerminal(args, steps, { cwd: folder });

describe.runIf(hasTerminal)('on a terminal', () => {
  it('init shows every question with its default, and no secret', async () => {
    const { code, lines, raw } = await run(
      ['init', '--config', 'config.json'],
      [
        ['Whose memory', 'alicf\u007fe\r'],
        ['Folder', '\r'],
        ['Key of', 'sk-secret\r'],
        ['Base URL', '\r'],
        ['Model for', 'small-model\r'],
      ],
    );
    expect(code).toBe(0);
    expect(lines).toContain('Whose memory is it? [default_user] alice');
    expect(lines).toContainEqual(expect.stringMatching(/^Folder to keep it in\? \[.*memoryos_data\] /));
    expect(lines).toContainEqual(expect.stringMatching(/^Key of an OpenAI-compatible provider .*\? $/));
    expect(lines).toContainEqual(expect.stringMatching(/^Base URL of the provider/));
    expect(lines).toContain('Model for the analysis? [gpt-4o-mini] small-model');
    expect(raw).not.toContain('sk-secret');
    expect(JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8'))).toMatchObject({
      user_id: 'alice',
      openai_api_key: 'sk-secret',
      llm_model: 'small-model',
      data_storage_path: './memoryos_data',
    });
  }, 60_000);

  it('install shows the clients of this machine, and sets up those that a person names', async () => {
    for (const name of ['.cursor', '.gemini', '.junie']) mkdirSync(path.join(folder, name));
    const { code, lines } = await runInTerminal(
      ['install', '--no-check'],
      [['Install for which of them', 'cursor, jetbrains\r']],
      { cwd: folder, env: { HOME: folder, XDG_CONFIG_HOME: folder } },
    );
    expect(code).toBe(0);
    expect(lines).toContain('Install for which of them? [cursor gemini jetbrains] cursor, jetbrains');
    expect(readFileSync(path.join(folder, '.cursor', 'mcp.json'), 'utf8')).toContain('memoryos');
    expect(readFileSync(path.join(folder, '.junie', 'mcp', 'mcp.json'), 'utf8')).toContain('memoryos');
    expect(existsSync(path.join(folder, '.gemini', 'settings.json'))).toBe(false);
  }, 60_000);

  it('init stopped with Ctrl-C writes nothing', async () => {
    const { code, lines } = await run(['init', '--config', 'c.json'], [['Whose memory', '\u0003']]);
    expect(code).toBe(130);
    expect(lines.join('\n')).toContain('Stopped; nothing was written.');
    expect(() => readFileSync(path.join(folder, 'c.json'))).toThrow(/ENOENT/);
  }, 60_000);

  it.each([
    ['no', /would delete 1 page/, 1],
    ['yes', /^Forgot 1 page/m, 0],
  ])(
    'forget shows its question, and accepts %j',
    async (answer, said, left) => {
      const memory = await createMemory({ data_storage_path: data, user_id: 'alice' });
      const { page_id } = await memory.add({ userInput: 'My old phone number.', agentResponse: 'Noted.' });
      await memory.close();
      const args = ['--data', data, '--user', 'alice', '--log-level', 'error'];
      const { code, lines } = await run([...args, 'forget', page_id], [['permanently?', `${answer}\r`]]);
      expect(code).toBe(0);
      expect(lines).toContain(`Delete this permanently? (yes/no) [no] ${answer}`);
      expect(lines.join('\n')).toMatch(said);
      const again = await createMemory({ data_storage_path: data, user_id: 'alice' });
      expect((await again.stats()).short_term.pages).toBe(left);
      await again.close();
    },
    60_000,
  );

  it('a server started by a person says that it runs and how to connect', async () => {
    const args = ['--data', data, '--log-level', 'error'];
    const { code, lines } = await run(args, [['Ctrl-C ends it', '\u0003']]);
    expect(code).toBe(0);
    expect(lines.join('\n')).toMatch(
      /is running and waits for an MCP client[\s\S]*memoryos-mcp install --client/,
    );
  }, 60_000);
});
