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

/** This context is added to every session and every prompt, so it must be short. */
const openingTokensMax = 500;
const fittingTokensMax = 700;
/** In a long prompt, the question is at the beginning or at the end. */
const questionCharactersMax = 4_000;
const shownMax = 500;
const aheadMax = 20;
const tailBytesMax = 64 * 1024 * 1024;

export interface HookParts {
  readonly memory: HookMemory;
  readonly notes: SessionNotes;
  readonly place: HookPlace;
  /** Set when the project is not derived from the folder. */
  readonly project: string | null;
  readonly nowMs: number;
}

/**
 * Handles an event of a client and returns the text to print. Throws a ZodError for an event that does not
 * match its schema, and errors of the memory. The caller then prints the adapter's empty answer.
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

  /** The context for the model; '' for none. */
  async context(): Promise<string> {
    const { moment } = this.#event;
    const notes = await this.#readNotes();
    switch (moment) {
      case 'start': {
        await this.#parts.notes.tidy(this.#parts.nowMs);
        await this.#writeNotes({ ...notes, shown: [] });
        const { text, ids } = await this.#parts.memory.opening({
          project: this.#project,
          tokensMax: openingTokensMax,
        });
        if (ids.length > 0) await this.#writeNotes({ ...notes, shown: [...ids] });
        return text;
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
    // For clients without an event for a finished answer.
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
      // A repeated answer without a new prompt in between.
      if (notes.pending === null && notes.last === last) return;
      await this.#parts.memory.store([exchange]);
      await this.#writeNotes({ ...notes, pending: null, last });
      return;
    }
    await this.#parts.memory.store(read.exchanges);
    await this.#writeNotes(read.notes);
  }

  /** The pending prompt with its answer; null when there is none or the answer is incomplete. */
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

  /** New exchanges in the transcript; null when there is no readable transcript. */
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
      // The client names a file that does not exist or that this process may not read.
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
      // The client has not written the prompt to the transcript yet.
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

/**
 * The part of a text that may be kept in a file until the exchange is stored. Private text and secrets are
 * removed, because they must not be on disk even for a moment.
 */
async function kept(text: string): Promise<string> {
  return (await redactSecrets(withoutPrivate(text).text)).text;
}

/** The same key for a hook and for an import of the same transcript. */
export function exchangeKey(client: string, session: string, id: string): string {
  return `${client}\n${session}\n${id}`;
}

/** The answer in the transcript, followed by the last message when the transcript does not contain it yet. */
function withLast(said: string, answer: string | null): string {
  const last = withoutNoise(answer ?? '');
  return last === '' || said.includes(last) ? said : `${said}\n\n${last}`;
}

/**
 * The byte to continue reading at. A file that has become shorter is a new file. Of a long file that has not
 * been read yet, only the end is read.
 */
async function startByte(file: string, readToByte: number): Promise<number> {
  const { size } = await stat(file);
  if (readToByte > size) return 0;
  // An even offset, so that a UTF-16 character is not cut.
  return readToByte > 0 ? readToByte : 2 * Math.floor(Math.max(0, size - tailBytesMax) / 2);
}

function question(prompt: string): string {
  if (prompt.length <= questionCharactersMax) return prompt;
  const half = questionCharactersMax / 2;
  return `${prompt.slice(0, half)}\n${prompt.slice(-half)}`.toWellFormed();
}
