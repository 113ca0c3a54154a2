import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { type Ended, plainEnv } from './cli-process.js';

const program = path.resolve('tests/support/command-runner.mjs');
/** Ends the output of a command. */
const mark = '\u0001end of the command\u0001';
const endsWithinMs = 30_000;

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs the commands of a test file in one process of the built program, which starts with the first one. A process for
 * each would spend most of its time loading modules. Not for commands that read standard input, that are stopped by a
 * signal, or that serve. When the file is done, the process must end by itself: no command may leave something that
 * keeps it running.
 */
export function sharedCommands(): (args: readonly string[], options?: CommandOptions) => Promise<Ended> {
  let runner: CommandRunner | undefined;
  afterAll(async () => {
    if (runner !== undefined) expect(await runner.end()).toBe(0);
    runner = undefined;
  });
  return (args, options = {}) => {
    runner ??= new CommandRunner();
    return runner.run(args, options);
  };
}

class CommandRunner {
  readonly #child: ChildProcess;
  readonly #output = { stdout: '', stderr: '' };
  readonly #ended: Promise<unknown>;
  #last: Promise<unknown>;

  constructor() {
    this.#child = fork(program, [mark], { env: plainEnv(), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text;
      });
    }
    this.#ended = once(this.#child, 'exit').then(([code]) => code);
    this.#last = once(this.#child, 'message');
  }

  run(args: readonly string[], { cwd = process.cwd(), env = {} }: CommandOptions): Promise<Ended> {
    const ended = this.#last.then(() => this.#command(args, cwd, plainEnv(env)));
    this.#last = ended.catch(() => undefined);
    return ended;
  }

  async #command(
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
  ): Promise<Ended> {
    const answered = new Promise<number>((resolve) => this.#child.once('message', resolve));
    this.#child.send({ args, cwd, env });
    const ended = this.#ended.then(() => null);
    const code = await Promise.race([answered, ended]);
    if (code === null) throw new Error(`The process ended during ${args.join(' ')}: ${this.#output.stderr}`);
    const [stdout, stderr] = await Promise.all([this.#taken('stdout'), this.#taken('stderr')]);
    return { code, stdout, stderr };
  }

  /** The output up to the mark, which may arrive after the message. */
  async #taken(name: 'stdout' | 'stderr'): Promise<string> {
    while (!this.#output[name].endsWith(mark)) {
      const stream = this.#child[name];
      if (stream !== null) await once(stream, 'data');
    }
    const text = this.#output[name].slice(0, -mark.length);
    this.#output[name] = '';
    return text;
  }

  /** Resolves with the exit code; null: the process did not end by itself. */
  async end(): Promise<unknown> {
    await this.#last;
    this.#child.disconnect();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), endsWithinMs);
    const code = await this.#ended;
    clearTimeout(late);
    return code;
  }
}
