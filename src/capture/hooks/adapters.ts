import { claudeCode } from './claude-code.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { cursor } from './cursor.js';
import { gemini } from './gemini.js';
import type { HookAdapter } from './moment.js';
import { opencode } from './opencode.js';
import { vscode } from './vscode.js';

/** The clients with hooks, by their name on the command line. */
export const hookAdapters: ReadonlyMap<string, HookAdapter> = new Map(
  [claudeCode, codex, gemini, cursor, vscode, cline, opencode].map((adapter) => [adapter.client, adapter]),
);
