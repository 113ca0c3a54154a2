import path from 'node:path';
import * as z from 'zod';
import { cursorTranscript } from '../transcripts/cursor.js';
import type { HookAdapter, HookPlace, Moment } from './moment.js';

const eventSchema = z.looseObject({
  hook_event_name: z.string(),
  conversation_id: z.string().min(1).nullish(),
  /** In `sessionStart` and `sessionEnd`: equal to the conversation's id. */
  session_id: z.string().min(1).nullish(),
  workspace_roots: z.array(z.string()).nullish(),
  transcript_path: z.string().nullish(),
  /** In `beforeSubmitPrompt`. */
  prompt: z.string().nullish(),
  /** In `afterAgentResponse`, which is sent for every message of an answer. */
  text: z.string().nullish(),
});

const moments: Readonly<Record<string, Moment>> = {
  sessionStart: 'start',
  beforeSubmitPrompt: 'prompt',
  afterAgentResponse: 'spoken',
  stop: 'answered',
  preCompact: 'compacting',
  sessionEnd: 'ended',
};

/** https://cursor.com/docs/agent/hooks */
export const cursor: HookAdapter = {
  client: 'cursor',
  transcript: cursorTranscript,
  read(event, place) {
    const given = eventSchema.parse(event);
    const moment = Object.hasOwn(moments, given.hook_event_name) ? moments[given.hook_event_name] : undefined;
    const session = given.conversation_id ?? given.session_id;
    if (moment === undefined || session === null || session === undefined) return null;
    const folder = given.workspace_roots?.[0] ?? null;
    return {
      moment,
      name: given.hook_event_name,
      session,
      folder,
      prompt: given.prompt ?? null,
      answer: given.text ?? null,
      transcript: given.transcript_path ?? transcriptOf(session, folder, place),
    };
  },
  print(event, context) {
    switch (event?.name) {
      case 'sessionStart':
        return JSON.stringify(context === '' ? {} : { additional_context: context });
      case 'beforeSubmitPrompt':
        return JSON.stringify({ continue: true, ...(context !== '' && { additional_context: context }) });
      default:
        return '{}';
    }
  },
};

/**
 * Cursor stores transcripts under the path of the workspace, with a dash for every character that is neither
 * letter nor digit.
 */
function transcriptOf(session: string, folder: string | null, { home }: HookPlace): string | null {
  if (folder === null) return null;
  const slug = folder.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return path.join(home, '.cursor', 'projects', slug, 'agent-transcripts', session, `${session}.jsonl`);
}
