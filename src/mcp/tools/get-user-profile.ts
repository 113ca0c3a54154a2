import { z } from 'zod';
import { profileResultSchema } from '../../model/results.js';
import { profileText } from '../text/profile.js';
import { defineTool } from '../tool.js';

export const getUserProfile = defineTool({
  name: 'get_user_profile',
  title: 'Who the user is',
  description:
    "Returns the user's profile (personality and needs, what they expect of an assistant, interests; each with a level and its reason) and the facts known about them. Call it when you need the whole picture of the person, for example to plan, to recommend, or when they ask what you know about them. For a particular question retrieve_memory is better.",
  annotations: { readOnlyHint: true, openWorldHint: false },
  input: z.strictObject({
    include_knowledge: z
      .boolean()
      .default(true)
      .meta({ description: 'Also return the facts known about the user.' }),
    include_assistant_knowledge: z
      .boolean()
      .default(false)
      .meta({ description: 'Also return what the assistant did, showed or promised.' }),
  }),
  output: profileResultSchema,
  async run(input, { engine }) {
    const memory = await engine();
    const structured = await memory.profile({
      includeKnowledge: input.include_knowledge,
      includeAssistantKnowledge: input.include_assistant_knowledge,
    });
    return { structured, text: profileText(structured) };
  },
});
