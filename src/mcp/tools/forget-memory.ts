import { z } from 'zod';
import { factIdSchema } from '../../model/knowledge.js';
import { pageIdSchema } from '../../model/page.js';
import { forgetResultSchema } from '../../model/results.js';
import { forgetText } from '../text/forgotten.js';
import { defineTool } from '../tool.js';

export const forgetMemory = defineTool({
  name: 'forget_memory',
  title: 'Forget for good',
  description:
    'Deletes exchanges or facts from the memory for good, with everything derived from them. Call it only when the user asks to forget something. First call it without confirm: it then deletes nothing and lists what would go. Show that to the user, and call it again with confirm true once they agree. Say what to forget in exactly one way: page_ids or fact_ids (as retrieve_memory returns them), or before (everything older than a date).',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    page_ids: z
      .array(pageIdSchema)
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Exchanges to forget, by page_id.' }),
    fact_ids: z
      .array(factIdSchema)
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Facts to forget, by fact_id.' }),
    before: z.string().optional().meta({
      description: 'Forget everything from before this time: ISO 8601, or YYYY-MM-DD HH:MM:SS in UTC.',
    }),
    confirm: z
      .boolean()
      .default(false)
      .meta({ description: 'True deletes. Without it the call only says what would be deleted.' }),
  }),
  output: forgetResultSchema,
  async run(input, { engine, step }) {
    const memory = await engine();
    step(input.confirm ? 'Forgetting' : 'Looking what would be forgotten');
    const structured = await memory.forget({
      pageIds: input.page_ids,
      factIds: input.fact_ids,
      before: input.before,
      confirm: input.confirm,
      by: 'tool',
    });
    return { structured, text: forgetText(structured) };
  },
});
