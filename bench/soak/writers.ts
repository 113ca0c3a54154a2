import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { plainEnv, RawServer } from '../../tests/support/cli-process.js';
import { exchange } from './exchanges.js';

/** A process that adds pages one after another until it is done or killed. */
export interface Writer {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly ready: Promise<unknown>;
  readonly acknowledged: string[];
  readonly errors: string[];
  readonly notices: string[];
  /** Pages that it began to add, and queries that were answered. */
  readonly counts: { attempts: number; asked: number; done: boolean };
}

export interface WriterTask {
  readonly dataDir: string;
  readonly name: string;
  readonly from: number;
  /** Number of pages to add. Default: until it is killed. */
  readonly adds?: number;
  readonly delayMs: number;
  /** One of so many file operations fails. Only the engine has this. */
  readonly faultEvery?: number;
}

const program = path.resolve('bench/soak/engine-writer.ts');

/** Starts engine-writer.ts. */
export function engineWriter(task: WriterTask): Writer {
  const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(task)], {
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const writer = newWriter(child, ended);
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word = '', ...rest] = line.split(' ');
      if (word === 'ready') resolve();
      if (word === 'ack') writer.acknowledged.push(rest.join(' '));
      if (word === 'error') writer.errors.push(rest.join(' '));
      if (word === 'notice') writer.notices.push(rest.join(' '));
      if (word === 'try') writer.counts.attempts += 1;
      if (word === 'asked') writer.counts.asked += 1;
      if (word === 'done') writer.counts.done = true;
    });
  });
  createInterface({ input: child.stderr }).on('line', (line) => writer.errors.push(`stderr: ${line}`));
  return { ...writer, ready: Promise.race([ready, ended]) };
}

/** Starts the built server over stdio. */
export function serverWriter(task: WriterTask, configFile: string): Writer {
  const server = new RawServer(['--config', configFile]);
  const writer = newWriter(server.child, server.ended);
  const ready = server.initialize().catch((error: unknown) => writer.errors.push(String(error)));
  const call = async (id: number, name: string, args: Readonly<Record<string, unknown>>) => {
    server.send({ id, method: 'tools/call', params: { name, arguments: args } });
    const { result } = await server.answerTo(id);
    server.received.length = 0;
    return JSON.stringify(result);
  };
  void (async () => {
    await ready;
    for (let index = 0; index < (task.adds ?? Number.POSITIVE_INFINITY); index += 1) {
      const { userInput, agentResponse } = exchange(task.name, task.from + index);
      writer.counts.attempts += 1;
      const added = await call(2 * index + 1, 'add_memory', {
        user_input: userInput,
        agent_response: agentResponse,
      });
      if (added?.includes('"status":"success"') === true) writer.acknowledged.push(userInput);
      else writer.errors.push(`server ${added}`);
      if (index % 10 === 0) {
        const found = await call(2 * index + 2, 'retrieve_memory', { query: userInput });
        // A session does not get back what it has just stored, so only the answer itself is checked.
        if (found?.includes('"status":"success"') === true) writer.counts.asked += 1;
        else writer.errors.push(`server ${found}`);
      }
      await new Promise((resolve) => setTimeout(resolve, task.delayMs));
    }
    server.child.stdin.end();
    await server.ended;
    writer.counts.done = true;
  })().catch((error: unknown) => {
    if (!server.child.killed) writer.errors.push(String(error));
  });
  return { ...writer, ready: Promise.race([ready, server.ended]) };
}

function newWriter(child: ChildProcess, ended: Promise<unknown>): Omit<Writer, 'ready'> {
  const counts = { attempts: 0, asked: 0, done: false };
  return { child, ended, acknowledged: [], errors: [], notices: [], counts };
}
