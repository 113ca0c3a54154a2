import { z } from 'zod';
import type { JsonObject } from '../../model/json.js';
import { addResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

const metaData = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object such as {"channel": "mail"}',
  )
  .meta({
    type: 'object',
    additionalProperties: true,
    description: 'Anything else worth keeping with the exchange, such as {"channel": "mail"}.',
  });

export const addMemory = defineTool({
  name: 'add_memory',
  title: 'Remember an exchange',
  description:
    'Stores one exchange (what the user said and what you answered) in the long-term memory. Call it once after every answer you give, unasked, with both texts as they were; also when the user tells you something to remember. The exchange is on disk when the call returns; topics, facts and the profile are derived later by themselves. Do not call it for an exchange the user wants kept private.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    user_input: z.string().meta({
      description: 'What the user said, in full. "" if only the assistant spoke; not both may be empty.',
    }),
    agent_response: z
      .string()
      .meta({ description: 'What the assistant answered, in full. "" if there was no answer.' }),
    timestamp: z.string().optional().meta({
      description:
        'When the exchange took place: ISO 8601 such as 2026-03-04T17:05:00+01:00, or YYYY-MM-DD HH:MM:SS in UTC. Leave it out for now.',
    }),
    meta_data: metaData.optional(),
    project: z.string().max(200).optional().meta({
      description: 'The project this belongs to, such as the name of its repository. Leave it out otherwise.',
    }),
  }),
  output: addResultSchema,
  async run(input, { engine }) {
    const memory = await engine();
    const structured = await memory.add({
      userInput: input.user_input,
      agentResponse: input.agent_response,
      timestamp: input.timestamp,
      metaData: input.meta_data,
      project: input.project,
    });
    return { structured, text: `${structured.message} (${structured.page_id}, ${structured.timestamp})` };
  },
});
