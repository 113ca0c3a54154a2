import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { plainEnv } from './cli-process.js';

export interface PostgresTask {
  readonly url: string;
  readonly schema: string;
  readonly user: string;
  /** Pages are called `<name>:<number>`. */
  readonly name: string;
  readonly migrates: boolean;
}

/** A process that adds to a memory until it is killed. See postgres-process.mjs. */
export class PostgresProcess {
  readonly acknowledged: string[] = [];
  readonly errors: string[] = [];
  readonly ready: Promise<void>;
  readonly #child;
  readonly #ended: Promise<unknown>;

  constructor(task: PostgresTask) {
    const program = path.resolve('tests/support/postgres-process.mjs');
    this.#child = spawn(process.execPath, [program, JSON.stringify(task)], {
      env: plainEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'close');
    let isReady = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'ready') isReady();
      if (word === 'ack') this.acknowledged.push(rest.join(' '));
      if (word === 'error') this.errors.push(rest.join(' '));
    });
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.errors.push(`stderr: ${line}`));
    void this.#ended.then(isReady);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
