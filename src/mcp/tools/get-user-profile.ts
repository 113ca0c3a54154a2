import * as z from 'zod';
import { leanProfile, profileAnswer } from '../text/lean.js';
import { defineTool } from '../tool.js';

export const getUserProfile = defineTool({
  name: 'get_user_profile',
  title: 'User profile',
  description:
    "Get the user's profile and the facts known about them. Call it to plan or recommend, or when the user asks what you know.",
  annotations: { readOnlyHint: true, openWorldHint: false },
  hasView: true,
  input: z.strictObject({
    include_knowledge: z.boolean().default(true),
    include_assistant_knowledge: z
      .boolean()
      .default(false)
      .meta({ description: 'What the assistant did or promised.' }),
  }),
  output: leanProfile,
  async run(input, { engine }) {
    const memory = await engine();
    return profileAnswer(
      await memory.profile({
        includeKnowledge: input.include_knowledge,
        includeAssistantKnowledge: input.include_assistant_knowledge,
      }),
    );
  },
});
