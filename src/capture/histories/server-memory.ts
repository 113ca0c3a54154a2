import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { jsonIn } from '../../lib/text/json.js';
import type { Exchange, StatedFact } from '../../model/exchange.js';
import { linesOf } from '../transcripts/lines.js';
import type { History } from './history.js';

const lineSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('entity'),
    name: z.string(),
    entityType: z.string(),
    observations: z.array(z.string()),
  }),
  z.looseObject({ type: z.literal('relation'), from: z.string(), to: z.string(), relationType: z.string() }),
]);

const source = 'server-memory';

/** The knowledge graph of the official server-memory. Each observation and each relation becomes a fact. */
export const serverMemory: History = {
  source,
  title: 'the memory.jsonl of server-memory',
  async *read(file, report) {
    // The file contains no times, so its time of modification is used.
    const timestamp = (await stat(file)).mtime.toISOString();
    const exchanges: Exchange[] = [];
    const facts: StatedFact[] = [];
    const state = (key: string, text: string, statements: readonly string[]) => {
      const exchangeKey = `${source}\n${key}`;
      exchanges.push({
        key: exchangeKey,
        userInput: text,
        agentResponse: '',
        timestamp,
        project: null,
        origin: { by: 'import', client: source },
      });
      for (const knowledge of statements) {
        facts.push({ key: `${exchangeKey}\n${knowledge}`, knowledge, timestamp, exchangeKey });
      }
    };
    for await (const { text, startByte } of linesOf(file, { unfinished: true })) {
      if (text.trim() === '') continue;
      const parsed = lineSchema.safeParse(jsonIn(text));
      if (!parsed.success) {
        report.leaveOut('a line has an unknown format', `${file}, byte ${startByte}`, text);
        continue;
      }
      const given = parsed.data;
      if (given.type === 'entity') {
        const about = (observation: string) =>
          observation.toLowerCase().includes(given.name.toLowerCase())
            ? observation
            : `${given.name}: ${observation}`;
        const statements = given.observations.map(about);
        state(
          `entity\n${given.name}`,
          [`${given.name} (${given.entityType})`, ...statements].join('\n'),
          statements,
        );
      } else {
        const statement = `${given.from} ${given.relationType.replaceAll('_', ' ')} ${given.to}`;
        state(`relation\n${statement}`, statement, [statement]);
      }
    }
    report.progress(1);
    yield { id: source, title: 'Imported knowledge', exchanges, facts };
  },
};
