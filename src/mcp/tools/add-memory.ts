import * as z from 'zod';
import type { NotedFact } from '../../engine/memory-engine.js';
import type { JsonObject } from '../../model/json.js';
import { projectCharactersMax } from '../../model/page.js';
import { addResultSchema } from '../../model/results.js';
import { defineTool } from '../tool.js';

/**
 * Any object. Converters for some models' APIs refuse an object without properties, so the schema names a
 * typical one.
 */
const metaData = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object such as {"note": "from a mail"}',
  )
  .meta({
    type: 'object',
    properties: { note: { type: 'string' } },
  });

/** Any list. An invalid fact is refused on its own, and the exchange is stored nevertheless. */
const facts = z
  .custom<readonly unknown[]>((value) => Array.isArray(value), 'must be a list of facts')
  .meta({
    type: 'array',
    items: {
      type: 'object',
      properties: {
        fact: { type: 'string' },
        quote: { type: 'string' },
      },
    },
    description: "About the user, each with the user's exact words.",
  });

export const addMemory = defineTool({
  name: 'add_memory',
  title: 'Remember an exchange',
  description:
    "Store the user's message and your answer, both in full, once after each answer. Never store what the user wants kept private.",
  annotations: { destructiveHint: false, openWorldHint: false },
  input: z.strictObject({
    user_input: z.string(),
    agent_response: z.string(),
    timestamp: z.string().optional().meta({ description: 'ISO 8601. Default: now.' }),
    meta_data: metaData.optional(),
    facts: facts.optional(),
    project: z
      .string()
      .max(projectCharactersMax)
      .optional()
      .meta({ description: 'Name of the current project.' }),
  }),
  output: addResultSchema,
  async run(input, { engine, project, recentlyStored }) {
    const memory = await engine();
    const added = await memory.add({
      userInput: input.user_input,
      agentResponse: input.agent_response,
      timestamp: input.timestamp,
      metaData: input.meta_data,
      facts: input.facts?.map(factFrom),
      project: input.project ?? (await project()),
    });
    recentlyStored.note(added.page_id);
    return added;
  },
});

/** Missing fields become ''. The check of facts refuses them with a reason. */
function factFrom(value: unknown): NotedFact {
  const given = typeof value === 'object' && value !== null ? value : {};
  const text = (key: string) => {
    const found: unknown = Reflect.get(given, key);
    return typeof found === 'string' ? found : '';
  };
  const about = text('about') === 'assistant' ? 'assistant' : 'user';
  return { about, fact: text('fact'), quote: text('quote'), when: text('when') };
}
