import { jsonIn } from '../../lib/text/json.js';
import type { TranscriptFormat } from '../hooks/moment.js';
import { ownWords, withoutNoise } from '../noise.js';
import { linesOf } from './lines.js';

/** A message of the user and everything the agent answered. */
export interface Turn {
  readonly userInput: string;
  /** '' until the agent has said something. */
  readonly agentResponse: string;
  /** When the user spoke, in the transcript's own format; null when the transcript has no times. */
  readonly at: string | null;
  /** The record's id; its position in the file when it has none. */
  readonly id: string;
  readonly session: string | null;
  readonly folder: string | null;
  /** False for the last turn, which may continue. */
  readonly isOver: boolean;
  /** Where reading stopped in the file. */
  readonly endByte: number;
}

export interface TurnOptions {
  readonly fromByte?: number | undefined;
  /** True: nothing more will be written, so an unfinished last line counts. */
  readonly finished?: boolean | undefined;
  /** Called for each line that is not JSON. */
  readonly onDamage?: ((startByte: number) => void) | undefined;
}

/** Yields the turns of a transcript in order; the last one has `isOver: false`. Throws errors of reading. */
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
    const value = jsonIn(line.text);
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
