import type { VectorTable } from '../index/vector-table.js';
import type { PageOrder } from '../page-order.js';

/**
 * Two pages in a row speak of different subjects if the cosine of their vectors is below this. In
 * conversations between friends, one neighbour in a hundred is below it.
 */
const sameSubjectMin = 0.35;

/** The rows of a page's neighbours: the previous and the next page of its session or chain. */
export type Beside = (row: number) => readonly number[];

/**
 * The neighbours that continue the subject of a page. Those that speak of something else are left out, if
 * `table` has the vectors of both. Without a table, every neighbour counts.
 */
export function besideIn(order: PageOrder, table: VectorTable | null): Beside {
  const continues = (row: number, other: number) =>
    table === null || !table.has(row) || !table.has(other) || table.cosine(row, other) >= sameSubjectMin;
  return (row) =>
    [order.previous.values[row] ?? -1, order.next.values[row] ?? -1].filter(
      (other) => other !== -1 && continues(row, other),
    );
}
