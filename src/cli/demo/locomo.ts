import * as z from 'zod';
import { MemoryError } from '../../model/errors.js';

/** One exchange of a LoCoMo conversation and the turns it is made of. */
export interface LocomoPage {
  readonly user_input: string;
  readonly agent_response: string;
  /** ISO 8601 UTC; the date of the session. */
  readonly timestamp: string;
  readonly session: number;
  readonly dia_ids: readonly string[];
}

export interface LocomoQuestion {
  readonly question: string;
  readonly answer: string;
  /** 1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop, 5 adversarial. */
  readonly category: number;
  /** Ids of existing turns; empty when the data names none. */
  readonly evidence: readonly string[];
}

export interface LocomoConversation {
  readonly id: string;
  /** `speaker_a`. */
  readonly user: string;
  /** `speaker_b`. */
  readonly assistant: string;
  readonly turns: number;
  readonly pages: readonly LocomoPage[];
  readonly questions: readonly LocomoQuestion[];
}

const turnSchema = z.object({
  speaker: z.string(),
  dia_id: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
type Turn = z.infer<typeof turnSchema>;

const entrySchema = z.object({
  sample_id: z.string(),
  conversation: z.looseObject({ speaker_a: z.string(), speaker_b: z.string() }),
  qa: z.array(
    z.object({
      question: z.string(),
      answer: z.union([z.string(), z.number()]).optional(),
      adversarial_answer: z.union([z.string(), z.number()]).optional(),
      evidence: z.array(z.string()).optional(),
      category: z.number().int(),
    }),
  ),
});
type Entry = z.infer<typeof entrySchema>;

/**
 * Reads a LoCoMo file (Maharana et al., ACL 2024) and forms pages. Consecutive turns of a speaker are joined.
 * A page begins when `speaker_a` speaks after `speaker_b`, or when a session begins. A caption is appended as
 * `(image: …)`. No turn is lost. Throws INPUT_INVALID.
 */
export function parseLocomo(json: string, source = 'the LoCoMo file'): LocomoConversation[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new MemoryError('INPUT_INVALID', `${source} is not JSON. Give the path of a LoCoMo file.`, {
      cause,
    });
  }
  const entries = z.array(entrySchema).safeParse(parsed);
  if (!entries.success) {
    throw new MemoryError(
      'INPUT_INVALID',
      `${source} is not a LoCoMo file: ${z.prettifyError(entries.error).slice(0, 500)}`,
    );
  }
  return entries.data.map((entry) => conversationOf(entry, source));
}

function conversationOf(entry: Entry, source: string): LocomoConversation {
  const { speaker_a: user, speaker_b: assistant } = entry.conversation;
  const known = new Set<string>();
  const pages: LocomoPage[] = [];
  let turnCount = 0;
  for (const session of sessionsOf(entry, source)) {
    for (const turn of session.turns) known.add(turn.dia_id);
    turnCount += session.turns.length;
    pages.push(...pagesOf(session, user));
  }
  const questions = entry.qa.map((qa) => ({
    question: qa.question,
    answer: String(qa.answer ?? qa.adversarial_answer ?? ''),
    category: qa.category,
    evidence: evidenceOf(qa.evidence ?? []).filter((id) => known.has(id)),
  }));
  return { id: entry.sample_id, user, assistant, turns: turnCount, pages, questions };
}

interface Session {
  readonly number: number;
  readonly timestamp: string;
  readonly turns: readonly Turn[];
}

function sessionsOf(entry: Entry, source: string): Session[] {
  const sessions: Session[] = [];
  for (const [key, value] of Object.entries(entry.conversation)) {
    const number = /^session_(\d+)$/.exec(key)?.[1];
    if (number === undefined) continue;
    const date = entry.conversation[`${key}_date_time`];
    sessions.push({
      number: Number(number),
      timestamp: instantOf(typeof date === 'string' ? date : '', `${entry.sample_id} ${key} in ${source}`),
      turns: z.array(turnSchema).parse(value),
    });
  }
  return sessions.sort((a, b) => a.number - b.number);
}

function pagesOf(session: Session, user: string): LocomoPage[] {
  const pages: { user: string[]; agent: string[]; ids: string[] }[] = [];
  for (const turn of session.turns) {
    const byUser = turn.speaker === user;
    let page = pages.at(-1);
    if (page === undefined || (byUser && page.agent.length > 0)) {
      page = { user: [], agent: [], ids: [] };
      pages.push(page);
    }
    const caption = turn.blip_caption === undefined ? '' : ` (image: ${turn.blip_caption})`;
    (byUser ? page.user : page.agent).push(turn.text + caption);
    page.ids.push(turn.dia_id);
  }
  return pages.map((page) => ({
    user_input: page.user.join(' '),
    agent_response: page.agent.join(' '),
    timestamp: session.timestamp,
    session: session.number,
    dia_ids: page.ids,
  }));
}

/** Reads the ids of turns from strings such as "D8:6; D9:17" and "D30:05". */
export function evidenceOf(texts: readonly string[]): string[] {
  const ids = texts.flatMap((text) => [...text.matchAll(/D:?(\d+):(\d+)/g)]);
  return [...new Set(ids.map((match) => `D${Number(match[1])}:${Number(match[2])}`))];
}

const months = 'january february march april may june july august september october november december'.split(
  ' ',
);

/** "1:56 pm on 8 May, 2023", read as UTC. */
function instantOf(text: string, where: string): string {
  const match = /^(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)$/i.exec(text.trim());
  const month = months.indexOf((match?.[5] ?? '').toLowerCase());
  if (match === null || month === -1) {
    throw new MemoryError(
      'INPUT_INVALID',
      `${where} has no date such as "1:56 pm on 8 May, 2023": "${text}".`,
    );
  }
  const hour = (Number(match[1]) % 12) + (match[3]?.toLowerCase() === 'pm' ? 12 : 0);
  return new Date(Date.UTC(Number(match[6]), month, Number(match[4]), hour, Number(match[2]))).toISOString();
}
