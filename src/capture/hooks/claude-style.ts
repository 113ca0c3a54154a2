import * as z from 'zod';
import type { HookAdapter, HookEvent, Moment, TranscriptFormat } from './moment.js';

/** The used parts of events that Claude Code and compatible clients send. */
const eventSchema = z.looseObject({
  hook_event_name: z.string(),
  session_id: z.string().min(1),
  cwd: z.string().nullish(),
  transcript_path: z.string().nullish(),
  prompt: z.string().nullish(),
  /** In `Stop`; null when the agent said nothing. */
  last_assistant_message: z.string().nullish(),
  /** In `AfterAgent`. */
  prompt_response: z.string().nullish(),
});

/** The meaning of the events that all clients of this style send. */
export const commonMoments = {
  SessionStart: 'start',
  UserPromptSubmit: 'prompt',
  Stop: 'answered',
  PreCompact: 'compacting',
} as const satisfies Readonly<Record<string, Moment>>;

export interface ClaudeStyle {
  readonly client: string;
  /** The meaning of each event here. Events that are not listed are ignored. */
  readonly moments: Readonly<Record<string, Moment>>;
  /** Events whose output the model reads. */
  readonly heard: ReadonlySet<string>;
  readonly transcript?: TranscriptFormat;
}

/** Adapter for a client with Claude Code's format: one JSON object in, `hookSpecificOutput` out. */
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
