import { parseArgs } from 'node:util';
import { askServer } from '../app/capture/ask-server.js';
import { hookAddress } from '../app/capture/hook-address.js';

/** A client waits for its hook; most clients give up after 30 s or more. */
const answerWithinMs = 20_000;
const eventBytesMax = 48 * 1024 * 1024;
/** Every client accepts this as "nothing to add". */
const nothing = '{}';

/**
 * `memoryos-mcp hook <client>`: reads an event as JSON from standard input and prints the answer for the
 * client. A hook must never stop a client, so failures only go to the log and the exit code is 0.
 */
export async function runHook(words: readonly string[]): Promise<never> {
  setTimeout(() => {
    process.stderr.write('The memory did not answer in time.\n');
    print(nothing);
  }, answerWithinMs).unref();
  return print(await answer(words).catch(() => nothing));
}

async function answer(words: readonly string[]): Promise<string> {
  const { positionals, values } = parseArgs({
    args: [...words],
    options: {
      config: { type: 'string', short: 'c' },
      data: { type: 'string' },
      user: { type: 'string' },
      assistant: { type: 'string' },
      project: { type: 'string' },
      'log-level': { type: 'string' },
    },
    allowPositionals: true,
  });
  const event = await standardInput();
  const request = { client: positionals[0] ?? '', event, project: values.project ?? null };
  const address = hookAddress(values, process.env, process.cwd());
  const answered = address === null ? null : await askServer(address.dataDir, address.userId, request);
  if (answered !== null) return answered;
  const { answerAlone } = await import('./hook-alone.js');
  return answerAlone(
    { ...values, ...(values['log-level'] && { logLevel: values['log-level'] }) },
    request,
    address,
  );
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) return '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const part: Buffer = chunk;
    bytes += part.length;
    if (bytes > eventBytesMax) throw new Error('the event is too long');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function print(text: string): Promise<never> {
  return new Promise(() => {
    process.stdout.write(text === '' ? nothing : text, () => process.exit(0));
  });
}
