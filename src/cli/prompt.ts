import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { MemoryError } from '../model/errors.js';

export interface Question {
  readonly key: string;
  readonly question: string;
  readonly fallback: string;
  /** True: neither the input nor the default is shown. */
  readonly secret?: boolean;
}

/** Asks questions on the terminal one after another. Ctrl-C and Ctrl-D throw CANCELLED. */
export async function prompt(questions: readonly Question[]): Promise<Record<string, string>> {
  const output = new Terminal();
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const left = new AbortController();
  terminal.once('SIGINT', () => left.abort());
  terminal.once('close', () => left.abort());
  const answers: Record<string, string> = {};
  try {
    for (const { key, question, fallback, secret } of questions) {
      const shown = secret ? (fallback === '' ? '' : '(set)') : fallback;
      // Readline redraws the line with every key, so it must know the question.
      const answering = terminal.question(`${question}${shown === '' ? '' : ` [${shown}]`} `, {
        signal: left.signal,
      });
      output.isMuted = secret === true;
      const answer = (await answering).trim();
      if (output.isMuted) process.stderr.write('\n');
      output.isMuted = false;
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

/** The terminal on stderr, which can hide what is typed. */
class Terminal extends Writable {
  isMuted = false;

  get columns(): number {
    return process.stderr.columns;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Written synchronously. A delayed write would be hidden, or shown with the next question.
    if (!this.isMuted) process.stderr.write(String(chunk));
    done();
  }
}
