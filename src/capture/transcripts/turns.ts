import type { TranscriptFormat } from '../hooks/moment.js';
import { ownWords, withoutNoise } from '../noise.js';
import { linesOf } from './lines.js';

/** What the user said and all that the agent said to it. */
export interface Turn {
  readonly userInput: string;
  /** '' as long as the agent has said nothing. */
  readonly agentResponse: string;
  /** When the user spoke, as written; null where the transcript has no times. */
  readonly at: string | null;
  /** The record's own name; its place in the file where it has none. */
  readonly id: string;
  readonly session: string | null;
  readonly folder: string | null;
  /** False for the last turn, which may go on. */
  readonly isOver: boolean;
  /** Where the file was read to. */
  readonly endByte: number;
}

export interface TurnOptions {
  readonly fromByte?: number | undefined;
  /** The file is not written any more: its last line counts without its end. */
  readonly finished?: boolean | undefined;
  /** Told of each line that is not JSON. */
  readonly onDamage?: ((startByte: number) => void) | undefined;
}

/** The turns of a transcript, in order; the last one comes with `isOver: false`. Throws as reading does. */
export async function* turnsOf(
  file: string,
  format: TranscriptFormat,
  options: TurnOptions = {},
): AsyncGenerator<Turn> {
  let session: string | null = null;
  let folder: string | null = null;
  let users: string[] = [];
  let agents: string[] = [];
  let begun: { at: string | null; id: string } | null = null;
  let endByte = options.fromByte ?? 0;
  const turn = (isOver: boolean): Turn | null => {
    if (begun === null) return null;
    return {
      ...begun,
      userInput: users.join('\n\n'),
      agentResponse: withoutNoise(agents.join('\n\n')),
      session,
      folder,
      isOver,
      endByte,
    };
  };
  for await (const line of linesOf(file, {
    fromByte: options.fromByte ?? 0,
    unfinished: options.finished ?? false,
  })) {
    const { startByte } = line;
    const value = json(line.text);
    if (value === undefined && line.text.trim() !== '') options.onDamage?.(startByte);
    const entry = value === undefined ? null : format.readLine(value);
    if (entry?.kind === 'agent') agents.push(entry.text);
    if (entry?.kind === 'session') {
      session = entry.session ?? session;
      folder = entry.folder ?? folder;
    }
    if (entry?.kind === 'user') {
      const text = ownWords(entry.text);
      if (text !== '') {
        if (agents.length > 0) {
          const over = turn(true);
          if (over !== null) yield over;
          users = [];
          begun = null;
        }
        agents = [];
        users.push(text);
        session = entry.session ?? session;
        folder = entry.folder ?? folder;
        begun ??= { at: entry.at, id: entry.id ?? `byte ${startByte}` };
      }
    }
    endByte = line.endByte;
  }
  const last = turn(false);
  if (last !== null) yield last;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
