import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { redactSecrets, withoutPrivate } from '../../lib/text/secrets.js';
import type { Exchange } from '../../model/exchange.js';
import { ownWords, withoutNoise } from '../noise.js';
import { projectOfFolder } from '../project.js';
import { type Turn, turnsOf } from '../transcripts/turns.js';
import type { HookMemory } from './hook-memory.js';
import type { HookAdapter, HookEvent, HookPlace } from './moment.js';
import type { Notes, SessionNotes } from './session-notes.js';

/** A memory that is added to every session and every prompt has to be short. */
const openingTokensMax = 500;
const fittingTokensMax = 700;
/** A question is in the beginning or at the end of a long prompt. */
const questionCharactersMax = 4_000;
const shownMax = 500;
const aheadMax = 20;
const tailBytesMax = 64 * 1024 * 1024;

export interface HookParts {
  readonly memory: HookMemory;
  readonly notes: SessionNotes;
  readonly place: HookPlace;
  /** Set where the project does not follow from the folder. */
  readonly project: string | null;
  readonly nowMs: number;
}

/**
 * Does what an event of a client asks for, and gives what to print. Throws a ZodError for an event that has not
 * its form, and what the memory throws; the caller then prints the adapter's empty answer.
 */
export async function answerHook(adapter: HookAdapter, given: unknown, parts: HookParts): Promise<string> {
  const event = adapter.read(given, parts.place);
  if (event === null) return adapter.print(null, '');
  return adapter.print(event, await new HookCall(adapter, event, parts).context());
}

/** One event of one session. */
class HookCall {
  readonly #adapter: HookAdapter;
  readonly #event: HookEvent;
  readonly #parts: HookParts;
  readonly #project: string | null;

  constructor(adapter: HookAdapter, event: HookEvent, parts: HookParts) {
    this.#adapter = adapter;
    this.#event = event;
    this.#parts = parts;
    this.#project =
      parts.project ?? (event.folder === null ? null : projectOfFolder(event.folder, parts.place.home));
  }

  /** What the model is to read; '' for nothing. */
  async context(): Promise<string> {
    const { moment } = this.#event;
    const notes = await this.#readNotes();
    switch (moment) {
      case 'start': {
        await this.#parts.notes.tidy(this.#parts.nowMs);
        await this.#writeNotes({ ...notes, shown: [] });
        return this.#parts.memory.opening({ project: this.#project, tokensMax: openingTokensMax });
      }
      case 'prompt':
        return this.#prompt(notes);
      case 'spoken': {
        const { pending } = notes;
        if (pending === null || this.#event.answer === null) return '';
        const answers = [...pending.answers, await kept(this.#event.answer)];
        await this.#writeNotes({ ...notes, pending: { ...pending, answers } });
        return '';
      }
      case 'answered':
      case 'compacting':
      case 'ended':
        await this.#store(notes);
        return '';
      default:
        return moment satisfies never;
    }
  }

  async #prompt(notes: Notes): Promise<string> {
    const prompt = ownWords(this.#event.prompt ?? '');
    if (prompt === '') return '';
    // Of a client that does not say when the agent has answered.
    const before = this.#fromEvents(notes, null);
    if (before !== null) await this.#parts.memory.store([before]);
    const pending = {
      prompt: await kept(prompt),
      at: new Date(this.#parts.nowMs).toISOString(),
      answers: [],
    };
    const asked = { ...notes, pending };
    await this.#writeNotes(asked);
    const { text, ids } = await this.#parts.memory.fitting({
      prompt: question(prompt),
      project: this.#project,
      session: this.#event.session,
      shown: new Set(notes.shown),
      tokensMax: fittingTokensMax,
    });
    if (ids.length > 0)
      await this.#writeNotes({ ...asked, shown: [...notes.shown, ...ids].slice(-shownMax) });
    return text;
  }

  async #store(notes: Notes): Promise<void> {
    const read = await this.#fromTranscript(notes);
    if (read === null) {
      const exchange = this.#fromEvents(notes, this.#event.answer);
      if (exchange === null) return;
      const last = createHash('sha256')
        .update(`${exchange.userInput}\n${exchange.agentResponse}`)
        .digest('hex');
      // The same answer once more, and nothing was asked in between.
      if (notes.pending === null && notes.last === last) return;
      await this.#parts.memory.store([exchange]);
      await this.#writeNotes({ ...notes, pending: null, last });
      return;
    }
    await this.#parts.memory.store(read.exchanges);
    await this.#writeNotes(read.notes);
  }

  /** The pending prompt with what was answered to it; null when there is none, or it goes on. */
  #fromEvents(notes: Notes, answer: string | null): Exchange | null {
    const { moment, session, prompt } = this.#event;
    const { pending } = notes;
    if (moment === 'compacting') return null;
    const asked = pending?.prompt ?? ownWords(moment === 'answered' ? (prompt ?? '') : '');
    const answers = [...(pending?.answers ?? []), ...(answer === null ? [] : [answer])];
    const said = withoutNoise(answers.join('\n\n'));
    if (asked === '' || (said === '' && moment === 'prompt' && this.#adapter.transcript !== undefined))
      return null;
    const timestamp = pending?.at ?? new Date(this.#parts.nowMs).toISOString();
    return this.#exchange({ userInput: asked, agentResponse: said, timestamp, id: timestamp, session });
  }

  /** What is new in the transcript; null where there is none to read. */
  async #fromTranscript(notes: Notes): Promise<{ exchanges: Exchange[]; notes: Notes } | null> {
    const { transcript: file, moment, session, answer } = this.#event;
    const format = this.#adapter.transcript;
    if (file === null || format === undefined) return null;
    const exchanges: Exchange[] = [];
    const ahead = [...notes.ahead];
    let readToByte = notes.readToByte;
    let pending = notes.pending;
    const take = async (turn: Turn, agentResponse: string) => {
      const own = await kept(turn.userInput);
      const early = ahead.findIndex((text) => own.includes(text) || text.includes(own));
      if (early !== -1) {
        ahead.splice(early, 1);
        return;
      }
      exchanges.push(
        this.#exchange({
          userInput: turn.userInput,
          agentResponse,
          timestamp: turn.at ?? pending?.at ?? new Date(this.#parts.nowMs).toISOString(),
          id: turn.id,
          session: turn.session ?? session,
        }),
      );
    };
    let last: Turn | null = null;
    try {
      for await (const turn of turnsOf(file, format, { fromByte: await startByte(file, readToByte) })) {
        last = turn;
        if (!turn.isOver) break;
        await take(turn, turn.agentResponse);
        readToByte = turn.endByte;
      }
    } catch {
      // The client names a file that is not there, or not ours to read.
      return null;
    }
    const lastOwn = last === null ? '' : await kept(last.userInput);
    const hasPrompt = pending === null || lastOwn.endsWith(pending.prompt);
    if (last !== null && !last.isOver && moment !== 'compacting' && hasPrompt) {
      const said = last.agentResponse === '' ? withoutNoise(answer ?? '') : last.agentResponse;
      if (said !== '' || moment === 'ended') {
        await take(last, withLast(said, answer));
        readToByte = last.endByte;
        pending = null;
      }
    } else if (pending !== null && moment !== 'compacting' && (answer ?? '') !== '') {
      // The client has not written the prompt down yet.
      const exchange = this.#fromEvents({ ...notes, pending }, answer);
      if (exchange !== null) exchanges.push(exchange);
      ahead.push(pending.prompt);
      pending = null;
      readToByte = last?.endByte ?? readToByte;
    }
    return { exchanges, notes: { ...notes, readToByte, pending, ahead: ahead.slice(-aheadMax) } };
  }

  #exchange(given: {
    userInput: string;
    agentResponse: string;
    timestamp: string;
    id: string;
    session: string;
  }): Exchange {
    const { client } = this.#adapter;
    const { session, id, ...rest } = given;
    return {
      ...rest,
      key: exchangeKey(client, session, id),
      project: this.#project,
      origin: { by: 'hook', client, session },
    };
  }

  #readNotes(): Promise<Notes> {
    return this.#parts.notes.read(this.#adapter.client, this.#event.session);
  }

  #writeNotes(notes: Notes): Promise<void> {
    return this.#parts.notes.write(this.#adapter.client, this.#event.session, notes);
  }
}

/** What may be noted until the exchange is stored: nothing private and no secret lies in a file, not even for a turn. */
async function kept(text: string): Promise<string> {
  return (await redactSecrets(withoutPrivate(text).text)).text;
}

/** The same for a hook and for an import of the same transcript. */
export function exchangeKey(client: string, session: string, id: string): string {
  return `${client}\n${session}\n${id}`;
}

/** The answer in the transcript, with the last message where that is not written down yet. */
function withLast(said: string, answer: string | null): string {
  const last = withoutNoise(answer ?? '');
  return last === '' || said.includes(last) ? said : `${said}\n\n${last}`;
}

/**
 * Where to read on. A file that has become shorter is another one; of a long one that nothing was read of, only
 * the end is new to a session that goes on.
 */
async function startByte(file: string, readToByte: number): Promise<number> {
  const { size } = await stat(file);
  if (readToByte > size) return 0;
  // Even, so that a character of UTF-16 is not cut.
  return readToByte > 0 ? readToByte : 2 * Math.floor(Math.max(0, size - tailBytesMax) / 2);
}

function question(prompt: string): string {
  if (prompt.length <= questionCharactersMax) return prompt;
  const half = questionCharactersMax / 2;
  return `${prompt.slice(0, half)}\n${prompt.slice(-half)}`.toWellFormed();
}
