/** Something of the Python memory that is not taken over. */
export interface NotTaken {
  /** File and place in it. */
  readonly where: string;
  readonly reason: string;
  /** As it stands there. */
  readonly content: string;
}

/** What an import of a Python memory has to say beside its counts. */
export interface PythonReport {
  /** Copies of a page that were merged into one. */
  readonly copiesMerged: number;
  /** How things were taken that are not the same here. */
  readonly notes: readonly string[];
  readonly notTaken: readonly NotTaken[];
}

/** The report while it is written. */
export interface PythonNotes {
  copiesMerged: number;
  readonly notes: string[];
  readonly notTaken: NotTaken[];
}

/** Notes down what is left out. */
export function leaveOut(notes: PythonNotes, where: string, reason: string, content: unknown): void {
  const text = typeof content === 'string' ? content : (JSON.stringify(content) ?? String(content));
  notes.notTaken.push({ where, reason, content: text });
}

/** Texts the Python server stored where a model had failed or had nothing to say. */
export function isNoText(text: string): boolean {
  const plain = text.trim().replace(/^[-*•\s]+/, '');
  return (
    plain === '' || /^(none|n\/a)\.?$/i.test(plain) || /^error: could not get response from llm/i.test(plain)
  );
}
