/** The configuration of the models, which a person may correct while the process runs. */
export interface ModelChanges {
  /** How often it has changed so far. */
  readonly count: number;
  /** Looks whether it has changed again. Cheap; never throws. */
  look(): void;
}

/** Of models that stay as they are. */
export const noModelChanges: ModelChanges = { count: 0, look: () => undefined };
