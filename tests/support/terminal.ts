import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { cliPath, plainEnv } from './cli-process.js';

/** Whether this machine can run commands in a pseudo-terminal. */
export const hasTerminal = process.platform !== 'win32' && spawnSync('python3', ['--version']).status === 0;

/** The text to wait for on the terminal, and the text to type then. */
export type Step = readonly [text: string, keys: string];

/** Runs the built command line in a pseudo-terminal. Code 99: an expected text did not appear. */
export function runInTerminal(
  args: readonly string[],
  steps: readonly Step[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<{ readonly code: number | null; readonly raw: string; readonly lines: readonly string[] }> {
  const script = path.resolve('tests/support/terminal.py');
  const words = [script, JSON.stringify(steps), process.execPath, cliPath, ...args];
  return new Promise((resolve) => {
    const child = execFile(
      'python3',
      words,
      { cwd: options.cwd, env: plainEnv({ ...options.env, TERM: 'xterm', NO_COLOR: '1' }) },
      (_error, raw) => resolve({ code: child.exitCode, raw, lines: screenOf(raw) }),
    );
  });
}

const escapeCharacter = '\u001b';
const tokens = new RegExp(`${escapeCharacter}\\[[0-9;]*[A-Za-z]|[^]`, 'g');
const sequence = new RegExp(`^${escapeCharacter}\\[([0-9]*).*?([A-Za-z])$`);

/** The lines that are visible at the end, without erased text. */
function screenOf(raw: string): string[] {
  const lines = [''];
  let column = 0;
  for (const [token] of raw.matchAll(tokens)) {
    const row = lines.at(-1) ?? '';
    const control = sequence.exec(token);
    if (token === '\n') {
      lines.push('');
      column = 0;
    } else if (token === '\r') column = 0;
    else if (control?.[2] === 'G') column = Number(control[1] || 1) - 1;
    else if (control?.[2] === 'J' || control?.[2] === 'K') lines[lines.length - 1] = row.slice(0, column);
    else if (control === null) {
      lines[lines.length - 1] = `${row.slice(0, column).padEnd(column)}${token}${row.slice(column + 1)}`;
      column += 1;
    }
  }
  return lines;
}
