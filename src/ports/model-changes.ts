/** The configuration of the models, which a person may change while the process runs. */
export interface ModelChanges {
  /** Number of changes so far. */
  readonly count: number;
  /** Checks for a new change. Cheap; never throws. */
  check(): void;
}

/** For models whose configuration never changes. */
export const noModelChanges: ModelChanges = { count: 0, check: () => undefined };
