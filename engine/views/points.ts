/** A series over time that grows, and its answer to "this window at this resolution". */
import { lowerBound } from '../../base/bisect.ts';
import type { Series } from '../../wire/panel.ts';
import { doubles, floats, type Growing } from './growing.ts';

export class Points {
  readonly x = doubles();
  readonly y: readonly Growing<Float32Array>[];
  readonly top: number[];

  /** Values hold until the next one, instead of being readings. */
  readonly steps: boolean;

  constructor(columns: number, steps = false) {
    this.steps = steps;
    this.y = Array.from({ length: columns }, floats);
    this.top = new Array<number>(columns).fill(0);
  }

  /** Times come in order; what is late stands at the time of the last one. */
  push(at: number, ...values: readonly number[]): void {
    const last = this.x.length > 0 ? this.x.get(this.x.length - 1) : 0;
    this.x.push(Math.max(at, last));
    this.y.forEach((column, index) => {
      const value = values[index] ?? 0;
      column.push(value);
      if (value > this.top[index]!) this.top[index] = value;
    });
  }

  last(column: number): number {
    const values = this.y[column];
    return values === undefined || values.length === 0 ? 0 : values.get(values.length - 1);
  }

  /** Rows from the one before the window to the one after it. */
  range(from: number, to: number): readonly [number, number] {
    const first = lowerBound(this.x.values, from, this.x.length);
    const last = lowerBound(this.x.values, to, this.x.length);
    return [Math.max(0, first - 1), Math.min(this.x.length, last + 1)];
  }

  /** At most about two points per pixel: of each bucket the row with the highest first value, and its last row. */
  window(lane: number, from: number, to: number, pixels: number): Series {
    const [first, last] = this.range(from, to);
    const rows =
      last - first <= pixels * 2 ? all(first, last) : this.#thin(first, last, from, to, pixels);
    return {
      lane,
      x: Float64Array.from(rows, (row) => this.x.get(row)),
      y: this.y.map((column) => Float32Array.from(rows, (row) => column.get(row))),
      top: [...this.top],
    };
  }

  #thin(first: number, last: number, from: number, to: number, pixels: number): number[] {
    const width = (to - from) / pixels;
    const column = this.y[0]!;
    const rows: number[] = [];
    for (let row = first; row < last; ) {
      const end = from + (Math.floor((this.x.get(row) - from) / width) + 1) * width;
      let most = row;
      let next = row;
      while (next < last && this.x.get(next) < end) {
        if (column.get(next) > column.get(most)) most = next;
        next++;
      }
      if (next === row) next++;
      rows.push(most);
      if (next - 1 > most) rows.push(next - 1);
      row = next;
    }
    return rows;
  }
}

function all(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
}
