/** The source of the current time. */
export interface Clock {
  /** Milliseconds since 1970, UTC. May jump when a person sets the clock. */
  now(): number;
}
