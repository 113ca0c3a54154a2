/** What a hook is called for, whatever the client calls it. */
export type Moment =
  /** A session begins, goes on, or was compacted. */
  | 'start'
  /** The user has sent a prompt, which the agent has not read yet. */
  | 'prompt'
  /** The agent has said something and may go on. */
  | 'spoken'
  /** The agent has answered. */
  | 'answered'
  /** The conversation is about to be shortened; the agent may be in the middle of an answer. */
  | 'compacting'
  /** The session is over. */
  | 'ended';

/** A client's event in our words. */
export interface HookEvent {
  readonly moment: Moment;
  /** The event's own name, which some clients want back. */
  readonly name: string;
  readonly session: string;
  /** The folder that is worked in; null where the client does not say. */
  readonly folder: string | null;
  /** What the user sent, with `prompt`; with `answered` where the client repeats it. */
  readonly prompt: string | null;
  /** What the agent said, with `spoken` and `answered`; null where only the transcript has it. */
  readonly answer: string | null;
  /** The session's transcript, where the client keeps one we can read. */
  readonly transcript: string | null;
}

/** Of one client: how it tells what happens and what it wants to hear. */
export interface HookAdapter {
  /** As in `memoryos-mcp hook <client>`, and in the origin of the pages. */
  readonly client: string;
  /** Null for an event that is of no concern here. Throws a ZodError for one that has not its form. */
  read(event: unknown, place: HookPlace): HookEvent | null;
  /** What to print: `context` for the model to read, '' for none. */
  print(event: HookEvent | null, context: string): string;
  /** Reads this client's transcripts; left out where everything comes with the events. */
  readonly transcript?: TranscriptFormat;
}

/** Where a hook runs. */
export interface HookPlace {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a client writes a conversation down, line by line. */
export interface TranscriptFormat {
  /** What a line adds to the conversation; null for what is no part of it. */
  readLine(line: unknown): TranscriptEntry | null;
}

/** What one line of a transcript says. */
export type TranscriptEntry =
  | {
      readonly kind: 'user';
      readonly text: string;
      readonly at: string | null;
      /** The record's own name within the session. */
      readonly id: string | null;
      readonly session: string | null;
      readonly folder: string | null;
    }
  | { readonly kind: 'agent'; readonly text: string }
  | { readonly kind: 'session'; readonly session: string | null; readonly folder: string | null };
