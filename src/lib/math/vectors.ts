/** Dot product of two vectors of equal length; equal to the cosine when both have norm 1. */
export function dot(a: Float32Array, b: Float32Array): number {
  return dotAt(a, 0, b, a.length);
}

/**
 * Dot product of `length` numbers of `table`, starting at `offset`, with the first `length` numbers of `b`.
 */
export function dotAt(table: Float32Array, offset: number, b: Float32Array, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    s0 += (table[offset + i] ?? 0) * (b[i] ?? 0);
    s1 += (table[offset + i + 1] ?? 0) * (b[i + 1] ?? 0);
    s2 += (table[offset + i + 2] ?? 0) * (b[i + 2] ?? 0);
    s3 += (table[offset + i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  for (; i < length; i++) s0 += (table[offset + i] ?? 0) * (b[i] ?? 0);
  return s0 + s1 + s2 + s3;
}

/** Cosine of the angle; 0 when a vector is zero. The lengths must be equal. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms === 0 ? 0 : dot(a, b) / norms;
}

/** Scales a vector to norm 1, in place. The zero vector stays unchanged. */
export function normalise(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector));
  if (norm === 0) return vector;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / norm;
  return vector;
}

/** The normalised mean; the zero vector of that length when there are no vectors. */
export function meanVector(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions);
  for (const vector of vectors)
    for (let i = 0; i < dimensions; i++) mean[i] = (mean[i] ?? 0) + (vector[i] ?? 0);
  return normalise(mean);
}
