/** Weights of a trained model: signed bytes in base64, and what one unit is worth. */
export interface ByteWeights {
  readonly unit: number;
  readonly table: string;
}

const tables = new WeakMap<ByteWeights, Int8Array>();

/** The weights in units, decoded once. */
export function unitsOf(weights: ByteWeights): Int8Array {
  let table = tables.get(weights);
  if (table === undefined) {
    table = Int8Array.from(Buffer.from(weights.table, 'base64'));
    tables.set(weights, table);
  }
  return table;
}
