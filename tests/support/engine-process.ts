import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { MemoryOptions } from '../../src/app/create-memory.js';
import { plainEnv } from './cli-process.js';

const program = path.resolve('tests/support/engine-process.mjs');

type Command = 'add' | 'retrieve' | 'flush' | 'stats' | 'close';

/** A process that runs the built engine. */
export class EngineProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly ready: Promise<unknown>;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #count = 0;

  constructor(options: MemoryOptions) {
    this.child = fork(program, [JSON.stringify(options)], {
      env: plainEnv(),
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.ended = once(this.child, 'exit');
    this.ready = this.#answer(0);
    this.child.on('message', (message) => this.#take(message));
    this.ended.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process ended'));
    });
  }

  ask(command: Command, rest: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#count += 1;
    const answer = this.#answer(this.#count);
    this.child.send({ id: this.#count, do: command, ...rest });
    return answer;
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #take(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message)) return;
    const waiting = this.#waiting.get(Number(message.id));
    this.#waiting.delete(Number(message.id));
    if ('error' in message) waiting?.reject(new Error(String(message.error)));
    else waiting?.resolve('value' in message ? message.value : undefined);
  }
}
