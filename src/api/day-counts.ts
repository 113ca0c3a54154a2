import type { MemoryEngine } from '../engine/memory-engine.js';

const daysMax = 90;

export interface DayCount {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly exchanges: number;
  readonly facts: number;
}

/** Exchanges and facts a day, oldest first: the latest 90 days on which something was said. */
export async function dayCounts(memory: MemoryEngine): Promise<DayCount[]> {
  const [times, { userFacts, assistantFacts }] = await Promise.all([memory.exchangeTimes(), memory.longTerm()]);
  const byDay = new Map<string, { day: string; exchanges: number; facts: number }>();
  const at = (timestamp: string) => {
    const day = timestamp.slice(0, 10);
    let entry = byDay.get(day);
    if (entry === undefined) {
      entry = { day, exchanges: 0, facts: 0 };
      byDay.set(day, entry);
    }
    return entry;
  };
  for (const time of times) at(time).exchanges += 1;
  for (const fact of [...userFacts, ...assistantFacts]) at(fact.timestamp).facts += 1;
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-daysMax);
}
