/** How many tasks there were, how they ended and how many lived at once. */
import type { Actor } from '../ingest/actor.ts';

export class TaskFacts {
  created = 0;
  done = 0;
  failed = 0;
  cancelled = 0;
  live = 0;
  maxLive = 0;
  /** Awaits of a task one after another, for the no-overlap rule: by task. */
  readonly awaits = new Map<Actor, AwaitRun>();

  create(): void {
    this.created++;
    this.live++;
    this.maxLive = Math.max(this.maxLive, this.live);
  }

  end(): void {
    this.live = Math.max(0, this.live - 1);
  }
}

/** Awaits of one task at one line. */
export interface AwaitRun {
  count: number;
  ns: number;
  stack: number;
}
