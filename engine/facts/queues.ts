/** What is known of one queue: depth over time, puts and gets. */
import type { TracedObject } from '../ingest/object.ts';

const MAX_SAMPLES = 1024;

export interface DepthSample {
  readonly at: number;
  readonly depth: number;
  /** Somebody had taken an item and was not done with it, or never says when it is. */
  readonly taken: boolean;
}

export class QueueFacts {
  readonly object: TracedObject;
  lastDepth = 0;
  maxDepth = 0;
  unfinished = 0;
  puts = 0;
  gets = 0;
  /** False where nobody counts puts and gets: then they are not 0 but unknown. */
  counted = false;
  /** Thinned evenly once there are too many. */
  samples: DepthSample[] = [];
  #every = 1;
  #count = 0;
  readonly #said = new Map<number, { puts: number; gets: number }>();

  constructor(object: TracedObject) {
    this.object = object;
  }

  depth(at: number, depth: number, unfinished: number): void {
    this.lastDepth = depth;
    this.unfinished = unfinished;
    this.maxDepth = Math.max(this.maxDepth, depth);
    if (this.#count++ % this.#every !== 0) return;
    this.samples.push({ at, depth, taken: unfinished > depth });
    if (this.samples.length < MAX_SAMPLES) return;
    this.samples = this.samples.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  counts(stream: number, puts: number, gets: number): void {
    this.counted = true;
    const last = this.#said.get(stream) ?? { puts: 0, gets: 0 };
    // Numbers go round at 32 bits; and what was got may be said a little too high and taken back.
    this.puts = Math.max(0, this.puts + ((puts - last.puts) | 0));
    this.gets = Math.max(0, this.gets + ((gets - last.gets) | 0));
    this.#said.set(stream, { puts, gets });
  }
}
