/** One worker thread with one recording, seen from the extension's side. */
import { Worker } from 'node:worker_threads';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { FromWorker, ToWorker } from '../wire/worker.ts';

export class WorkerClient implements Disposable {
  readonly #worker: Worker;
  readonly #messages = new Emitter<FromWorker>();
  #ended = false;

  readonly messages = this.#messages.event;

  constructor(script: string) {
    // The editor's own loader flags must not reach the worker: it needs nothing of them.
    this.#worker = new Worker(script, { execArgv: [], name: 'interleave' });
    this.#worker.on('message', (message: FromWorker) => this.#messages.fire(message));
    this.#worker.on('error', (failure) => this.#fail(failure.message));
    this.#worker.on('exit', () => this.#fail('it ended'));
  }

  post(message: ToWorker): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  dispose(): void {
    this.#ended = true;
    this.#messages.dispose();
    void this.#worker.terminate();
  }

  #fail(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#messages.fire({
      type: 'failed',
      message: `The analysis of this run stopped (${reason}). Its recording is kept: open it again, or see the log.`,
    });
  }
}
