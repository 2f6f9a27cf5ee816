/** Columns of numbers that grow: what the views remember of a trace, a few bytes a row. */

type NumberArray = Float64Array | Float32Array | Uint32Array | Uint8Array;

export class Growing<T extends NumberArray> {
  length = 0;
  values: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.values = make(16);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.#make(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  get(index: number): number {
    return this.values[index] ?? 0;
  }
}

export const doubles = (): Growing<Float64Array> =>
  new Growing((length) => new Float64Array(length));
export const floats = (): Growing<Float32Array> =>
  new Growing((length) => new Float32Array(length));
export const words = (): Growing<Uint32Array> => new Growing((length) => new Uint32Array(length));
export const bytes = (): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length));
