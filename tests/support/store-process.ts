import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { FileStoreOptions } from '../../src/adapters/files/file-store.js';
import { layoutOf } from '../../src/adapters/files/layout.js';
import { nodeFiles } from '../../src/lib/io/files.js';
import { toUserId } from '../../src/model/ids.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { plainEnv } from './cli-process.js';

const program = path.resolve('tests/support/store-process.mjs');

export interface StoreTask {
  readonly dataDir: string;
  readonly user: string;
  /** Pages are called `<name>:<number>`. */
  readonly name: string;
  readonly from?: number;
  /** Number of pages to add. Default: until it is killed. */
  readonly adds?: number;
  /** Whether it also migrates, analyses and evicts when it has the lease. */
  readonly migrate?: boolean;
  readonly capacity?: number;
  readonly delayMs?: number;
  /** One of so many file operations fails, with a random code. */
  readonly faultEvery?: number;
  /** The process suspends itself (SIGSTOP) once, before the n-th step of this kind on a file whose path contains this. */
  readonly stopAt?: { readonly kind: 'write' | 'sync'; readonly name: string; readonly after: number };
  readonly options?: Partial<Omit<FileStoreOptions, 'files' | 'clock'>>;
}

/** A process that works on a memory. See store-process.mjs. */
export class StoreProcess {
  readonly child: ChildProcess;
  /** Texts of the pages that it acknowledged. */
  readonly acknowledged: string[] = [];
  readonly errors: string[] = [];
  readonly notices: string[] = [];
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  /** Resolves just before the process suspends itself. */
  readonly stops: Promise<void>;
  done = false;
  /** Number of pages that it began to add. */
  attempts = 0;
  /** Its memory at the last page. */
  rssMb = 0;

  /** The folder of the memory's files. */
  readonly folder: string;

  constructor(task: StoreTask) {
    this.folder = layoutOf(task.dataDir, toUserId(task.user)).root;
    this.child = spawn(process.execPath, [program, JSON.stringify(task)], {
      env: plainEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(this.child, 'close');
    this.ended = closed.then(() => undefined);
    let isReady = () => {};
    let isStopping = () => {};
    this.stops = new Promise((resolve) => {
      isStopping = resolve;
    });
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the streams are piped');
    createInterface({ input: stdout }).on('line', (line) => {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'ready') isReady();
      if (word === 'ack') this.acknowledged.push(rest.join(' '));
      if (word === 'error') this.errors.push(rest.join(' '));
      if (word === 'notice') this.notices.push(rest.join(' '));
      if (word === 'try') {
        this.attempts += 1;
        this.rssMb = Number(rest[0]);
      }
      if (word === 'stops') isStopping();
      if (word === 'done') this.done = true;
    });
    createInterface({ input: stderr }).on('line', (line) => this.errors.push(`stderr: ${line}`));
    this.ended.then(isReady);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Suspends the process in a moment when it holds the lock. */
export async function suspendWithLock({ child, folder }: StoreProcess): Promise<void> {
  for (;;) {
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const locks = readdirSync(folder).filter((name) => name.startsWith('lock.'));
    const owners = await Promise.all(locks.map((name) => nodeFiles.claimedBy(path.join(folder, name))));
    if (owners.some((owner) => owner?.includes(`"pid":${child.pid},`))) return;
    child.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
  }
}

/** Texts of all pages of a memory in all places; a page stored twice appears twice. */
export async function allTexts(store: UserStore): Promise<string[]> {
  for (;;) {
    await store.refresh();
    const { position } = store;
    const { shortTerm, segments } = store.state;
    const texts = [...shortTerm, ...[...segments.values()].flatMap(({ pages }) => pages)].map(
      (page) => page.user_input,
    );
    for await (const entry of store.readArchive()) {
      if (entry.kind === 'segment') texts.push(...entry.pages.map((page) => page.user_input));
    }
    // Reading the archive refreshes the memory; pages evicted between the two reads would be counted twice.
    if (store.position === position) return texts;
  }
}

/** Acknowledged pages that are not stored, and pages that are stored more than once. */
export function losses(
  stored: readonly string[],
  acknowledged: readonly string[],
): { lost: string[]; doubled: string[] } {
  const counts = new Map<string, number>();
  for (const text of stored) counts.set(text, (counts.get(text) ?? 0) + 1);
  return {
    lost: acknowledged.filter((text) => !counts.has(text)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([text]) => text),
  };
}
