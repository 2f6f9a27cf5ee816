/** One run: a program that is being recorded, or a recording. Owns its worker; says what changes. */
import type { Disposable } from '../base/disposable.ts';
import { Disposables } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { RunFacts } from '../wire/comparison.ts';
import type { Finding, Report } from '../wire/report.ts';
import type { FromWorker, LineMeasure, RunStatus, ToWorker } from '../wire/worker.ts';
import type { Program } from './program.ts';
import { WorkerClient } from './workerClient.ts';

export type RunState = 'running' | 'reading' | 'finished' | 'failed';

export interface RunOrigin {
  readonly id: string;
  readonly title: string;
  /** Wall clock, ms since 1970. */
  readonly startedAt: number;
  /** Absent when only the recording is known. */
  readonly program?: Program;
  /** The finished recording, or where it will be. */
  readonly file: string;
}

export class Run implements Disposable {
  readonly origin: RunOrigin;
  readonly #worker: WorkerClient;
  readonly #owned = new Disposables();
  readonly #changes = new Emitter<void>();
  readonly #messages = new Emitter<FromWorker>();
  #state: RunState;
  #findings: readonly Finding[] = [];
  #measures: readonly LineMeasure[] = [];
  #status: RunStatus | undefined;
  #report: Report | undefined;
  #facts: RunFacts | undefined;
  #trouble = '';
  #panels = 0;
  #stop: (() => void) | undefined;

  /** Fires when state, findings or status changed. */
  readonly changes = this.#changes.event;
  readonly messages = this.#messages.event;

  constructor(origin: RunOrigin, workerScript: string, state: 'running' | 'reading') {
    this.origin = origin;
    this.#state = state;
    this.#worker = this.#owned.add(new WorkerClient(workerScript));
    this.#owned.add(this.#worker.messages((message) => this.#take(message)));
    this.#owned.add(this.#changes);
    this.#owned.add(this.#messages);
  }

  get state(): RunState {
    return this.#state;
  }
  get findings(): readonly Finding[] {
    return this.#findings;
  }
  get measures(): readonly LineMeasure[] {
    return this.#measures;
  }
  get status(): RunStatus | undefined {
    return this.#status;
  }
  get report(): Report | undefined {
    return this.#report;
  }
  /** What a comparison needs; there once the run is finished. */
  get facts(): RunFacts | undefined {
    return this.#facts;
  }
  /** What went wrong, as sentences; empty when nothing did. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Says how the run can be stopped; undefined once it cannot. */
  set stopper(stop: (() => void) | undefined) {
    this.#stop = stop;
  }
  stop(): void {
    this.#stop?.();
  }

  post(message: ToWorker): void {
    this.#worker.post(message);
  }

  /** Number by which a panel talks with this run's worker. */
  openPanel(): number {
    this.#panels += 1;
    this.post({ type: 'panelOpened', panel: this.#panels });
    return this.#panels;
  }

  /** The program could not even be started, or its recording not be read. */
  fail(message: string): void {
    this.#state = 'failed';
    this.#trouble = message;
    this.#changes.fire();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #take(message: FromWorker): void {
    if (message.type === 'status') {
      if (this.#state !== 'running') return;
      this.#status = message.status;
    } else if (message.type === 'findings') {
      this.#findings = message.findings;
    } else if (message.type === 'finished') {
      this.#state = 'finished';
      this.#report = message.report;
      this.#facts = message.facts;
      this.#measures = message.measures;
      this.#trouble = message.message ?? '';
    } else if (message.type === 'failed') {
      this.#state = 'failed';
      this.#trouble = message.message;
    }
    this.#messages.fire(message);
    if (message.type !== 'panel') this.#changes.fire();
  }
}
