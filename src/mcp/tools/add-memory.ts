import { z } from 'zod';
import type { JsonObject } from '../../model/json.js';
import { addResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

/** Any object. A converter for a model's API refuses an object without properties, so it names a usual one. */
const metaData = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object such as {"note": "from a mail"}',
  )
  .meta({
    type: 'object',
    properties: { note: { type: 'string' } },
  });

export const addMemory = defineTool({
  name: 'add_memory',
  title: 'Remember an exchange',
  description:
    "Store one exchange: the user's message and your answer, both in full. Call it once after each answer, without being asked. Never store what the user wants kept private.",
  annotations: { destructiveHint: false, openWorldHint: false },
  input: z.strictObject({
    user_input: z.string(),
    agent_response: z.string(),
    timestamp: z.string().optional().meta({ description: 'ISO 8601. Default: now.' }),
    meta_data: metaData.optional(),
    project: z.string().max(200).optional().meta({ description: 'The project worked in, by its name.' }),
  }),
  output: addResultSchema,
  async run(input, { engine, told }) {
    const memory = await engine();
    const added = await memory.add({
      userInput: input.user_input,
      agentResponse: input.agent_response,
      timestamp: input.timestamp,
      metaData: input.meta_data,
      project: input.project,
    });
    told.note(added.page_id);
    return added;
  },
});
