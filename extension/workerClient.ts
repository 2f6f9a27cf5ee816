/** One worker thread with one recording, seen from the extension's side. */
import { Worker } from 'node:worker_threads';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { FromWorker, ToWorker } from '../wire/worker.ts';

export class WorkerClient implements Disposable {
  readonly #worker: Worker;
  readonly #messages = new Emitter<FromWorker>();
  readonly #deaths = new Emitter<string>();
  #ended = false;

  readonly messages = this.#messages.event;
  /** It ended by itself, with the reason; no message comes after it. */
  readonly deaths = this.#deaths.event;

  constructor(script: string) {
    // The editor's own loader flags must not reach the worker: it needs nothing of them.
    this.#worker = new Worker(script, { execArgv: [], name: 'interleave' });
    this.#worker.on('message', (message: FromWorker) => this.#messages.fire(message));
    this.#worker.on('error', (failure) => this.#die(failure.message));
    this.#worker.on('exit', () => this.#die('it ended'));
  }

  post(message: ToWorker): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  /** Ends the thread from outside, as a lack of memory would. */
  kill(): void {
    void this.#worker.terminate();
  }

  dispose(): void {
    this.#ended = true;
    this.#messages.dispose();
    this.#deaths.dispose();
    void this.#worker.terminate();
  }

  #die(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deaths.fire(reason);
  }
}
