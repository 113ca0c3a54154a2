import { z } from 'zod';
import { retrieveResultSchema } from '../../model/results.js';
import { retrievedText } from '../text/retrieved.js';
import { defineTool } from '../tool.js';

export const retrieveMemory = defineTool({
  name: 'retrieve_memory',
  title: 'Recall what fits a question',
  description:
    'Finds what is remembered of the user that fits a query: the latest exchanges, fitting earlier exchanges with their dates and context, the user\'s profile, and facts about the user and about what the assistant did. Call it before you answer, at the start of a conversation and whenever earlier conversations may matter (names, preferences, plans, decisions, promises, "as I told you"). The query may be the user\'s message or a question of your own, in any language, and may name dates.',
  // It warms the segments it finds, which is the memory's own affair: nothing stored is changed.
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: z.strictObject({
    query: z
      .string()
      .meta({ description: "What to look for: the user's message, or a question in your words." }),
    relationship_with_user: z.string().optional().meta({
      default: 'friend',
      description: 'Your relationship with the user, for the tone of the answer.',
    }),
    style_hint: z
      .string()
      .optional()
      .meta({ default: '', description: 'How to answer, such as "brief" or "with humour".' }),
    max_results: z
      .number('must be a whole number from 1 to 1000')
      .int('must be a whole number from 1 to 1000')
      .min(1, 'must be a whole number from 1 to 1000')
      .max(1000, 'must be a whole number from 1 to 1000')
      .optional()
      .meta({ default: 10, description: 'The most exchanges, and the most facts of each kind, to return.' }),
    max_tokens: z
      .number('must be a whole number from 1')
      .int('must be a whole number from 1')
      .min(1, 'must be a whole number from 1')
      .optional()
      .meta({ description: 'Budget for everything returned; the least useful is left out first.' }),
    project: z.string().max(200).optional().meta({
      description:
        'The project you work in, such as the name of its repository: exchanges of it come before those of others. Leave it out otherwise.',
    }),
  }),
  output: retrieveResultSchema,
  async run(input, { engine, step, signal }) {
    const memory = await engine();
    step('Searching');
    const structured = await memory.retrieve({
      query: input.query,
      relationshipWithUser: input.relationship_with_user,
      styleHint: input.style_hint,
      maxResults: input.max_results,
      maxTokens: input.max_tokens,
      project: input.project,
      signal,
    });
    return { structured, text: retrievedText(structured) };
  },
});
