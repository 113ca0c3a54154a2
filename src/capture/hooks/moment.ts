/** What happened in a client, independent of the client's own name for the event. */
export type Moment =
  /** A session began, was resumed, or was compacted. */
  | 'start'
  /** The user sent a prompt that the agent has not read yet. */
  | 'prompt'
  /** The agent said something and may continue. */
  | 'spoken'
  /** The agent has finished its answer. */
  | 'answered'
  /** The conversation is about to be shortened, possibly in the middle of an answer. */
  | 'compacting'
  /** The session has ended. */
  | 'ended';

/** A client's event in the terms of this program. */
export interface HookEvent {
  readonly moment: Moment;
  /** The client's name of the event; some clients expect it in the output. */
  readonly name: string;
  readonly session: string;
  /** The working folder; null when the client does not say. */
  readonly folder: string | null;
  /** What the user sent. Set for `prompt`, and for `answered` when the client repeats it. */
  readonly prompt: string | null;
  /** What the agent said. Set for `spoken` and `answered`; null when only the transcript contains it. */
  readonly answer: string | null;
  /** The session's transcript, when the client keeps a readable one. */
  readonly transcript: string | null;
}

/** Adapts one client: reads its events and writes its output format. */
export interface HookAdapter {
  /** The name in `memoryos-mcp hook <client>` and in the origin of pages. */
  readonly client: string;
  /** Null for an event that is not used. Throws a ZodError for an event that does not match its schema. */
  read(event: unknown, place: HookPlace): HookEvent | null;
  /** The text to print. `context` is for the model; '' for none. */
  print(event: HookEvent | null, context: string): string;
  /** Reads this client's transcripts; absent when its events contain everything. */
  readonly transcript?: TranscriptFormat;
}

/** Where a hook runs. */
export interface HookPlace {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The format of a client's transcripts, which have one record per line. */
export interface TranscriptFormat {
  /** What a line adds to the conversation; null when it is not part of it. */
  readLine(line: unknown): TranscriptEntry | null;
}

/** The content of one line of a transcript. */
export type TranscriptEntry =
  | {
      readonly kind: 'user';
      readonly text: string;
      readonly at: string | null;
      /** The id of the record within the session. */
      readonly id: string | null;
      readonly session: string | null;
      readonly folder: string | null;
    }
  | { readonly kind: 'agent'; readonly text: string }
  | { readonly kind: 'session'; readonly session: string | null; readonly folder: string | null };
