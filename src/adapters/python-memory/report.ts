/** A part of the Python memory that is not imported. */
export interface NotTaken {
  /** File, and position in it. */
  readonly where: string;
  readonly reason: string;
  /** The original content. */
  readonly content: string;
}

/** Details of an import of a Python memory, in addition to its counts. */
export interface PythonReport {
  /** Number of copies that were merged into another copy of their page. */
  readonly copiesMerged: number;
  /** How parts without an equivalent here were imported. */
  readonly notes: readonly string[];
  readonly notTaken: readonly NotTaken[];
}

/** The report under construction. */
export interface PythonNotes {
  copiesMerged: number;
  readonly notes: string[];
  readonly notTaken: NotTaken[];
}

/** Records a part that is not imported. */
export function leaveOut(notes: PythonNotes, where: string, reason: string, content: unknown): void {
  const text = typeof content === 'string' ? content : (JSON.stringify(content) ?? String(content));
  notes.notTaken.push({ where, reason, content: text });
}

/** Texts that the Python server stored when a model failed or had nothing to say. */
export function isNoText(text: string): boolean {
  const plain = text.trim().replace(/^[-*•\s]+/, '');
  return (
    plain === '' || /^(none|n\/a)\.?$/i.test(plain) || /^error: could not get response from llm/i.test(plain)
  );
}
