import type { Job } from './jobs.js';

/**
 * Number of batches migrated in a row while a hot segment waits. With more, its analysis needs fewer calls.
 */
const migrationsInARowMax = 8;

/**
 * Decides the order of migration, promotion and eviction, so that under constant load none of them waits
 * forever:
 * - Eviction comes first, so mid-term memory stays within its capacity. Between two migrations, at most as
 *   many segments are evicted as the batch has pages. A migration can open no more than that, so the excess
 *   does not grow, and thousands of evictions (after the capacity was lowered) do not delay migration.
 * - Then migration, and after eight batches one hot segment.
 * - Hot segments come hottest first, but each only once before one is repeated.
 */
export class Turns {
  #evictionsInARow = 0;
  #migrationsInARow = 0;
  /** Hot segments analysed in this round. */
  readonly #analysed = new Set<string>();

  /** The same jobs, sorted by turn. */
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

  /** Records that the job has had its turn, whatever its result. */
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
        // Every segment has had its turn, so a new round begins.
        if (this.#analysed.has(job.key)) this.#analysed.clear();
        this.#analysed.add(job.key);
        return;
      default:
        job satisfies never;
    }
  }
}
