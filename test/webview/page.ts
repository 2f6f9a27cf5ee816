/** The editor's side of the panel inside the same page: the host's functions, and a PanelSession fed by drawn or real recordings. */
import { PanelSession, type RunChange } from '../../engine/panelSession.ts';
import { Trace } from '../../engine/trace.ts';
import type { Batch } from '../../wire/batch.ts';
import type { FromPanel, RunInfo, ToPanel } from '../../wire/panel.ts';
import { END } from './drawing.ts';
import { ordersService } from './ordersService.ts';

/** A recording as the harness's server tells it: bytes in base64, sources beside. */
export interface ServedRecording {
  readonly title: string;
  readonly batches: readonly (
    | Batch
    | { readonly type: 'bytes'; readonly stream: string; readonly base64: string }
  )[];
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

export interface Harness {
  /** Everything the panel said. */
  readonly posted: FromPanel[];
  /** Everything the panel was told, by type. */
  readonly told: Record<string, number>;
  /** How long each question takes until the session has it, ms. */
  slow: number;
  /** Plays the drawn service up to a time, ns; live until `finish`. */
  play(to: number): Promise<void>;
  finish(run: RunChange): void;
  /** @param mostSlices above it only tiles are sent. */
  open(name: string, mostSlices?: number): Promise<void>;
  say(message: ToPanel): void;
  run(run: Partial<RunInfo> & Pick<RunInfo, 'state'>): void;
  connect(): void;
}

declare global {
  interface Window {
    harness: Harness;
    acquireVsCodeApi: () => {
      postMessage(message: unknown): void;
      getState(): unknown;
      setState(state: unknown): void;
    };
  }
}

const STATE_KEY = 'panel-state';
const posted: FromPanel[] = [];
const told: Record<string, number> = {};
let session: PanelSession | undefined;
let pending: FromPanel[] = [];

window.acquireVsCodeApi = () => ({
  postMessage(message) {
    const copy = structuredClone(message) as FromPanel;
    posted.push(copy);
    if (session) setTimeout(() => session?.receive(copy), window.harness.slow);
    else pending.push(copy);
  },
  getState: () => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? 'null'),
  setState: (state) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
});

/** As between two processes: copied or transferred, and later. */
function say(message: ToPanel, transfer: ArrayBuffer[] = []): void {
  const data = structuredClone(message, { transfer });
  told[message.type] = (told[message.type] ?? 0) + 1;
  setTimeout(() => window.dispatchEvent(new MessageEvent('message', { data })), 0);
}

const sources = new Map<string, readonly string[]>();
let trace = new Trace({ sourceLine: (file, line) => sources.get(file)?.[line - 1] });
let script: readonly { readonly at: number; readonly batch: Batch }[] = [];
let played = 0;

function start(title: string, run: RunChange, mostSlices?: number): PanelSession {
  session = new PanelSession(trace, say, {
    title,
    ...(mostSlices === undefined ? {} : { mostSlices }),
  });
  session.change(run);
  return session;
}

function deliver(): void {
  const waiting = pending;
  pending = [];
  for (const message of waiting) session?.receive(message);
}

window.harness = {
  posted,
  told,
  slow: 0,
  async play(to) {
    if (script.length === 0) {
      script = ordersService();
      start('orders_service.py', { state: 'running', can: ['stop', 'compare'] });
      deliver();
    }
    while (played < script.length && script[played]!.at <= to) {
      trace.add(script[played]!.batch);
      played++;
    }
    session?.tick(Math.min(to, END));
    await new Promise((done) => setTimeout(done, 20));
  },
  finish(run) {
    session?.finish(run);
  },
  async open(name, mostSlices) {
    const answer = await fetch(`/recording/${name}`);
    const served = (await answer.json()) as ServedRecording;
    for (const [file, lines] of Object.entries(served.sources)) sources.set(file, lines);
    trace = new Trace({ sourceLine: (file, line) => sources.get(file)?.[line - 1] });
    for (const batch of served.batches) {
      if (batch.type !== 'bytes') trace.add(batch);
      else
        trace.add({
          type: 'records',
          stream: batch.stream,
          bytes: Uint8Array.from(atob(batch.base64), (letter) => letter.charCodeAt(0)),
        });
    }
    start(served.title, { state: 'loading' }, mostSlices).finish({
      state: 'finished',
      message: 'The program ended.',
      can: ['runAgain', 'save', 'compare'],
    });
    deliver();
  },
  say,
  run(run) {
    say({
      type: 'run',
      run: {
        title: 'orders_service.py',
        command: [],
        pid: 0,
        processes: 0,
        elapsedNs: 0,
        startedAt: 0,
        records: 0,
        dropped: 0,
        overheadNs: 0,
        overheadShare: 0,
        endedBadly: false,
        message: '',
        can: [],
        cores: 4,
        runtimes: [],
        blind: [],
        ...run,
      },
    });
  },
  connect: deliver,
};
