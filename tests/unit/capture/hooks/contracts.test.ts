import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hookAdapters } from '../../../../src/capture/hooks/adapters.js';
import type { HookAdapter, HookEvent, Moment } from '../../../../src/capture/hooks/moment.js';

const folder = path.resolve('tests/fixtures/hooks');
const place = { home: '/home/dana', env: {} };

/** The meaning of each sample event of a client. */
const moments: Record<string, Record<string, Moment | null>> = {
  'claude-code': {
    'session-start': 'start',
    'user-prompt-submit': 'prompt',
    stop: 'answered',
    'pre-compact': 'compacting',
    'session-end': 'ended',
    'of-no-concern': null,
  },
  codex: {
    'session-start': 'start',
    'user-prompt-submit': 'prompt',
    stop: 'answered',
    'pre-compact': 'compacting',
    'of-no-concern': null,
  },
  gemini: {
    'session-start': 'start',
    'before-agent': 'prompt',
    'after-agent': 'answered',
    'pre-compress': 'compacting',
    'session-end': 'ended',
    'of-no-concern': null,
  },
  cursor: {
    'session-start': 'start',
    'before-submit-prompt': 'prompt',
    'after-agent-response': 'spoken',
    stop: 'answered',
    'pre-compact': 'compacting',
    'session-end': 'ended',
    'of-no-concern': null,
  },
  vscode: {
    'session-start': 'start',
    'user-prompt-submit': 'prompt',
    stop: 'answered',
    'pre-compact': 'compacting',
    'of-no-concern': null,
  },
  cline: {
    'task-start': 'start',
    'task-resume': 'start',
    'user-prompt-submit': 'prompt',
    'task-complete': 'answered',
    'pre-compact': 'compacting',
    'task-cancel': 'ended',
    'of-no-concern': null,
  },
  opencode: {
    start: 'start',
    prompt: 'prompt',
    answered: 'answered',
    compacting: 'compacting',
    ended: 'ended',
  },
};

/** The output with context at the start and at a prompt. Null: the client accepts none there. */
const printed: Record<string, { start: unknown; prompt: unknown }> = {
  'claude-code': {
    start: { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'X' } },
    prompt: { hookSpecificOutput: { hookEventName: 'UserPromptSubmit', additionalContext: 'X' } },
  },
  codex: {
    start: { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'X' } },
    prompt: { hookSpecificOutput: { hookEventName: 'UserPromptSubmit', additionalContext: 'X' } },
  },
  gemini: {
    start: { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'X' } },
    prompt: { hookSpecificOutput: { hookEventName: 'BeforeAgent', additionalContext: 'X' } },
  },
  cursor: { start: { additional_context: 'X' }, prompt: { continue: true, additional_context: 'X' } },
  vscode: {
    start: { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: 'X' } },
    prompt: {},
  },
  cline: {
    start: { cancel: false, contextModification: 'X' },
    prompt: { cancel: false, contextModification: 'X' },
  },
  opencode: { start: { context: 'X' }, prompt: { context: 'X' } },
};

function eventsOf(client: string): Map<string, HookEvent | null> {
  const adapter = adapterOf(client);
  return new Map(
    readdirSync(path.join(folder, client)).map((name) => [
      name.replace('.json', ''),
      adapter.read(JSON.parse(readFileSync(path.join(folder, client, name), 'utf8')), place),
    ]),
  );
}

function adapterOf(client: string): HookAdapter {
  const adapter = hookAdapters.get(client);
  if (adapter === undefined) throw new Error(`no adapter for ${client}`);
  return adapter;
}

it('has sample events of every client', () => {
  expect(readdirSync(folder).sort()).toEqual([...hookAdapters.keys()].sort());
});

describe.each([...hookAdapters.keys()])('the events of %s', (client) => {
  const events = eventsOf(client);
  const at = (moment: Moment) => [...events.values()].find((event) => event?.moment === moment) ?? null;

  it('have the expected moments', () => {
    expect(Object.fromEntries([...events].map(([name, event]) => [name, event?.moment ?? null]))).toEqual(
      moments[client],
    );
  });

  it('name one session and, if given, the folder', () => {
    const known = [...events.values()].filter((event) => event !== null);
    expect(new Set(known.map(({ session }) => session)).size).toBe(1);
    expect(new Set(known.map(({ folder: where }) => where))).toEqual(new Set(['/home/dana/orchard']));
  });

  it('contain the prompt and, if the client sends it, the answer', () => {
    expect(at('prompt')?.prompt).toBe('Rename the irrigation table to watering');
    const answer = (at('spoken') ?? at('answered'))?.answer;
    // VS Code has the answer in its transcript only.
    expect(answer).toBe(client === 'vscode' ? null : 'Renamed it, with a migration.');
  });

  it("are answered in the client's format", () => {
    const adapter = adapterOf(client);
    expect(JSON.parse(adapter.print(at('start'), 'X'))).toEqual(printed[client]?.start);
    expect(JSON.parse(adapter.print(at('prompt'), 'X'))).toEqual(printed[client]?.prompt);
    for (const moment of ['answered', 'compacting', 'ended'] as const) {
      const said: unknown = JSON.parse(adapter.print(at(moment), ''));
      expect(said).toEqual(client === 'cline' ? { cancel: false } : {});
    }
  });

  it('that do not match the schema are refused', () => {
    expect(() => adapterOf(client).read({ hook_event_name: 7, hookName: 7, moment: 7 }, place)).toThrow();
    expect(() => adapterOf(client).read(null, place)).toThrow();
  });
});
