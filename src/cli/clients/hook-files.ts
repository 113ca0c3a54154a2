import { readFileSync } from 'node:fs';
import { packageFile } from '../../lib/io/package-files.js';
import { setValue } from './client-file.js';
import { type ClientName, codexFolder, joinerOf, type Place, xdgFolder } from './clients.js';
import { shellLine } from './command.js';
import { at, formatOf, isObject, type Settings } from './settings-format.js';

/** A file that makes a client call our hook, or stops it from doing so. */
export interface HookFile {
  readonly file: string;
  /** Returns the file's new text, or null to remove the file. `before` is null when there is no file. */
  edit(before: string | null): string | null;
  /** Set for a script that is run by its name. */
  readonly isExecutable?: true;
}

export interface HookFiles {
  readonly files: readonly HookFile[];
  /** What a person has to do. */
  readonly afterwards: string;
}

const secondsMax = 30;

type Item = Readonly<Record<string, unknown>>;

/** What a client's hooks are made from. */
interface Hooking {
  readonly place: Place;
  readonly join: (...parts: string[]) => string;
  /** The words that start the hook; null removes it. */
  readonly words: readonly string[] | null;
  /** The same as a line for a shell. */
  readonly line: string | null;
}

/** The clients with supported hooks. */
const hookings: Readonly<Partial<Record<ClientName, (hooking: Hooking) => HookFiles | null>>> = {
  'claude-code': ({ place, join, line }) =>
    settings(join(place.home, '.claude', 'settings.json'), 'claude-code', {
      item: grouped(line, { timeout: secondsMax }),
      events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'PreCompact', 'SessionEnd'],
      afterwards: 'Claude Code reads its hooks at the next start; /hooks shows them.',
    }),
  codex: ({ place, join, line }) =>
    settings(join(codexFolder(place), 'hooks.json'), 'codex', {
      item: grouped(line, { timeout: secondsMax }),
      events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'PreCompact'],
      afterwards: 'Codex asks at the next start whether to trust the hooks.',
    }),
  gemini: ({ place, join, line }) =>
    settings(join(place.home, '.gemini', 'settings.json'), 'gemini', {
      item: grouped(line, { name: 'memoryos', timeout: secondsMax * 1000 }),
      events: ['SessionStart', 'BeforeAgent', 'AfterAgent', 'PreCompress', 'SessionEnd'],
      afterwards: 'Gemini CLI reads its hooks at the next start; /hooks shows them.',
    }),
  cursor: ({ place, join, line }) =>
    settings(join(place.home, '.cursor', 'hooks.json'), 'cursor', {
      item: item(line, {}),
      events: [
        'sessionStart',
        'beforeSubmitPrompt',
        'afterAgentResponse',
        'stop',
        'preCompact',
        'sessionEnd',
      ],
      usual: { version: 1 },
      afterwards: 'Cursor applies the change automatically; its settings show the hooks.',
    }),
  vscode: ({ place, join, line }) =>
    settings(join(place.home, '.copilot', 'hooks', 'memoryos.json'), 'vscode', {
      item: item(line, { type: 'command', timeout: secondsMax }),
      events: ['SessionStart', 'UserPromptSubmit', 'Stop', 'PreCompact'],
      afterwards: 'VS Code applies the change automatically.',
    }),
  // Cline runs hooks only on macOS and Linux.
  cline: ({ place, join, line }) =>
    place.platform === 'win32' ? null : scripts(join(place.home, 'Documents', 'Cline', 'Hooks'), line, join),
  opencode({ place, join, words }) {
    const plugin: HookFile = {
      file: join(xdgFolder(place), 'opencode', 'plugins', 'memoryos.js'),
      edit: () => (words === null ? null : openCodePlugin(words)),
    };
    return { files: [plugin], afterwards: 'Start OpenCode anew.' };
  },
};

/**
 * The files through which a client calls `memoryos-mcp hook <client>`; null for a client without supported
 * hooks. `words` starts the hook; null removes it.
 */
export function hookFiles(
  client: ClientName,
  place: Place,
  words: readonly string[] | null,
): HookFiles | null {
  const line = words === null ? null : shellLine(words, place.platform);
  return hookings[client]?.({ place, join: joinerOf(place), words, line }) ?? null;
}

function item(line: string | null, extra: Item): Item | null {
  return line === null ? null : { command: line, ...extra };
}

function grouped(line: string | null, extra: Item): Item | null {
  const hook = item(line, { type: 'command', ...extra });
  return hook && { hooks: [hook] };
}

interface SettingsHooks {
  /** The item to add to each event's list; null removes it. */
  readonly item: Item | null;
  readonly events: readonly string[];
  readonly usual?: Settings;
  readonly afterwards: string;
}

function settings(
  file: string,
  client: ClientName,
  { item, events, usual, afterwards }: SettingsHooks,
): HookFiles {
  const edit = (before: string | null): string | null => {
    let text = before;
    const held = () => formatOf(file).parse(file, (text ?? '').replace(/^\uFEFF/, ''));
    for (const [key, value] of Object.entries(usual ?? {})) {
      if (item !== null && held()[key] === undefined) text = setValue(file, text, [key], value).text;
    }
    for (const event of events) {
      const list = at(held(), ['hooks', event]);
      const others = Array.isArray(list) ? list.filter((one) => !isOurs(one, client)) : [];
      const wanted = item === null ? others : [...others, item];
      if (JSON.stringify(list) === JSON.stringify(wanted)) continue;
      if (list === undefined && wanted.length === 0) continue;
      text = setValue(file, text, ['hooks', event], wanted.length === 0 ? undefined : wanted).text;
    }
    if (item !== null || before === null) return text;
    // Removes objects that only our entries had filled.
    const left = at(held(), ['hooks']);
    if (isObject(left) && Object.keys(left).length === 0)
      text = setValue(file, text, ['hooks'], undefined).text;
    return Object.keys(held()).every((key) => usual !== undefined && key in usual) ? null : text;
  };
  return { files: [{ file, edit }], afterwards };
}

function isOurs(item: unknown, client: ClientName): boolean {
  return new RegExp(`(memoryos-mcp|main\\.js['"\\\\]*) hook ${client}\\b`).test(JSON.stringify(item) ?? '');
}

const clineMark = '# Written by memoryos-mcp install.';

function scripts(folder: string, line: string | null, join: (...parts: string[]) => string): HookFiles {
  const files = [
    'TaskStart',
    'TaskResume',
    'UserPromptSubmit',
    'TaskComplete',
    'TaskCancel',
    'PreCompact',
  ].map(
    (event): HookFile => ({
      file: join(folder, event),
      isExecutable: true,
      edit(before) {
        // A hook written by somebody else is not replaced, because Cline runs one file for each hook.
        if (before !== null && !before.includes(clineMark)) return before;
        return line === null ? null : `#!/bin/sh\n${clineMark}\nexec ${line}\n`;
      },
    }),
  );
  return { files, afterwards: 'Turn hooks on in the settings of Cline.' };
}

function openCodePlugin(words: readonly string[]): string {
  const template = readFileSync(packageFile('assets/opencode-plugin.js'), 'utf8');
  return template.replace('/* command */', words.map((word) => JSON.stringify(word)).join(', '));
}
