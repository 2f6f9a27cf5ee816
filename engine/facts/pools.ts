/** What is known of one pool: its items from submit to end, its workers' busy time and its queue. */
import { Histogram } from '../histogram.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';

const MAX_OPEN_ITEMS = 1_000_000;
const MAX_SAMPLES = 2048;
/** An item so short should not stand in a queue so long. */
const SHORT_ITEM_NS = 5e6;
const LONG_DELAY_NS = 100e6;

interface OpenItem {
  submitNs: number;
  startNs: number;
  worker: Actor | undefined;
  submitter: Actor | undefined;
  /** Ended before its submit was read: streams of two processes come as they come. */
  endNs: number;
}

export interface WorkerFacts {
  readonly actor: Actor;
  busyNs: number;
  items: number;
  /** Items begun and not ended: number and since when. */
  readonly running: Map<number, number>;
}

export class PoolFacts {
  readonly object: TracedObject;
  submitted = 0;
  started = 0;
  finished = 0;
  failed = 0;
  queued = 0;
  maxQueued = 0;
  readonly queueWait = new Histogram();
  readonly run = new Histogram();
  /** Short items that stood in the queue for long. */
  readonly delayed = new Histogram();
  readonly workers = new Map<Actor, WorkerFacts>();
  firstNs = Number.POSITIVE_INFINITY;
  lastNs = 0;
  firstStartNs = Number.POSITIVE_INFINITY;
  /** Of the latest item that came back. */
  lastEndNs = -1;
  /** Sum over all items. */
  submitNs = 0;
  /** By stack of submit. */
  readonly submitStacks = new Map<number, number>();
  readonly functions = new Map<number, number>();
  samples: { readonly at: number; readonly queued: number; readonly busy: number }[] = [];
  #sampleEvery = 1;
  #sampleCount = 0;
  maxWorkers = 0;
  readonly #open = new Map<number, OpenItem>();

  constructor(object: TracedObject) {
    this.object = object;
  }

  submit(actor: Actor | undefined, at: number, stack: number, item: number): void {
    this.submitted++;
    this.submitNs += at;
    this.#seen(at);
    if (this.submitStacks.size < 1024)
      this.submitStacks.set(stack, (this.submitStacks.get(stack) ?? 0) + 1);
    const open = this.#item(item);
    if (open === undefined) return;
    open.submitNs = at;
    open.submitter = actor;
    if (open.startNs >= 0) this.queueWait.add(Math.max(0, open.startNs - at));
    if (open.endNs >= 0) this.#open.delete(item);
    else this.#queue(open.startNs < 0 ? 1 : 0);
  }

  start(actor: Actor, at: number, target: number, item: number): Actor | undefined {
    this.started++;
    this.firstStartNs = Math.min(this.firstStartNs, at);
    this.#seen(at);
    if (this.functions.size < 256)
      this.functions.set(target, (this.functions.get(target) ?? 0) + 1);
    const worker = this.#worker(actor);
    worker.running.set(item, at);
    const open = this.#item(item);
    if (open === undefined) return undefined;
    open.startNs = at;
    open.worker = actor;
    if (open.submitNs >= 0) {
      this.queueWait.add(Math.max(0, at - open.submitNs));
      this.#queue(-1);
    }
    return open.submitter;
  }

  end(actor: Actor, at: number, failed: boolean, item: number): void {
    this.finished++;
    if (failed) this.failed++;
    this.lastEndNs = Math.max(this.lastEndNs, at);
    this.#seen(at);
    const worker = this.#worker(actor);
    const since = worker.running.get(item);
    worker.items++;
    if (since !== undefined) {
      worker.running.delete(item);
      worker.busyNs += at - since;
      this.run.add(at - since);
    }
    const open = this.#open.get(item);
    if (open === undefined) return;
    const waitedNs = open.submitNs >= 0 ? open.startNs - open.submitNs : 0;
    if (at - open.startNs < SHORT_ITEM_NS && waitedNs >= LONG_DELAY_NS) this.delayed.add(waitedNs);
    if (open.submitNs >= 0) this.#open.delete(item);
    else open.endNs = at;
  }

  sample(at: number, queued: number, busy: number, workers: number): void {
    this.maxQueued = Math.max(this.maxQueued, queued);
    this.maxWorkers = Math.max(this.maxWorkers, workers);
    if (this.#sampleCount++ % this.#sampleEvery !== 0) return;
    this.samples.push({ at, queued, busy });
    if (this.samples.length < MAX_SAMPLES) return;
    this.samples = this.samples.filter((_, index) => index % 2 === 0);
    this.#sampleEvery *= 2;
  }

  /** More was handed to it than is counted here; of process pools each item is told. */
  get partly(): boolean {
    const { type, stream } = this.object;
    if (type !== 'ThreadPoolExecutor' && this.object.library !== 'libuv') return false;
    return stream.process?.partly?.includes('items') === true;
  }

  /** ns since trace start; -1 when it was not seen. */
  submittedAt(item: number): number {
    return this.#open.get(item)?.submitNs ?? -1;
  }

  /** Who runs the item, when it was seen to start and not to end. */
  runnerOf(item: number): Actor | undefined {
    return this.#open.get(item)?.worker;
  }

  /** Submits of items that no worker was seen to take since the last one came back. */
  get untaken(): readonly number[] {
    return [...this.#open.values()]
      .filter(({ submitNs, startNs }) => startNs < 0 && submitNs > this.lastEndNs)
      .map(({ submitNs }) => submitNs);
  }

  /** At once: of those that took others' places no more count than there is room for. */
  get workerCount(): number {
    const room = this.object.capacity ?? 0;
    const seen = room > 0 ? Math.min(room, this.workers.size) : this.workers.size;
    return Math.max(seen, this.maxWorkers);
  }

  #queue(change: number): void {
    this.queued = Math.max(0, this.queued + change);
    this.maxQueued = Math.max(this.maxQueued, this.queued);
  }

  #seen(at: number): void {
    this.firstNs = Math.min(this.firstNs, at);
    this.lastNs = Math.max(this.lastNs, at);
  }

  #item(item: number): OpenItem | undefined {
    let open = this.#open.get(item);
    if (open === undefined && this.#open.size < MAX_OPEN_ITEMS) {
      open = { submitNs: -1, startNs: -1, worker: undefined, submitter: undefined, endNs: -1 };
      this.#open.set(item, open);
    }
    return open;
  }

  #worker(actor: Actor): WorkerFacts {
    let worker = this.workers.get(actor);
    if (worker === undefined) {
      worker = { actor, busyNs: 0, items: 0, running: new Map() };
      this.workers.set(actor, worker);
    }
    return worker;
  }
}
