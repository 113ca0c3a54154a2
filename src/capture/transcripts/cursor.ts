import * as z from 'zod';
import type { TranscriptFormat } from '../hooks/moment.js';
import { textOfContent } from './claude-code.js';

/** Lines of `~/.cursor/projects/<workspace>/agent-transcripts/<id>/<id>.jsonl`. They contain no times. */
const lineSchema = z.looseObject({
  role: z.enum(['user', 'assistant']),
  message: z.looseObject({
    content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
  }),
});

export const cursorTranscript: TranscriptFormat = {
  readLine(line) {
    const parsed = lineSchema.safeParse(line);
    if (!parsed.success) return null;
    const text = textOfContent(parsed.data.message.content);
    if (text === '') return null;
    if (parsed.data.role === 'assistant') return { kind: 'agent', text };
    return { kind: 'user', text, at: null, id: null, session: null, folder: null };
  },
};
