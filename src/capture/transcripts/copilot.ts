import * as z from 'zod';
import type { TranscriptFormat } from '../hooks/moment.js';

/** Lines of the transcript whose path VS Code gives to its hooks: the events of the Copilot agent. */
const lineSchema = z.looseObject({
  type: z.string(),
  id: z.string().nullish(),
  timestamp: z.string().nullish(),
  data: z
    .looseObject({
      content: z.string().nullish(),
      sessionId: z.string().nullish(),
      cwd: z.string().nullish(),
    })
    .nullish(),
});

export const copilotTranscript: TranscriptFormat = {
  readLine(line) {
    const parsed = lineSchema.safeParse(line);
    if (!parsed.success) return null;
    const { type, id = null, timestamp = null, data } = parsed.data;
    if (type === 'session.start') {
      return { kind: 'session', session: data?.sessionId ?? null, folder: data?.cwd ?? null };
    }
    if (!data?.content) return null;
    if (type === 'user.message') {
      return { kind: 'user', text: data.content, at: timestamp, id, session: null, folder: null };
    }
    return type === 'assistant.message' ? { kind: 'agent', text: data.content } : null;
  },
};
