import type { Fact } from '../../model/knowledge.js';
import type { UserState } from '../../model/user-state.js';

const daysMax = 90;

export interface DayCount {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly exchanges: number;
  readonly facts: number;
}

/** Exchanges and facts a day, oldest first: the latest 90 days of which something is known. */
export function dayCounts(state: UserState, facts: readonly Fact[]): DayCount[] {
  const byDay = new Map<string, { day: string; exchanges: number; facts: number }>();
  const dayOf = (timestamp: string) => {
    const day = timestamp.slice(0, 10);
    let entry = byDay.get(day);
    if (entry === undefined) {
      entry = { day, exchanges: 0, facts: 0 };
      byDay.set(day, entry);
    }
    return entry;
  };
  for (const page of state.shortTerm) dayOf(page.timestamp).exchanges += 1;
  for (const { pages } of state.segments.values()) {
    for (const page of pages) dayOf(page.timestamp).exchanges += 1;
  }
  for (const fact of facts) dayOf(fact.timestamp).facts += 1;
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-daysMax);
}
