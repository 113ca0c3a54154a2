import type { Fact } from '../../model/knowledge.js';
import type { Slices } from '../../ports/store.js';

export const daysMax = 90;

export interface DayCount {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly exchanges: number;
  readonly facts: number;
}

/** Exchanges and facts for each day, oldest first: the latest 90 days that have any. */
export function dayCounts(exchanges: Slices['days'], facts: readonly Fact[]): DayCount[] {
  const byDay = new Map<string, { day: string; exchanges: number; facts: number }>();
  const entryOf = (day: string) => {
    let entry = byDay.get(day);
    if (entry === undefined) {
      entry = { day, exchanges: 0, facts: 0 };
      byDay.set(day, entry);
    }
    return entry;
  };
  for (const [day, count] of exchanges) entryOf(day).exchanges = count;
  for (const fact of facts) entryOf(fact.timestamp.slice(0, 10)).facts += 1;
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-daysMax);
}
