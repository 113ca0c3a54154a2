import { z } from 'zod';
import { factIdSchema } from '../../model/knowledge.js';
import { updateResultSchema } from '../../model/results.js';
import { inline } from '../text/quote.js';
import { defineTool } from '../tool.js';

export const updateMemory = defineTool({
  name: 'update_memory',
  title: 'Correct a fact',
  description:
    'Corrects, adds or pins one fact. Call it when the user says that a remembered fact is wrong or must always be kept in mind.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    fact_id: factIdSchema.optional().meta({ description: 'The fact to change. Left out: adds one.' }),
    fact: z.string().optional().meta({ description: 'As it should read: one sentence.' }),
    about: z.enum(['user', 'assistant']).optional(),
    timestamp: z.string().optional().meta({ description: 'When it took place or began.' }),
    pinned: z.boolean().optional().meta({ description: 'True: shown in every answer.' }),
  }),
  output: updateResultSchema,
  async run(input, { engine }) {
    const memory = await engine();
    const structured = await memory.update({
      factId: input.fact_id,
      knowledge: input.fact,
      about: input.about,
      timestamp: input.timestamp,
      pinned: input.pinned,
      by: 'tool',
    });
    const { fact, before, message } = structured;
    const was = before === null || before === fact.knowledge ? '' : `\n> before: ${inline(before)}`;
    return { structured, text: `${message} (${fact.fact_id})\n> ${inline(fact.knowledge)}${was}` };
  },
});
