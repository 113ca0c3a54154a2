import * as z from 'zod';
import { projectCharactersMax } from '../../model/page.js';
import { leanRetrieval, retrievalAnswer } from '../text/lean.js';
import { defineTool } from '../tool.js';

export const retrieveMemory = defineTool({
  name: 'retrieve_memory',
  title: 'Search the memory',
  description:
    "Search the memory: exchanges, facts, the user's profile. Call it before you answer, whenever something said before may matter.",
  // Read-only: it raises the heat of segments, but changes no stored content.
  annotations: { readOnlyHint: true, openWorldHint: false },
  hasView: true,
  input: z.strictObject({
    query: z.string().meta({
      description: "The user's message, your own question, or a page_id.",
    }),
    relationship_with_user: z.string().optional().meta({ description: 'Default: friend.' }),
    style_hint: z.string().optional(),
    max_results: z
      .number('must be a whole number from 1 to 1000')
      .int('must be a whole number from 1 to 1000')
      .min(1, 'must be a whole number from 1 to 1000')
      .max(1000, 'must be a whole number from 1 to 1000')
      .optional()
      .meta({ description: 'Per kind. Default: 10.' }),
    max_tokens: z
      .number('must be a whole number of at least 1')
      .int('must be a whole number of at least 1')
      .min(1, 'must be a whole number of at least 1')
      .optional()
      .meta({ description: 'Default: 1200.' }),
    since: z.string().optional().meta({ description: 'Earliest day or time.' }),
    until: z.string().optional(),
    relevance_min: z
      .number('must be a number from 0 to 1')
      .min(0, 'must be a number from 0 to 1')
      .max(1, 'must be a number from 0 to 1')
      .optional()
      .meta({ description: '0: also weak matches.' }),
    explain: z.boolean().default(false).meta({ description: 'Add scores and reasons.' }),
    project: z.string().max(projectCharactersMax).optional(),
  }),
  output: leanRetrieval,
  async run(input, { engine, project, step, signal, recentlyStored }) {
    const memory = await engine();
    step('Searching');
    const found = await memory.retrieve({
      query: input.query,
      relationshipWithUser: input.relationship_with_user,
      styleHint: input.style_hint,
      maxResults: input.max_results,
      maxTokens: input.max_tokens,
      since: input.since,
      until: input.until,
      relevanceMin: input.relevance_min,
      explain: input.explain,
      knownPageIds: recentlyStored.ids(),
      project: input.project ?? (await project()),
      signal,
    });
    return retrievalAnswer(found);
  },
});
