import { describe, expect, it } from 'vitest';
import type { ChatModel, ChatRequest } from '../../src/ports/chat-model.js';

export interface ChatModelUnderTest {
  readonly name: string;
  /** A model that answers `repeat` requests with the last message, and is slow enough to be cancelled. */
  readonly create: () => Promise<{ model: ChatModel; slowModel: ChatModel; close: () => Promise<void> }>;
}

export const repeatLine = 'Repeat the last message.';

export function repeat(text: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    messages: [
      { role: 'system', content: repeatLine },
      { role: 'user', content: text },
    ],
    ...more,
  };
}

/** Tests that every chat model must pass, for every endpoint. */
export function describeChatModel(subject: ChatModelUnderTest): void {
  describe(`chat model: ${subject.name}`, () => {
    it('answers, counts calls and tokens, streams, asks for JSON, and can be cancelled', async () => {
      const { model, slowModel, close } = await subject.create();
      try {
        expect(model.usage()).toEqual({ calls: 0, promptTokens: 0, completionTokens: 0 });

        const answer = await model.complete(repeat('Grüße, 世界 🌍'));
        expect(answer.text).toBe('Grüße, 世界 🌍');
        expect(answer.usage.promptTokens).toBeGreaterThan(0);
        expect(model.usage().calls).toBeGreaterThan(0);
        expect(model.usage().promptTokens).toBe(answer.usage.promptTokens);

        const schema = {
          name: 'pair',
          jsonSchema: {
            type: 'object',
            properties: { a: { type: 'integer' } },
            required: ['a'],
            additionalProperties: false,
          },
        };
        const asked = repeat('{"a":1}', { schema, temperature: 0, outputTokensMax: 500 });
        expect((await model.complete(asked)).text).toBe('{"a":1}');
        const callsBefore = model.usage().calls;
        await model.complete(asked);
        expect(model.usage().calls, 'what the endpoint understands is found out once').toBe(callsBefore + 1);

        const text = 'One after the other, Grüße, 世界 🌍, and so on.';
        const pieces: string[] = [];
        for await (const piece of model.stream(repeat(text, { outputTokensMax: 500 }))) pieces.push(piece);
        expect(pieces.length).toBeGreaterThan(1);
        expect(pieces.join('')).toBe(text);

        for await (const piece of model.stream(repeat(text))) {
          expect(piece).not.toBe('');
          break;
        }

        const stopped = new AbortController();
        stopped.abort();
        const early = { signal: stopped.signal };
        await expect(model.complete(repeat('never', early))).rejects.toMatchObject({ code: 'CANCELLED' });
        await expect(firstPiece(model, repeat('never', early))).rejects.toMatchObject({ code: 'CANCELLED' });

        for (const ask of [
          (request: ChatRequest) => slowModel.complete(request),
          (request: ChatRequest) => firstPiece(slowModel, request),
        ]) {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), 50);
          await expect(ask(repeat('slow', { signal: controller.signal }))).rejects.toMatchObject({
            code: 'CANCELLED',
          });
        }
      } finally {
        await close();
      }
    });
  });
}

async function firstPiece(model: ChatModel, request: ChatRequest): Promise<string | undefined> {
  for await (const piece of model.stream(request)) return piece;
  return undefined;
}
