import * as z from 'zod';
import type { Exchange, StatedFact } from '../../model/exchange.js';
import type { History } from './history.js';
import { elementsOf } from './json-stream.js';
import { timeFrom } from './times.js';

/** A memory as returned by `get_all` and by mem0's export. */
const memorySchema = z.looseObject({
  id: z.union([z.string(), z.number()]),
  memory: z.string().min(1),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});

const source = 'mem0';

/** The memories of mem0 as JSON: a list, or an object with `results` or `memories`. */
export const mem0: History = {
  source,
  title: 'the memories of mem0',
  async *read(file, report) {
    const exchanges: Exchange[] = [];
    const facts: StatedFact[] = [];
    let number = 0;
    for await (const element of elementsOf(file, ['$', '$.results', '$.memories'], report)) {
      // For an object, the stream also yields its other members.
      if (Array.isArray(element)) continue;
      number += 1;
      const parsed = memorySchema.safeParse(element);
      const timestamp = parsed.success ? timeFrom(parsed.data.created_at ?? parsed.data.updated_at) : null;
      if (!parsed.success || timestamp === null) {
        report.leaveOut('a memory has an unknown format', `${file}, memory ${number}`);
        continue;
      }
      const { id, memory } = parsed.data;
      const key = `${source}\n${id}`;
      const origin = { by: 'import', client: source };
      exchanges.push({ key, userInput: memory, agentResponse: '', timestamp, project: null, origin });
      facts.push({ key, knowledge: memory, timestamp, exchangeKey: key });
    }
    yield { id: source, title: 'Imported memories', exchanges, facts };
  },
};
