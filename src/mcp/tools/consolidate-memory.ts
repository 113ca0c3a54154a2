import * as z from 'zod';
import { consolidationResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

export const consolidateMemory = defineTool({
  name: 'consolidate_memory',
  title: 'Analyse exchanges',
  description:
    'Get exchanges to analyse, with instructions. Call it when a notice asks for it, then again with your answer.',
  annotations: { destructiveHint: false, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    answer: z.string().optional(),
  }),
  output: consolidationResultSchema.pick({ status: true, message: true, waiting: true }),
  async run({ answer }, { engine, step }) {
    const memory = await engine();
    step('Consolidating');
    return memory.consolidate(answer);
  },
});
