/** A histogram of durations with eight buckets to a doubling: percentiles within 9 %, 4 KiB however many values come. */
import { type Distribution, PER_DOUBLING } from '../wire/comparison.ts';
import type { Percentiles } from '../wire/report.ts';

const BUCKETS = 64 * PER_DOUBLING;

export class Histogram {
  #buckets: Uint32Array | undefined;
  count = 0;
  total = 0;
  max = 0;

  /** @param value ns; below one counts as one. */
  add(value: number): void {
    this.#buckets ??= new Uint32Array(BUCKETS);
    this.count++;
    this.total += value;
    if (value > this.max) this.max = value;
    const bucket = value <= 1 ? 0 : Math.floor(Math.log2(value) * PER_DOUBLING);
    this.#buckets[Math.min(bucket, BUCKETS - 1)]!++;
  }

  /** All values of another one. */
  addAll(other: Histogram): void {
    if (other.#buckets === undefined) return;
    this.#buckets ??= new Uint32Array(BUCKETS);
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      this.#buckets[bucket]! += other.#buckets[bucket]!;
    this.count += other.count;
    this.total += other.total;
    this.max = Math.max(this.max, other.max);
  }

  /** The value below which `share` of the values lie; 0 without values. */
  percentile(share: number): number {
    if (this.#buckets === undefined || this.count === 0) return 0;
    const wanted = share * this.count;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#buckets[bucket]!;
      if (seen >= wanted) return Math.min(2 ** ((bucket + 0.5) / PER_DOUBLING), this.max);
    }
    return this.max;
  }

  /** Its buckets, without the empty ones at both ends. */
  distribution(): Distribution {
    const buckets = this.#buckets;
    if (buckets === undefined) return { first: 0, counts: [] };
    const first = buckets.findIndex((count) => count > 0);
    const last = buckets.findLastIndex((count) => count > 0);
    return { first, counts: [...buckets.subarray(first, last + 1)] };
  }

  percentiles(): Percentiles {
    return {
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: this.max,
    };
  }
}
