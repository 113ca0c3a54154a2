import * as z from 'zod';
import { factIdSchema } from '../../model/knowledge.js';
import { updateResultSchema } from '../../model/results.js';
import { factAnswer, leanFact } from '../text/lean.js';
import { defineTool } from '../tool.js';

export const updateMemory = defineTool({
  name: 'update_memory',
  title: 'Correct a fact',
  description:
    'Correct, pin or add a fact. Call it when the user says a fact is wrong or must always be kept in mind.',
  annotations: { destructiveHint: false, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    fact_id: factIdSchema.optional(),
    fact: z.string().optional(),
    pinned: z.boolean().optional(),
  }),
  output: updateResultSchema.extend({ fact: leanFact }),
  // Ignoring a parameter could change more than intended, or something else.
  refusesUnknown: true,
  async run(input, { engine }) {
    const memory = await engine();
    const result = await memory.update({
      factId: input.fact_id,
      knowledge: input.fact,
      pinned: input.pinned,
      by: 'tool',
    });
    return { ...result, fact: factAnswer(result.fact) };
  },
});
