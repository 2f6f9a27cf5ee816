/** One run: a program that is being recorded, or a recording. Owns its worker; says what changes. */
import type { Disposable } from '../base/disposable.ts';
import { Disposables, toDisposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { RunFacts } from '../wire/comparison.ts';
import type { ExportName } from '../wire/exportFormats.ts';
import { PANEL_VERSION } from '../wire/panel.ts';
import type { Finding, Report } from '../wire/report.ts';
import type { Compared, FromWorker, LineMeasure, RunStatus, ToWorker } from '../wire/worker.ts';
import type { Program } from './program.ts';
import { WorkerClient } from './workerClient.ts';

/** A worker that dies of what it reads would do so for ever. */
const MOST_RESTARTS = 2;

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

/** Asked of the worker and not answered yet; asked again of the one that takes its place. */
interface Asked<Answer> {
  readonly message: ToWorker;
  readonly resolve: (answer: Answer) => void;
}

export class Run implements Disposable {
  readonly origin: RunOrigin;
  readonly #workerScript: string;
  #worker: WorkerClient;
  /** What a new worker must be told to be where the old one was. */
  #began: ToWorker | undefined;
  #ended: ToWorker | undefined;
  #restarts = 0;
  readonly #owned = new Disposables();
  readonly #changes = new Emitter<void>();
  readonly #messages = new Emitter<FromWorker>();
  readonly #rereads = new Emitter<void>();
  #state: RunState;
  #findings: readonly Finding[] = [];
  #measures: readonly LineMeasure[] = [];
  #status: RunStatus | undefined;
  #report: Report | undefined;
  #facts: RunFacts | undefined;
  #trouble = '';
  #requests = 0;
  readonly #comparing = new Map<number, Asked<Compared>>();
  readonly #exporting = new Map<number, Asked<string | null>>();
  #panels = 0;
  #holds = 0;
  readonly #open = new Set<number>();
  #stop: (() => void) | undefined;
  /** It was asked to stop and has not ended: what it is busy with comes first. */
  isStopping = false;

  /** Fires when state, findings or status changed. */
  readonly changes = this.#changes.event;
  readonly messages = this.#messages.event;
  /** The recording is read from the beginning: what views have of it is of another run. */
  readonly rereads = this.#rereads.event;

  constructor(origin: RunOrigin, workerScript: string, state: 'running' | 'reading') {
    this.origin = origin;
    this.#state = state;
    this.#workerScript = workerScript;
    this.#worker = this.#newWorker();
    this.#owned.add({ dispose: () => this.#worker.dispose() });
    this.#owned.add(this.#changes);
    this.#owned.add(this.#messages);
    this.#owned.add(this.#rereads);
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
  /** Wall clock, ms since 1970. A recording says itself when it was made; the file may be a later copy. */
  get startedAt(): number {
    return this.#facts?.startedAt || this.origin.startedAt;
  }
  /** What a comparison needs; there once the run is finished. */
  get facts(): RunFacts | undefined {
    return this.#facts;
  }
  /** What went wrong, as sentences; empty when nothing did. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Some view has it on the screen, or behind another tab. */
  get isShown(): boolean {
    return this.#open.size + this.#holds > 0;
  }
  /** For as long as somebody shows the run without talking to its worker. */
  hold(): Disposable {
    this.#holds += 1;
    return toDisposable(() => {
      this.#holds -= 1;
    });
  }

  /** Says how the run can be stopped; undefined once it cannot. */
  set stopper(stop: (() => void) | undefined) {
    this.#stop = stop;
    this.isStopping = false;
  }
  stop(): void {
    if (this.#stop === undefined) return;
    this.isStopping = true;
    this.#stop();
    this.#changes.fire();
  }

  post(message: ToWorker): void {
    if (message.type === 'follow' || message.type === 'open') this.#began = message;
    else if (message.type === 'ended') this.#ended = message;
    else if (message.type === 'panelClosed') this.#open.delete(message.panel);
    this.#worker.post(message);
  }

  /** Number by which a panel talks with this run's worker. */
  openPanel(): number {
    this.#panels += 1;
    this.#open.add(this.#panels);
    this.post({ type: 'panelOpened', panel: this.#panels });
    return this.#panels;
  }

  /** What changed between another run and this one, worked out by this one's worker. Both must be finished. */
  compareWith(before: RunFacts): Promise<Compared> {
    const request = ++this.#requests;
    const message: ToWorker = { type: 'compare', request, before };
    return new Promise((resolve) => {
      this.#comparing.set(request, { message, resolve });
      this.post(message);
    });
  }

  /**
   * Writes the finished run into a file of another tool.
   * @param onCancel is given what stops it; nothing is left of the file then.
   * @returns why nothing was written, a sentence; null when all was.
   */
  exportTo(
    path: string,
    format: ExportName,
    onCancel: (cancel: () => void) => void,
  ): Promise<string | null> {
    const request = ++this.#requests;
    const message: ToWorker = { type: 'export', request, format, path };
    onCancel(() => this.post({ type: 'cancelExport', request }));
    return new Promise((resolve) => {
      this.#exporting.set(request, { message, resolve });
      this.post(message);
    });
  }

  /** Ends the worker from outside. The recording is on disk: a new one reads it and goes on. */
  killWorker(): void {
    this.#worker.kill();
  }

  /** The program could not even be started, or its recording not be read. */
  fail(message: string): void {
    this.#state = 'failed';
    this.#trouble = message;
    this.#changes.fire();
  }

  /** Ends with the run. */
  own(part: Disposable): void {
    this.#owned.add(part);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #newWorker(): WorkerClient {
    const worker = new WorkerClient(this.#workerScript);
    worker.messages((message) => this.#take(message));
    worker.deaths((reason) => this.#restart(reason));
    return worker;
  }

  /** The file was written anew since it was opened: everything comes from it once more, and views load themselves again. */
  readAgain(): void {
    if (this.#began?.type !== 'open' || this.#state === 'reading') return;
    this.#worker.dispose();
    this.#worker = this.#newWorker();
    this.#restarts = 0;
    this.#state = 'reading';
    this.#findings = [];
    this.#measures = [];
    this.#report = undefined;
    this.#facts = undefined;
    this.#trouble = '';
    this.post(this.#began);
    this.#askAgain();
    for (const panel of this.#open) this.post({ type: 'panelOpened', panel });
    this.#rereads.fire();
    this.#changes.fire();
  }

  #restart(reason: string): void {
    this.#restarts += 1;
    const file = this.origin.file;
    if (this.#restarts > MOST_RESTARTS || this.#began === undefined) {
      const kept = this.#began?.type === 'follow' ? this.#began.folder : file;
      const message = `The analysis of this run stopped (${reason}). Its recording is kept in ${kept}: open it again, or see the log.`;
      this.#take({ type: 'failed', message });
      return;
    }
    this.#worker = this.#newWorker();
    const { title } = this.origin;
    const runsAgain = this.origin.program !== undefined;
    if (this.#state === 'finished') this.post({ type: 'open', path: file, title, runsAgain });
    else {
      this.post(this.#began);
      if (this.#ended !== undefined) this.post(this.#ended);
    }
    this.#askAgain();
    for (const panel of this.#open) {
      this.post({ type: 'panelOpened', panel });
      this.post({ type: 'panel', panel, message: { type: 'ready', version: PANEL_VERSION } });
    }
  }

  /** What the worker before has not answered. */
  #askAgain(): void {
    for (const asked of [this.#comparing, this.#exporting])
      for (const { message } of asked.values()) this.post(message);
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
      for (const { resolve } of this.#exporting.values()) resolve(message.message);
      this.#exporting.clear();
    }
    if (message.type === 'compared') {
      this.#comparing.get(message.request)?.resolve(message.compared);
      this.#comparing.delete(message.request);
      return;
    }
    if (message.type === 'exported') {
      this.#exporting.get(message.request)?.resolve(message.trouble);
      this.#exporting.delete(message.request);
      return;
    }
    this.#messages.fire(message);
    if (message.type !== 'panel') this.#changes.fire();
  }
}
