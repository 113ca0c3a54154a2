import * as z from 'zod';
import type { Conversation } from '../../model/exchange.js';
import type { History } from './history.js';
import { elementsOf } from './json-stream.js';
import { timeFrom } from './times.js';
import { exchangesOf, type TreeMessage } from './tree.js';

const time = z.union([z.number(), z.string()]).nullish();

/** An element of `conversations.json` of ChatGPT's data export. */
const conversationSchema = z.looseObject({
  id: z.string().nullish(),
  conversation_id: z.string().nullish(),
  title: z.string().nullish(),
  create_time: time,
  current_node: z.string().nullish(),
  mapping: z.record(
    z.string(),
    z.looseObject({
      parent: z.string().nullish(),
      message: z
        .looseObject({
          author: z.looseObject({ role: z.string() }).nullish(),
          create_time: time,
          recipient: z.string().nullish(),
          content: z
            .looseObject({ content_type: z.string().nullish(), parts: z.array(z.unknown()).nullish() })
            .nullish(),
          metadata: z.looseObject({ is_visually_hidden_from_conversation: z.boolean().nullish() }).nullish(),
        })
        .nullish(),
    }),
  ),
});
type Message = NonNullable<z.infer<typeof conversationSchema>['mapping'][string]['message']>;

const source = 'chatgpt';

/** Reads `conversations.json` of the export: every message of the user, on any branch, with one answer. */
export const chatgpt: History = {
  source,
  title: "ChatGPT's export",
  async *read(file, report) {
    let number = 0;
    for await (const element of elementsOf(file, ['$'], report)) {
      number += 1;
      const parsed = conversationSchema.safeParse(element);
      if (!parsed.success) {
        report.leaveOut(
          'a conversation has an unknown format',
          `${file}, conversation ${number}`,
          titleOf(element),
        );
        continue;
      }
      yield conversationFrom(parsed.data, `${file}, conversation ${number}`, report);
    }
  },
};

function conversationFrom(
  given: z.infer<typeof conversationSchema>,
  where: string,
  report: Parameters<History['read']>[1],
): Conversation {
  const session = given.conversation_id ?? given.id ?? where;
  const begun = timeFrom(given.create_time ?? null);
  const messages = Object.entries(given.mapping).map(
    ([id, { parent, message }]): TreeMessage => ({
      id,
      parent: parent ?? null,
      role: roleOf(message?.author?.role),
      text: textOf(message ?? null),
      at: timeFrom(message?.create_time ?? null),
    }),
  );
  const exchanges = exchangesOf(messages, given.current_node ?? null, report).flatMap((exchange) => {
    const timestamp = exchange.at ?? begun;
    if (timestamp === null) {
      report.leaveOut('it has no time', where, exchange.userInput);
      return [];
    }
    const key = `${source}\n${session}\n${exchange.id}`;
    return { ...exchange, key, timestamp, project: null, origin: { by: 'import', client: source, session } };
  });
  return { id: `${source}\n${session}`, title: given.title?.trim() || 'ChatGPT', exchanges, facts: [] };
}

function roleOf(role: string | undefined): TreeMessage['role'] {
  return role === 'user' ? 'user' : role === 'assistant' ? 'agent' : 'other';
}

/** The visible text of a message, without tool calls, thoughts and hidden parts. */
function textOf(message: Message | null): string {
  if (message === null || message.metadata?.is_visually_hidden_from_conversation) return '';
  if ((message.recipient ?? 'all') !== 'all') return '';
  const { content_type: type, parts } = message.content ?? {};
  if (type !== 'text' && type !== 'multimodal_text') return '';
  return (parts ?? [])
    .map((part) => (typeof part === 'string' ? part : spoken(part)))
    .filter((text) => text.trim() !== '')
    .join('\n\n');
}

const spokenSchema = z.looseObject({ content_type: z.literal('audio_transcription'), text: z.string() });

function spoken(part: unknown): string {
  const parsed = spokenSchema.safeParse(part);
  return parsed.success ? parsed.data.text : '';
}

function titleOf(element: unknown): string {
  const parsed = z.looseObject({ title: z.string() }).safeParse(element);
  return parsed.success ? parsed.data.title : '';
}
