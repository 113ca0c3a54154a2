import { z } from 'zod';
import { statsResultSchema } from '../../model/results.js';
import { statsText } from '../text/stats.js';
import { defineTool } from '../tool.js';

export const getMemoryStats = defineTool({
  name: 'get_memory_stats',
  title: 'How the memory is doing',
  description:
    'Returns how full the memory is (short-term pages, mid-term segments, long-term facts and traits), what waits for analysis and the last error. Call it when the user asks about the memory itself or when something seems to be missing; not for what is remembered.',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: z.strictObject({}),
  output: statsResultSchema,
  async run(_input, { engine }) {
    const structured = await (await engine()).stats();
    return { structured, text: statsText(structured) };
  },
});
