import * as z from 'zod';
import { textOfContent } from '../transcripts/claude-code.js';
import type { History } from './history.js';
import { elementsOf } from './json-stream.js';
import { timeFrom } from './times.js';
import { exchangesOf, type TreeMessage } from './tree.js';

/** An element of `conversations.json` of Claude's data export. */
const conversationSchema = z.looseObject({
  uuid: z.string(),
  name: z.string().nullish(),
  created_at: z.string().nullish(),
  current_leaf_message_uuid: z.string().nullish(),
  chat_messages: z.array(
    z.looseObject({
      uuid: z.string(),
      sender: z.string(),
      text: z.string().nullish(),
      content: z.array(z.looseObject({ type: z.string() })).nullish(),
      created_at: z.string().nullish(),
      parent_message_uuid: z.string().nullish(),
      attachments: z.array(z.looseObject({ file_name: z.string().nullish() })).nullish(),
    }),
  ),
});

const source = 'claude';

/** Reads `conversations.json` of the export of claude.ai. */
export const claude: History = {
  source,
  title: "Claude's export",
  async *read(file, report) {
    let number = 0;
    for await (const element of elementsOf(file, ['$'], report)) {
      number += 1;
      const where = `${file}, conversation ${number}`;
      const parsed = conversationSchema.safeParse(element);
      if (!parsed.success) {
        report.leaveOut('a conversation has an unknown format', where);
        continue;
      }
      const { uuid, name, created_at, chat_messages: given, current_leaf_message_uuid: leaf } = parsed.data;
      const branches = given.some(({ parent_message_uuid }) => parent_message_uuid);
      const messages = given.map((message, index): TreeMessage => {
        for (const { file_name } of message.attachments ?? []) {
          report.leaveOut('an attached file', where, file_name ?? '');
        }
        return {
          id: message.uuid,
          parent: branches ? (message.parent_message_uuid ?? null) : (given[index - 1]?.uuid ?? null),
          role: message.sender === 'human' ? 'user' : message.sender === 'assistant' ? 'agent' : 'other',
          text: (textOfContent(message.content) || message.text || '').trim(),
          at: timeFrom(message.created_at),
        };
      });
      const exchanges = exchangesOf(messages, leaf ?? given.at(-1)?.uuid ?? null, report).flatMap(
        (exchange) => {
          const timestamp = exchange.at ?? timeFrom(created_at);
          if (timestamp === null) {
            report.leaveOut('it has no time', where, exchange.userInput);
            return [];
          }
          const key = `${source}\n${uuid}\n${exchange.id}`;
          return {
            ...exchange,
            key,
            timestamp,
            project: null,
            origin: { by: 'import', client: source, session: uuid },
          };
        },
      );
      yield { id: `${source}\n${uuid}`, title: name?.trim() || 'Claude', exchanges, facts: [] };
    }
  },
};
