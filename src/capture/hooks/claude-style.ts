import { z } from 'zod';
import type { HookAdapter, HookEvent, Moment, TranscriptFormat } from './moment.js';

/** Of the events that Claude Code sends, and several clients after it, what is needed here. */
const eventSchema = z.looseObject({
  hook_event_name: z.string(),
  session_id: z.string().min(1),
  cwd: z.string().nullish(),
  transcript_path: z.string().nullish(),
  prompt: z.string().nullish(),
  /** Of `Stop`; null where the agent said nothing. */
  last_assistant_message: z.string().nullish(),
  /** Of `AfterAgent`. */
  prompt_response: z.string().nullish(),
});

export interface ClaudeStyle {
  readonly client: string;
  /** What each event is to us; events that are left out are of no concern. */
  readonly moments: Readonly<Record<string, Moment>>;
  /** Events whose answer the model reads. */
  readonly heard: ReadonlySet<string>;
  readonly transcript?: TranscriptFormat;
}

/** Adapter of a client that speaks like Claude Code: one JSON object in, `hookSpecificOutput` out. */
export function claudeStyle({ client, moments, heard, transcript }: ClaudeStyle): HookAdapter {
  return {
    client,
    ...(transcript && { transcript }),
    read(event): HookEvent | null {
      const given = eventSchema.parse(event);
      const moment = Object.hasOwn(moments, given.hook_event_name)
        ? moments[given.hook_event_name]
        : undefined;
      if (moment === undefined) return null;
      return {
        moment,
        name: given.hook_event_name,
        session: given.session_id,
        folder: given.cwd ?? null,
        prompt: given.prompt ?? null,
        answer: given.last_assistant_message ?? given.prompt_response ?? null,
        transcript: given.transcript_path ?? null,
      };
    },
    print(event, context) {
      if (event === null || context === '' || !heard.has(event.name)) return '{}';
      return JSON.stringify({
        hookSpecificOutput: { hookEventName: event.name, additionalContext: context },
      });
    },
  };
}
