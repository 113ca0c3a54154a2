/**
 * The forward pass of all-MiniLM-L6-v2 (a BERT of 6 layers, 12 heads, 384 numbers a token) in 128-bit SIMD. Weights
 * are signed bytes with a scale per row; activations are rounded to 12 bits with a scale per token before each
 * product, so that products are sums of integers; everything else is float32. Nothing here depends on the platform:
 * the same input gives the same bits everywhere.
 *
 * Compile with `npm run build:kernel`; the compiled bytes are in assets/sentence-model.wasm.
 */

const width: i32 = 384;
const inner: i32 = 1536;
const layers: i32 = 6;
const heads: i32 = 12;
const headWidth: i32 = 32;
const vocabulary: i32 = 30522;
const positions: i32 = 256;
/** The largest quantised activation: 2047 * 127 * 1536 stays below 2^31. */
const activationMax: f32 = 2047;

function align(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

/** Bytes of a quantised matrix with the scales and biases of its rows. */
function matrixBytes(rows: i32, columns: i32): usize {
  return align(rows * columns) + 2 * align(rows << 2);
}

function normBytes(): usize {
  return 2 * (width << 2);
}

function sumOfInts(v: v128): i32 {
  const pairs = i32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

function sumOfFloats(v: v128): f32 {
  const pairs = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** e^x for x in [-80, 80], to seven digits: 2^whole by the exponent's bits, 2^rest by its series. */
function exp4(x: v128): v128 {
  const clamped = f32x4.max(f32x4.min(x, f32x4.splat(80)), f32x4.splat(-80));
  const power = f32x4.mul(clamped, f32x4.splat(1.4426950408889634));
  const whole = f32x4.nearest(power);
  const rest = f32x4.sub(power, whole);
  let sum = f32x4.splat(0.00015403530393);
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(0.00133335581464));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(0.00961812910763));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(0.05550410866482));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(0.2402265069591));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(0.69314718055995));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(sum, exponent);
}

/** Sums token and position embeddings: `ids` holds `tokens` integers, rows up to `rows` become 0. */
function embed(model: usize, ids: usize, tokens: i32, rows: i32, out: usize): void {
  const scales = model + align(vocabulary * width);
  const places = scales + align(vocabulary << 2);
  for (let t = 0; t < tokens; t++) {
    const id = load<i32>(ids + (t << 2));
    const row = model + id * width;
    const scale = f32x4.splat(load<f32>(scales + (id << 2)));
    const place = places + ((t * width) << 2);
    const to = out + ((t * width) << 2);
    for (let k = 0; k < width; k += 4) {
      const bytes = v128.load32_zero(row + k);
      const ints = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
      const value = f32x4.mul(f32x4.convert_i32x4_s(ints), scale);
      v128.store(to + (k << 2), f32x4.add(value, v128.load(place + (k << 2))));
    }
  }
  memory.fill(out + ((tokens * width) << 2), 0, ((rows - tokens) * width) << 2);
}

/** x = norm(x + added), in place; `added` 0 for nothing. `norm` holds the weights and then the biases. */
function addAndNorm(x: usize, added: usize, norm: usize, rows: i32): void {
  const biases = norm + (width << 2);
  for (let t = 0; t < rows; t++) {
    const row = x + ((t * width) << 2);
    let sums = f32x4.splat(0);
    if (added) {
      const other = added + ((t * width) << 2);
      for (let k = 0; k < width << 2; k += 16) {
        const value = f32x4.add(v128.load(row + k), v128.load(other + k));
        v128.store(row + k, value);
        sums = f32x4.add(sums, value);
      }
    } else {
      for (let k = 0; k < width << 2; k += 16) sums = f32x4.add(sums, v128.load(row + k));
    }
    const mean = f32x4.splat(sumOfFloats(sums) / <f32>width);
    let squares = f32x4.splat(0);
    for (let k = 0; k < width << 2; k += 16) {
      const off = f32x4.sub(v128.load(row + k), mean);
      squares = f32x4.add(squares, f32x4.mul(off, off));
    }
    const unit = f32x4.splat(<f32>1 / sqrt<f32>(sumOfFloats(squares) / <f32>width + <f32>1e-12));
    for (let k = 0; k < width << 2; k += 16) {
      const off = f32x4.mul(f32x4.sub(v128.load(row + k), mean), unit);
      v128.store(row + k, f32x4.add(f32x4.mul(off, v128.load(norm + k)), v128.load(biases + k)));
    }
  }
}

/** Rounds each row to 16-bit integers within `activationMax`, and writes what one of a row's units is worth. */
function quantise(x: usize, rows: i32, columns: i32, out: usize, scales: usize): void {
  for (let t = 0; t < rows; t++) {
    const row = x + ((t * columns) << 2);
    let largest = f32x4.splat(1e-9);
    for (let k = 0; k < columns << 2; k += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(row + k)));
    largest = f32x4.max(largest, i32x4.shuffle(largest, largest, 2, 3, 0, 1));
    const most = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1));
    store<f32>(scales + (t << 2), most / activationMax);
    const inverse = f32x4.splat(activationMax / most);
    const to = out + ((t * columns) << 1);
    for (let k = 0; k < columns << 1; k += 16) {
      const from = row + (k << 1);
      const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from), inverse)));
      const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from, 16), inverse)));
      v128.store(to + k, i16x8.narrow_i32x4_s(low, high));
    }
  }
}

/**
 * out[rows][outputs] = x . matrix + bias, for x quantised by {@link quantise}. Four rows by two outputs at once: the
 * widened weights are used four times, and eight sums fit the registers. `rows` and `outputs` are multiples of these.
 */
function multiply(
  x: usize,
  scales: usize,
  matrix: usize,
  rows: i32,
  outputs: i32,
  columns: i32,
  out: usize,
): void {
  const weightScales = matrix + align(outputs * columns);
  const biases = weightScales + align(outputs << 2);
  const stride = columns << 1;
  const outStride = outputs << 2;
  for (let n = 0; n < outputs; n += 2) {
    const w = matrix + n * columns;
    const unit0 = load<f32>(weightScales + (n << 2));
    const unit1 = load<f32>(weightScales + (n << 2), 4);
    const bias0 = load<f32>(biases + (n << 2));
    const bias1 = load<f32>(biases + (n << 2), 4);
    for (let m = 0; m < rows; m += 4) {
      const x0 = x + m * stride;
      const x1 = x0 + stride;
      const x2 = x1 + stride;
      const x3 = x2 + stride;
      let s00 = i32x4.splat(0),
        s01 = s00,
        s10 = s00,
        s11 = s00,
        s20 = s00,
        s21 = s00,
        s30 = s00,
        s31 = s00;
      for (let k = 0; k < columns; k += 8) {
        const at = k << 1;
        const w0 = v128.load_ext<i8>(w + k);
        const w1 = v128.load_ext<i8>(w + columns + k);
        const v0 = v128.load(x0 + at);
        s00 = i32x4.add(s00, i32x4.dot_i16x8_s(v0, w0));
        s01 = i32x4.add(s01, i32x4.dot_i16x8_s(v0, w1));
        const v1 = v128.load(x1 + at);
        s10 = i32x4.add(s10, i32x4.dot_i16x8_s(v1, w0));
        s11 = i32x4.add(s11, i32x4.dot_i16x8_s(v1, w1));
        const v2 = v128.load(x2 + at);
        s20 = i32x4.add(s20, i32x4.dot_i16x8_s(v2, w0));
        s21 = i32x4.add(s21, i32x4.dot_i16x8_s(v2, w1));
        const v3 = v128.load(x3 + at);
        s30 = i32x4.add(s30, i32x4.dot_i16x8_s(v3, w0));
        s31 = i32x4.add(s31, i32x4.dot_i16x8_s(v3, w1));
      }
      const to = out + m * outStride + (n << 2);
      const scale = scales + (m << 2);
      const r0 = load<f32>(scale),
        r1 = load<f32>(scale, 4),
        r2 = load<f32>(scale, 8),
        r3 = load<f32>(scale, 12);
      store<f32>(to, <f32>sumOfInts(s00) * r0 * unit0 + bias0);
      store<f32>(to, <f32>sumOfInts(s01) * r0 * unit1 + bias1, 4);
      store<f32>(to + outStride, <f32>sumOfInts(s10) * r1 * unit0 + bias0);
      store<f32>(to + outStride, <f32>sumOfInts(s11) * r1 * unit1 + bias1, 4);
      store<f32>(to + 2 * outStride, <f32>sumOfInts(s20) * r2 * unit0 + bias0);
      store<f32>(to + 2 * outStride, <f32>sumOfInts(s21) * r2 * unit1 + bias1, 4);
      store<f32>(to + 3 * outStride, <f32>sumOfInts(s30) * r3 * unit0 + bias0);
      store<f32>(to + 3 * outStride, <f32>sumOfInts(s31) * r3 * unit1 + bias1, 4);
    }
  }
}

/** Each token's mean of the values, weighed by softmax(query . key); the queries hold the factor 1/sqrt(32) already. */
function attend(qkv: usize, tokens: i32, shares: usize, out: usize): void {
  const row = (3 * width) << 2;
  const padded = (tokens + 3) & ~3;
  for (let h = 0; h < heads; h++) {
    const queries = qkv + ((h * headWidth) << 2);
    const keys = queries + (width << 2);
    const values = keys + (width << 2);
    for (let i = 0; i < tokens; i++) {
      const q = queries + i * row;
      const q0 = v128.load(q),
        q1 = v128.load(q, 16),
        q2 = v128.load(q, 32),
        q3 = v128.load(q, 48);
      const q4 = v128.load(q, 64),
        q5 = v128.load(q, 80),
        q6 = v128.load(q, 96),
        q7 = v128.load(q, 112);
      let most: f32 = -1e30;
      for (let j = 0; j < tokens; j++) {
        const k = keys + j * row;
        let a = f32x4.add(f32x4.mul(q0, v128.load(k)), f32x4.mul(q1, v128.load(k, 16)));
        let b = f32x4.add(f32x4.mul(q2, v128.load(k, 32)), f32x4.mul(q3, v128.load(k, 48)));
        a = f32x4.add(a, f32x4.add(f32x4.mul(q4, v128.load(k, 64)), f32x4.mul(q5, v128.load(k, 80))));
        b = f32x4.add(b, f32x4.add(f32x4.mul(q6, v128.load(k, 96)), f32x4.mul(q7, v128.load(k, 112))));
        const product = sumOfFloats(f32x4.add(a, b));
        store<f32>(shares + (j << 2), product);
        most = max(most, product);
      }
      for (let j = tokens; j < padded; j++) store<f32>(shares + (j << 2), -1e9);
      const top = f32x4.splat(most);
      let sums = f32x4.splat(0);
      for (let j = 0; j < padded << 2; j += 16) {
        const share = exp4(f32x4.sub(v128.load(shares + j), top));
        v128.store(shares + j, share);
        sums = f32x4.add(sums, share);
      }
      const whole = <f32>1 / sumOfFloats(sums);
      let o0 = f32x4.splat(0),
        o1 = o0,
        o2 = o0,
        o3 = o0,
        o4 = o0,
        o5 = o0,
        o6 = o0,
        o7 = o0;
      for (let j = 0; j < tokens; j++) {
        const share = f32x4.splat(load<f32>(shares + (j << 2)) * whole);
        const v = values + j * row;
        o0 = f32x4.add(o0, f32x4.mul(share, v128.load(v)));
        o1 = f32x4.add(o1, f32x4.mul(share, v128.load(v, 16)));
        o2 = f32x4.add(o2, f32x4.mul(share, v128.load(v, 32)));
        o3 = f32x4.add(o3, f32x4.mul(share, v128.load(v, 48)));
        o4 = f32x4.add(o4, f32x4.mul(share, v128.load(v, 64)));
        o5 = f32x4.add(o5, f32x4.mul(share, v128.load(v, 80)));
        o6 = f32x4.add(o6, f32x4.mul(share, v128.load(v, 96)));
        o7 = f32x4.add(o7, f32x4.mul(share, v128.load(v, 112)));
      }
      const to = out + ((i * width + h * headWidth) << 2);
      v128.store(to, o0);
      v128.store(to, o1, 16);
      v128.store(to, o2, 32);
      v128.store(to, o3, 48);
      v128.store(to, o4, 64);
      v128.store(to, o5, 80);
      v128.store(to, o6, 96);
      v128.store(to, o7, 112);
    }
  }
}

/** x * P(a normal number is below x), in place; the error function by Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function gelu(x: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let at = x; at < x + (count << 2); at += 16) {
    const value = v128.load(at);
    const z = f32x4.mul(f32x4.abs(value), f32x4.splat(0.70710678118655));
    const t = f32x4.div(one, f32x4.add(one, f32x4.mul(z, f32x4.splat(0.3275911))));
    let sum = f32x4.splat(1.061405429);
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(-1.453152027));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(1.421413741));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(-0.284496736));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.254829592));
    // Half of 1 - erf(z): the share of normal numbers beyond.
    const beyond = f32x4.mul(
      f32x4.mul(f32x4.mul(sum, t), exp4(f32x4.neg(f32x4.mul(z, z)))),
      f32x4.splat(0.5),
    );
    const below = v128.bitselect(beyond, f32x4.sub(one, beyond), f32x4.lt(value, f32x4.splat(0)));
    v128.store(at, f32x4.mul(value, below));
  }
}

/** Bytes of scratch that `forward` needs for the longest text. */
export function scratchBytes(): usize {
  return (
    align((positions * inner) << 1) +
    align(positions << 2) +
    align((positions * inner) << 2) +
    align((positions * width) << 2) +
    align(positions << 2)
  );
}

/** Bytes of the packed model: the layout that scripts/pack-sentence-model.ts writes. */
export function modelBytes(): usize {
  return (
    align(vocabulary * width) +
    align(vocabulary << 2) +
    ((positions * width) << 2) +
    normBytes() +
    <usize>layers *
      (matrixBytes(3 * width, width) +
        matrixBytes(width, width) +
        normBytes() +
        matrixBytes(inner, width) +
        matrixBytes(width, inner) +
        normBytes())
  );
}

/**
 * Reads `tokens` ids (int32, at most 256) and writes one vector of 384 floats for each at `x`, which has room for
 * `tokens` rounded up to a multiple of four. All addresses are multiples of 16.
 */
export function forward(model: usize, ids: usize, tokens: i32, x: usize, scratch: usize): void {
  const rows = (tokens + 3) & ~3;
  const bytes = scratch;
  const scales = bytes + align((positions * inner) << 1);
  const wide = scales + align(positions << 2);
  const narrow = wide + align((positions * inner) << 2);
  const shares = narrow + align((positions * width) << 2);
  let at = model + align(vocabulary * width) + align(vocabulary << 2) + ((positions * width) << 2);
  embed(model, ids, tokens, rows, x);
  addAndNorm(x, 0, at, rows);
  at += normBytes();
  for (let layer = 0; layer < layers; layer++) {
    quantise(x, rows, width, bytes, scales);
    multiply(bytes, scales, at, rows, 3 * width, width, wide);
    at += matrixBytes(3 * width, width);
    attend(wide, tokens, shares, narrow);
    memory.fill(narrow + ((tokens * width) << 2), 0, ((rows - tokens) * width) << 2);
    quantise(narrow, rows, width, bytes, scales);
    multiply(bytes, scales, at, rows, width, width, narrow);
    at += matrixBytes(width, width);
    addAndNorm(x, narrow, at, rows);
    at += normBytes();
    quantise(x, rows, width, bytes, scales);
    multiply(bytes, scales, at, rows, inner, width, wide);
    at += matrixBytes(inner, width);
    gelu(wide, rows * inner);
    quantise(wide, rows, inner, bytes, scales);
    multiply(bytes, scales, at, rows, width, inner, narrow);
    at += matrixBytes(width, inner);
    addAndNorm(x, narrow, at, rows);
    at += normBytes();
  }
}
