import { z } from 'zod';
import type { TranscriptFormat } from '../hooks/moment.js';

/** Lines of `~/.codex/sessions/<year>/<month>/<day>/rollout-….jsonl`. */
const lineSchema = z.looseObject({
  type: z.string(),
  timestamp: z.string().nullish(),
  payload: z
    .looseObject({
      type: z.string().nullish(),
      /** In `session_meta`. */
      id: z.string().nullish(),
      cwd: z.string().nullish(),
      /** In `event_msg`: what the person typed, and what the agent said. */
      message: z.string().nullish(),
    })
    .nullish(),
});

/** `event_msg` contains what a person sees. `response_item` repeats it among instructions and tool calls. */
export const codexTranscript: TranscriptFormat = {
  readLine(line) {
    const parsed = lineSchema.safeParse(line);
    if (!parsed.success) return null;
    const { type, payload, timestamp } = parsed.data;
    if (type === 'session_meta') {
      return { kind: 'session', session: payload?.id ?? null, folder: payload?.cwd ?? null };
    }
    if (type !== 'event_msg' || !payload?.message) return null;
    if (payload.type === 'user_message') {
      const at = timestamp ?? null;
      return { kind: 'user', text: payload.message, at, id: at, session: null, folder: null };
    }
    return payload.type === 'agent_message' ? { kind: 'agent', text: payload.message } : null;
  },
};
