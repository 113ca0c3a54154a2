import * as z from 'zod';
import type { HookAdapter } from './moment.js';

/** The events that our plugin for OpenCode sends; see assets/opencode-plugin.js. */
const eventSchema = z.looseObject({
  moment: z.enum(['start', 'prompt', 'answered', 'compacting', 'ended']),
  session: z.string().min(1),
  folder: z.string().nullish(),
  prompt: z.string().nullish(),
  answer: z.string().nullish(),
});

/**
 * OpenCode runs plugins in its own process. Our plugin calls the hook and adds its output to the system
 * prompt.
 */
export const opencode: HookAdapter = {
  client: 'opencode',
  read(event) {
    const { moment, session, folder, prompt, answer } = eventSchema.parse(event);
    return {
      moment,
      name: moment,
      session,
      folder: folder ?? null,
      prompt: prompt ?? null,
      answer: answer ?? null,
      transcript: null,
    };
  },
  print(_event, context) {
    return JSON.stringify(context === '' ? {} : { context });
  },
};
