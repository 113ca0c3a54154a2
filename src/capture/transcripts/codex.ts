import * as z from 'zod';
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
      /** In `event_msg` of older versions: what the person typed, and what the agent said. */
      message: z.string().nullish(),
      /** In `event_msg` of newer versions, for every item of a turn. */
      item: z
        .looseObject({
          type: z.string(),
          content: z.array(z.looseObject({ type: z.string(), text: z.string().nullish() })).nullish(),
        })
        .nullish()
        .catch(null),
    })
    .nullish(),
});

type Payload = NonNullable<z.infer<typeof lineSchema>['payload']>;

/** `event_msg` contains what a person sees. `response_item` repeats it among instructions and tool calls. */
export const codexTranscript: TranscriptFormat = {
  readLine(line) {
    const parsed = lineSchema.safeParse(line);
    if (!parsed.success) return null;
    const { type, payload, timestamp } = parsed.data;
    if (type === 'session_meta') {
      return { kind: 'session', session: payload?.id ?? null, folder: payload?.cwd ?? null };
    }
    if (type !== 'event_msg' || !payload) return null;
    const { speaker, text } = said(payload);
    if (text === '') return null;
    if (speaker === 'user') {
      const at = timestamp ?? null;
      return { kind: 'user', text, at, id: at, session: null, folder: null };
    }
    return speaker === 'agent' ? { kind: 'agent', text } : null;
  },
};

const speakers: Readonly<Record<string, 'user' | 'agent'>> = {
  user_message: 'user',
  agent_message: 'agent',
  UserMessage: 'user',
  AgentMessage: 'agent',
};

function said({ type, message, item }: Payload): { speaker: 'user' | 'agent' | undefined; text: string } {
  if (type !== 'item_completed') return { speaker: speakers[type ?? ''], text: message ?? '' };
  const texts = (item?.content ?? []).filter((part) => /^text$/i.test(part.type));
  return { speaker: speakers[item?.type ?? ''], text: texts.map((part) => part.text ?? '').join('\n') };
}
