/** Follows a folder of growing streams and hands on what is new, within some tens of milliseconds and bounded memory. */
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Disposable } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/event.ts';
import type { Batch } from '../wire/batch.ts';
import { StreamReader } from './streamReader.ts';

/** How soon we look again: at once when there is more, soon while something happens, a little later when nothing does. */
const SOON_MS = 8;
const LATER_MS = 25;
/** Steps per stream between two turns of the event loop: 8 MiB of records. */
const STEPS_PER_TURN = 8;
/** A stream's file: process id, start in hexadecimal. Anything else in the folder is not ours. */
export const STREAM_FILE = /^(\d{1,10}-[0-9a-f]{1,16})\.(?:ring|defs)$/;

export interface Follower extends Disposable {
  readonly batches: Event<Batch>;
  /** Names of all streams seen so far. */
  readonly streams: ReadonlySet<string>;
  /** Reads what is left, as of a recording nobody writes any more; resolves when all of it was handed on. */
  finish(): Promise<void>;
}

/** When the process of a stream started, monotonic ns: its name says it. NaN for what is no stream. */
export function streamStart(stream: string): number {
  return Number.parseInt(stream.split('-')[1] ?? '', 16);
}

/** Streams of a folder, by name. */
export function streamsIn(folder: string): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(folder)) {
    const match = STREAM_FILE.exec(file);
    if (match?.[1] !== undefined) names.add(match[1]);
  }
  return [...names].sort();
}

/** Starts following at the next turn of the event loop, so that whoever calls can subscribe first. */
export function follow(folder: string): Follower {
  const emitter = new Emitter<Batch>();
  const readers = new Map<string, StreamReader>();
  const seen = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const turn = (final: boolean): boolean => {
    for (const stream of existing(folder)) {
      if (seen.has(stream)) continue;
      seen.add(stream);
      readers.set(stream, new StreamReader(folder, stream));
    }
    let more = false;
    for (const reader of readers.values()) {
      for (let step = 0; step < STEPS_PER_TURN && !stopped; step++) {
        if (!stepOnce(reader, final, emitter)) break;
        more = true;
      }
      if (reader.ended) readers.delete(reader.stream);
    }
    return more;
  };
  const schedule = (delay: number): void => {
    timer = setTimeout(() => {
      const began = performance.now();
      const more = turn(false);
      // Many streams make a look expensive: never spend more than a third of the time on looking.
      const spent = performance.now() - began;
      if (!stopped) schedule(more ? SOON_MS : Math.max(LATER_MS, spent * 2));
    }, delay);
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    for (const reader of readers.values()) reader.dispose();
    readers.clear();
  };
  schedule(0);

  return {
    batches: emitter.event,
    streams: seen,
    async finish() {
      if (stopped) return;
      clearTimeout(timer);
      while (turn(true)) await setImmediate();
      stop();
    },
    dispose() {
      stop();
      emitter.dispose();
    },
  };
}

/** False when nothing came. A stream that cannot or must not be read is given up, and that is said. */
function stepOnce(reader: StreamReader, final: boolean, emitter: Emitter<Batch>): boolean {
  let progress = false;
  const steps = reader.step(performance.now(), final);
  for (;;) {
    let next: IteratorResult<Batch>;
    try {
      next = steps.next();
    } catch {
      reader.giveUp();
      emitter.fire({ type: 'loss', stream: reader.stream, count: 1, reason: 'corrupt' });
      emitter.fire({ type: 'end', stream: reader.stream, closed: false });
      return false;
    }
    if (next.done === true) return progress;
    if (next.value.type !== 'header') progress = true;
    emitter.fire(next.value);
  }
}

function existing(folder: string): readonly string[] {
  try {
    return streamsIn(folder);
  } catch {
    // The folder went away under us: there is nothing more to come.
    return [];
  }
}
