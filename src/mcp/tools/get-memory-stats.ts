import * as z from 'zod';
import { statsResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

const { status, timestamp, user_id, short_term, mid_term, long_term, analysis } = statsResultSchema.shape;

export const getMemoryStats = defineTool({
  name: 'get_memory_stats',
  title: 'Memory status',
  description:
    'Get the size of the memory, pending analysis and the last error. Call it when something seems missing.',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: z.strictObject({
    explain: z.boolean().default(false).meta({ description: 'Add index and model calls.' }),
  }),
  output: z.object({
    status,
    timestamp,
    user_id,
    short_term,
    mid_term: mid_term.pick({ segments: true, pages: true }),
    long_term: long_term.pick({ traits: true, user_facts: true, assistant_facts: true }),
    analysis: analysis.pick({ pages_waiting: true, last_error: true }),
  }),
  async run({ explain }, { engine }) {
    const stats = await (await engine()).stats();
    if (explain) return stats;
    const {
      index: _index,
      analysis: { rejected: _rejected, llm: _llm, ...waiting },
      ...rest
    } = stats;
    return { ...rest, analysis: waiting };
  },
});
