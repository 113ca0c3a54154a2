/**
 * Late interaction (Khattab and Zaharia, SIGIR 2020): for each piece of a question the largest product with a piece of
 * a page. A page's piece is 64 numbers of 4 bits in 32 bytes: byte i holds number i in its low half and number i + 32
 * in its high half, each 8 too large. A question's piece is 64 signed 16-bit integers of at most 2047.
 *
 * Compile with `npm run build:kernel`; the compiled bytes are in assets/sentence-model/max-sim.wasm.
 */

const pieceBytes: i32 = 32;
const askedBytes: i32 = 128;

function sumOfInts(v: v128): i32 {
  const pairs = i32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** Writes for each of `asked` pieces (16-bit, at `question`) its largest product, int32, at `out`. */
export function maxSim(question: usize, asked: i32, page: usize, pieces: i32, out: usize): void {
  for (let a = 0; a < asked; a++) store<i32>(out + (a << 2), i32.MIN_VALUE);
  const halves = i8x16.splat(15);
  const eight = i8x16.splat(8);
  for (let p = 0; p < pieces; p++) {
    const at = page + p * pieceBytes;
    const first = v128.load(at),
      second = v128.load(at, 16);
    const n0 = i8x16.sub(v128.and(first, halves), eight);
    const n1 = i8x16.sub(v128.and(second, halves), eight);
    const n2 = i8x16.sub(i8x16.shr_u(first, 4), eight);
    const n3 = i8x16.sub(i8x16.shr_u(second, 4), eight);
    const w0 = i16x8.extend_low_i8x16_s(n0),
      w1 = i16x8.extend_high_i8x16_s(n0);
    const w2 = i16x8.extend_low_i8x16_s(n1),
      w3 = i16x8.extend_high_i8x16_s(n1);
    const w4 = i16x8.extend_low_i8x16_s(n2),
      w5 = i16x8.extend_high_i8x16_s(n2);
    const w6 = i16x8.extend_low_i8x16_s(n3),
      w7 = i16x8.extend_high_i8x16_s(n3);
    for (let a = 0; a < asked; a++) {
      const q = question + a * askedBytes;
      let s0 = i32x4.add(i32x4.dot_i16x8_s(w0, v128.load(q)), i32x4.dot_i16x8_s(w1, v128.load(q, 16)));
      let s1 = i32x4.add(i32x4.dot_i16x8_s(w2, v128.load(q, 32)), i32x4.dot_i16x8_s(w3, v128.load(q, 48)));
      s0 = i32x4.add(
        s0,
        i32x4.add(i32x4.dot_i16x8_s(w4, v128.load(q, 64)), i32x4.dot_i16x8_s(w5, v128.load(q, 80))),
      );
      s1 = i32x4.add(
        s1,
        i32x4.add(i32x4.dot_i16x8_s(w6, v128.load(q, 96)), i32x4.dot_i16x8_s(w7, v128.load(q, 112))),
      );
      const product = sumOfInts(i32x4.add(s0, s1));
      const best = out + (a << 2);
      if (product > load<i32>(best)) store<i32>(best, product);
    }
  }
}
