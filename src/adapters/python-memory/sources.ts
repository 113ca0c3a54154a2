/** A part of a Python memory as it was read. */
export interface PythonSource {
  /** Undefined when there is none. */
  readonly value: unknown;
  /** For messages. */
  readonly where: string;
  /** For what in it has no time of its own. */
  readonly ms: number;
}

/** The parts of one user's memory, whichever variant of the Python MemoryOS wrote it. */
export interface PythonSources {
  readonly user: string;
  /** `{ sessions: { <id>: { details, … } } }` */
  readonly midTerm: PythonSource;
  /** A list of exchanges. */
  readonly shortTerm: PythonSource;
  /** `{ user_profiles, knowledge_base, assistant_knowledge }` */
  readonly longTerm: PythonSource;
  readonly assistants: readonly { readonly id: string; readonly value: unknown }[];
  /** In the data folder, this one included. */
  readonly users: number;
}
