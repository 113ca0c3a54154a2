/** A part of a Python memory as read. */
export interface PythonSource {
  /** Undefined when there is none. */
  readonly value: unknown;
  /** For messages. */
  readonly where: string;
  /** Time for entries that have none. */
  readonly ms: number;
}

/** The parts of one user's memory, for all variants of the Python MemoryOS. */
export interface PythonSources {
  readonly user: string;
  /** `{ sessions: { <id>: { details, … } } }` */
  readonly midTerm: PythonSource;
  /** A list of exchanges. */
  readonly shortTerm: PythonSource;
  /** `{ user_profiles, knowledge_base, assistant_knowledge }` */
  readonly longTerm: PythonSource;
  readonly assistants: readonly { readonly id: string; readonly value: unknown }[];
  /** Number of users in the data folder, including this one. */
  readonly users: number;
}
