import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { MemoryError } from '../model/errors.js';

export interface Question {
  readonly key: string;
  readonly question: string;
  readonly fallback: string;
  /** Not shown while it is typed, nor as the default. */
  readonly secret?: boolean;
}

/** Asks on the terminal, one after the other. Ctrl-C and Ctrl-D throw CANCELLED. */
export async function prompt(questions: readonly Question[]): Promise<Record<string, string>> {
  let muted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const left = new AbortController();
  terminal.once('SIGINT', () => left.abort());
  terminal.once('close', () => left.abort());
  const answers: Record<string, string> = {};
  try {
    for (const { key, question, fallback, secret } of questions) {
      const shown = secret ? (fallback === '' ? '' : '(set)') : fallback;
      process.stderr.write(`${question}${shown === '' ? '' : ` [${shown}]`} `);
      muted = secret === true;
      const answer = (await terminal.question('', { signal: left.signal })).trim();
      if (muted) process.stderr.write('\n');
      muted = false;
      answers[key] = answer === '' ? fallback : answer;
    }
    return answers;
  } catch (cause) {
    process.stderr.write('\n');
    throw new MemoryError('CANCELLED', 'Stopped; nothing was written.', { cause });
  } finally {
    terminal.removeAllListeners('close');
    terminal.close();
  }
}
