import { PassThrough } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { StdioTransport } from '../../../src/mcp/stdio-transport.js';

let input: PassThrough;
let output: PassThrough;
let transport: StdioTransport;
let received: JSONRPCMessage[];

beforeEach(async () => {
  input = new PassThrough();
  output = new PassThrough();
  transport = new StdioTransport(input, output);
  received = [];
  transport.onmessage = (message) => received.push(message);
  await transport.start();
});

const ping = (id: number) => ({ jsonrpc: '2.0' as const, id, method: 'ping' });

function answers(): unknown[] {
  return String(output.read() ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('reading', () => {
  it('splits messages at line ends, wherever chunks end', async () => {
    const bytes = Buffer.from(
      `${JSON.stringify({ ...ping(1), params: { text: 'é漢👋' } })}\r\n${JSON.stringify(ping(2))}\n\n`,
    );
    for (const byte of bytes) input.write(Buffer.from([byte]));
    await settle();
    expect(received).toMatchObject([{ id: 1, params: { text: 'é漢👋' } }, { id: 2 }]);
  });

  it('answers invalid JSON, and continues', async () => {
    input.write('{"jsonrpc": \n');
    input.write(`${JSON.stringify(ping(3))}\n`);
    await settle();
    expect(answers()).toMatchObject([{ id: null, error: { code: -32700 } }]);
    expect(received).toMatchObject([{ id: 3 }]);
  });

  it('answers what is not a message, with its id if it has one', async () => {
    input.write('{"jsonrpc":"2.0","id":5,"method":7}\n[]\n"x"\n');
    await settle();
    expect(answers()).toMatchObject([
      { id: 5, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
    ]);
  });

  it('skips a line that is too long, and continues', async () => {
    const part = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 33; i += 1) input.write(part);
    input.write(`\n${JSON.stringify(ping(4))}\n`);
    await expect.poll(() => received).toMatchObject([{ id: 4 }]);
    expect(answers()).toMatchObject([{ id: null, error: { code: -32600 } }]);
  });
});

describe('ending', () => {
  it('waits for the answers to all requests that arrived', async () => {
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`);
    await settle();
    let done = false;
    const answered = transport.answered().then(() => {
      done = true;
    });
    await transport.send({ jsonrpc: '2.0', id: 1, result: {} });
    await settle();
    expect(done).toBe(false);
    await transport.send({ jsonrpc: '2.0', id: 2, result: {} });
    await answered;
  });

  it('does not wait for a cancelled request', async () => {
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(cancel)}\n`);
    await settle();
    await transport.answered();
  });

  it('reports the end of input, and a client that is gone', async () => {
    const ends: string[] = [];
    transport.onend = () => ends.push('end');
    input.end();
    await expect.poll(() => ends).toEqual(['end']);
    output.destroy(new Error('EPIPE'));
    await expect.poll(() => ends).toEqual(['end', 'end']);
  });
});
