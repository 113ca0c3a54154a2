type Numbers =
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/**
 * A typed array that grows at its end. `values` is longer than `length`, and is replaced when the array
 * grows.
 */
export class Growable<T extends Numbers> {
  values: T;
  length = 0;
  readonly #make: (capacity: number) => T;

  constructor(make: (capacity: number) => T, capacity = 16) {
    this.#make = make;
    this.values = make(capacity);
  }

  push(value: number): void {
    this.reserve(this.length + 1);
    this.values[this.length] = value;
    this.length += 1;
  }

  /** Makes room for `capacity` values. New values are 0. */
  reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const larger = this.#make(Math.max(capacity, this.values.length * 2));
    larger.set(this.values);
    this.values = larger;
  }
}

export const growableInts = () => new Growable((capacity) => new Int32Array(capacity));
export const growableBytes = () => new Growable((capacity) => new Uint8Array(capacity));
export const growableFloats = () => new Growable((capacity) => new Float32Array(capacity));
