import * as z from 'zod';
import type { TranscriptFormat } from '../hooks/moment.js';

/** Lines of `~/.claude/projects/<folder>/<session>.jsonl`. Other lines are not part of the conversation. */
const lineSchema = z.looseObject({
  type: z.string(),
  uuid: z.string().nullish(),
  timestamp: z.string().nullish(),
  sessionId: z.string().nullish(),
  cwd: z.string().nullish(),
  /** True for messages of Claude Code itself, such as the caveat before the output of a command. */
  isMeta: z.boolean().nullish(),
  /** True for messages of a subagent. */
  isSidechain: z.boolean().nullish(),
  /** True for a summary that replaces the conversation before it. */
  isCompactSummary: z.boolean().nullish(),
  /** True for an API error in place of an answer. */
  isApiErrorMessage: z.boolean().nullish(),
  message: z
    .looseObject({ content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish() })
    .nullish(),
});

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });

/** The text of a message's content, without tool calls, their results, images and thoughts. */
export function textOfContent(content: string | readonly object[] | null | undefined): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  return content
    .flatMap((part) => {
      const parsed = textPart.safeParse(part);
      return parsed.success ? [parsed.data.text] : [];
    })
    .join('\n\n');
}

/** Claude Code's message in the user's name when the user interrupts it. */
const interruption = '[Request interrupted by user';

export const claudeTranscript: TranscriptFormat = {
  readLine(line) {
    const parsed = lineSchema.safeParse(line);
    if (!parsed.success) return null;
    const given = parsed.data;
    if (given.isMeta || given.isSidechain || given.isCompactSummary || given.isApiErrorMessage) return null;
    const { sessionId = null, cwd = null } = given;
    const place = { session: sessionId, folder: cwd };
    const text = textOfContent(given.message?.content);
    if (given.type === 'user' && text !== '' && !text.startsWith(interruption)) {
      return { kind: 'user', text, at: given.timestamp ?? null, id: given.uuid ?? null, ...place };
    }
    if (given.type === 'assistant' && text !== '') return { kind: 'agent', text };
    return null;
  },
};
