import type { Job } from './jobs.js';

/** Batches migrated one after the other while a hot segment waits; more at once make its analysis fewer calls. */
const migrationsInARowMax = 8;

/**
 * Whose turn it is among migration, promotion and eviction, so that under constant load none keeps another waiting for ever:
 * - Eviction goes first, so mid-term memory stays within its capacity; but between two migrations no more segments
 *   are evicted than the batch has pages. That is the most a migration can open, so what is over the capacity does
 *   not grow, and thousands to evict (the capacity was lowered) do not hold up migration.
 * - Then migration, and after eight batches a hot segment.
 * - Of the hot segments the hottest first, but each once before one comes again.
 */
export class Turns {
  #evictionsInARow = 0;
  #migrationsInARow = 0;
  /** Hot segments analysed in this round. */
  readonly #analysed = new Set<string>();

  /** The same jobs, the one whose turn it is first. */
  inTurn(jobs: readonly Job[]): Job[] {
    const migrations = jobs.filter((job) => job.kind === 'migrate');
    const evictions = jobs.filter((job) => job.kind === 'evict');
    const hot = jobs.filter((job) => job.kind === 'promote');
    const had = (job: Job) => this.#analysed.has(job.key);
    const promotions = [...hot.filter((job) => !had(job)), ...hot.filter(had)];
    const batchPages = migrations[0]?.pages.length ?? Number.POSITIVE_INFINITY;
    const others =
      this.#migrationsInARow >= migrationsInARowMax
        ? [...promotions, ...migrations]
        : [...migrations, ...promotions];
    const rest = this.#evictionsInARow < batchPages ? [...evictions, ...others] : [...others, ...evictions];
    return [...jobs.filter((job) => job.kind === 'read'), ...rest];
  }

  /** A job has its turn now, however it ends. */
  take(job: Job): void {
    switch (job.kind) {
      case 'read':
        return;
      case 'evict':
        this.#evictionsInARow += 1;
        return;
      case 'migrate':
        this.#evictionsInARow = 0;
        this.#migrationsInARow += 1;
        return;
      case 'promote':
        this.#migrationsInARow = 0;
        // None is left that had no turn yet: a new round.
        if (this.#analysed.has(job.key)) this.#analysed.clear();
        this.#analysed.add(job.key);
        return;
      default:
        job satisfies never;
    }
  }
}
