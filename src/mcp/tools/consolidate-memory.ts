import { z } from 'zod';
import { consolidationResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

export const consolidateMemory = defineTool({
  name: 'consolidate_memory',
  title: 'Note what exchanges mean',
  description: 'Get exchanges that nobody has analysed, and what to return as answer. Call it when a notice asks for it.',
  annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    answer: z.string().optional().meta({ description: 'JSON, as the last call asked.' }),
  }),
  output: consolidationResultSchema.pick({ status: true, message: true, waiting: true }),
  async run({ answer }, { engine, step }) {
    const memory = await engine();
    step('Consolidating');
    return memory.consolidate(answer);
  },
});
