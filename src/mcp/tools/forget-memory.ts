import * as z from 'zod';
import { factIdSchema } from '../../model/knowledge.js';
import { pageIdSchema } from '../../model/page.js';
import { forgetResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

const confirmFirst =
  'Nothing was deleted yet. Show this to the user; if they agree, call forget_memory again with confirm true.';

export const forgetMemory = defineTool({
  name: 'forget_memory',
  title: 'Forget permanently',
  description:
    'Permanently delete exchanges or facts when the user asks. Give exactly one of page_ids, fact_ids, before. Without confirm it only lists what would be deleted. Show that to the user; if they agree, call again with confirm true.',
  annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
  alsoReads: true,
  input: z.strictObject({
    page_ids: z.array(pageIdSchema).min(1).max(1000).optional(),
    fact_ids: z.array(factIdSchema).min(1).max(1000).optional(),
    before: z.string().optional().meta({ description: 'Everything older than this, ISO 8601.' }),
    confirm: z.boolean().default(false),
  }),
  output: forgetResultSchema,
  // Ignoring a parameter could delete more than intended, or something else.
  refusesUnknown: true,
  async run(input, { engine, step }) {
    const memory = await engine();
    step(input.confirm ? 'Forgetting' : 'Listing what would be forgotten');
    const result = await memory.forget({
      pageIds: input.page_ids,
      factIds: input.fact_ids,
      before: input.before,
      confirm: input.confirm,
      by: 'tool',
    });
    const found = result.pages.length + result.facts.length + result.traits.length + result.segments.length;
    const asks = !result.confirmed && found > 0;
    return asks ? { ...result, message: `${result.message} ${confirmFirst}` } : result;
  },
});
