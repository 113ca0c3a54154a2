import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ChatParts, chat } from '../../../src/cli/chat.js';
import { MemoryError } from '../../../src/model/errors.js';

type Respond = ChatParts['engine']['respond'];

function start(respond: Respond, interactive = true) {
  const input = Object.assign(new PassThrough(), { isTTY: interactive });
  const output = new PassThrough();
  let shown = '';
  let left = 0;
  output.on('data', (piece: Buffer) => {
    shown += piece.toString('utf8');
  });
  const ended = chat({
    engine: { respond },
    input,
    output,
    styleHint: 'dry',
    onLeave: () => {
      left += 1;
    },
  });
  const sees = async (text: string) => {
    for (let tries = 0; !shown.includes(text); tries += 1) {
      if (tries > 200) throw new Error(`"${text}" was not shown, but: ${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { input, ended, sees, shown: () => shown, left: () => left };
}

const untilAborted = (signal: AbortSignal | undefined) =>
  new Promise<void>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new MemoryError('CANCELLED', 'cancelled')));
  });

describe('chat', () => {
  it('answers each line from a pipe, with the style, and ends with the input', async () => {
    const asked: unknown[] = [];
    const session = start(async function* ({ query, styleHint }) {
      asked.push([query, styleHint]);
      yield 'Hello ';
      yield `${query}!\u001b[2J`;
    }, false);
    session.input.end('Ann\n\nBob\n');
    await session.ended;
    expect(session.shown()).toBe('Hello Ann![2J\nHello Bob![2J\n');
    expect(asked).toEqual([
      ['Ann', 'dry'],
      ['Bob', 'dry'],
    ]);
  });

  it('handles /help and unknown commands itself, and sends nothing of them', async () => {
    const asked: string[] = [];
    const session = start(async function* ({ query }) {
      asked.push(query);
      yield 'ok';
    }, false);
    session.input.end('/help\n/hlep me\n /\n/usr/bin is a folder\n1/2 cup\n/exit\nnever\n');
    await session.ended;
    expect(asked).toEqual(['/usr/bin is a folder', '1/2 cup']);
    expect(session.shown()).toMatch(/\/exit ends the chat[\s\S]*Unknown command \/hlep; nothing was sent/);
  });

  it('throws errors when reading from a pipe, and reports them on a terminal', async () => {
    const failing: Respond = async function* ({ query }) {
      if (query === 'fine') yield 'fine, too';
      else throw new MemoryError('MODEL_UNAVAILABLE', 'The endpoint is down.');
    };
    const piped = start(failing, false);
    piped.input.end('hello\n');
    await expect(piped.ended).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });

    const typed = start(failing);
    typed.input.write('hello\n');
    await typed.sees('The endpoint is down.');
    typed.input.write('fine\n');
    await typed.sees('fine, too');
    typed.input.write('/exit\n');
    await typed.ended;
  });

  it('Ctrl-C stops the answer, and ends the chat when there is none', async () => {
    const session = start(async function* ({ query, signal }) {
      yield `thinking about ${query}`;
      if (query === 'life') await untilAborted(signal);
    });
    session.input.write('life\n');
    await session.sees('thinking about life');
    session.input.write('\u0003');
    await session.sees('(stopped; this exchange is not remembered)');
    expect(session.left()).toBe(0);
    session.input.write('lunch\n');
    await session.sees('thinking about lunch');
    await new Promise((resolve) => setTimeout(resolve, 20));
    session.input.write('\u0003');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(session.left()).toBe(1);
    session.input.end();
    await session.ended;
  });
});
