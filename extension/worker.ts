/** The worker's side: reads one recording, keeps its trace, answers panels. Everything heavy happens here. */
import { parentPort } from 'node:worker_threads';
import { assertNever } from '../base/assert.ts';
import { analyze } from '../engine/analyze.ts';
import { compareRuns } from '../engine/compare/compare.ts';
import { comparisonMarkdown } from '../engine/compare/markdown.ts';
import { runFacts } from '../engine/compare/runFacts.ts';
import { compareView } from '../engine/compare/view.ts';
import { exportTrace } from '../engine/export/exportTrace.ts';
import { measureLines } from '../engine/lineMeasures.ts';
import { LiveFindings } from '../engine/liveFindings.ts';
import { PanelSession, type RunChange } from '../engine/panelSession.ts';
import { buildReport } from '../engine/report.ts';
import { liveStatus } from '../engine/status.ts';
import { Trace } from '../engine/trace.ts';
import { type Follower, follow } from '../record/follow.ts';
import { readManifest } from '../record/manifest.ts';
import { pack } from '../record/pack.ts';
import { beginManifest, finishManifest, monotonicNow } from '../record/prepare.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';
import { readRecording } from '../record/recordingFile.ts';
import { sourceLines } from '../record/sourceLines.ts';
import { writeParts } from '../record/wholeFile.ts';
import type { Batch } from '../wire/batch.ts';
import type { RunFacts } from '../wire/comparison.ts';
import type { PanelCommand } from '../wire/panel.ts';
import type { Manifest, ProgramExit } from '../wire/recording.ts';
import type { Finding } from '../wire/report.ts';
import type { FromWorker, ToWorker } from '../wire/worker.ts';

/** How often panels, status and live findings are brought up to date: half of the 100 ms an event may take to show. */
const TICK_MS = 50;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread');
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const trace = new Trace({ sourceLine: sourceLines() });
const live = new LiveFindings(trace);
const panels = new Map<number, PanelSession>();
const findings = new Map<string, Finding>();
let manifest: Manifest | undefined;
let follower: Follower | undefined;
let ticking: NodeJS.Timeout | undefined;
/** Asked for before the run was finished. */
const asked: (() => void)[] = [];
const exporting = new Map<number, AbortController>();
let title = '';
let followed = '';
/** Of the streams seen so far: when they said goodbye, monotonic ns, 0 while they have not. */
const goodbyes = new Map<string, number>();
let facts: RunFacts | undefined;
let state: RunChange = { state: 'loading' };
const GOES_ON: ReadonlySet<RunChange['state']> = new Set(['loading', 'running', 'ending']);

port.on('message', (message: ToWorker) => {
  handle(message).catch((failure: unknown) => {
    const advice = failure instanceof RecordingError ? ` ${failure.advice}` : '';
    post({ type: 'failed', message: `${reasonOf(failure)}${advice}`.trim() });
  });
});

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'follow':
      return startFollowing(message.folder, message.title);
    case 'open':
      return open(message.path, message.title, message.runsAgain);
    case 'ended':
      return end(message.exit, message.file);
    case 'compare':
      return compare(message.request, message.before);
    case 'export':
      return exportRun(message);
    case 'cancelExport':
      exporting.get(message.request)?.abort();
      return;
    case 'panelOpened':
      panels.set(message.panel, newSession(message.panel));
      return;
    case 'panelClosed':
      panels.delete(message.panel);
      return;
    case 'panel':
      panels.get(message.panel)?.receive(message.message);
      return;
    case 'reveal':
      panels.get(message.panel)?.reveal(message.finding);
      return;
    default:
      assertNever(message);
  }
}

function newSession(panel: number): PanelSession {
  const session = new PanelSession(
    trace,
    (message, transfer) => post({ type: 'panel', panel, message }, transfer),
    { title },
  );
  if (GOES_ON.has(state.state)) session.change(state);
  else session.finish(state);
  return session;
}

/** What every panel's header says of the run. */
function become(now: RunChange): void {
  state = now;
  for (const session of panels.values()) {
    if (GOES_ON.has(now.state)) session.change(now);
    else session.finish(now);
  }
}

function startFollowing(folder: string, shown: string): void {
  title = shown;
  followed = folder;
  become({ state: 'running', can: ['stop', 'showLog'] });
  manifest = readManifest(folder);
  follower = follow(folder);
  follower.batches(take);
  ticking = setInterval(tick, TICK_MS);
}

/** The first thing that is heard of the program tells when it began; nothing is on the timeline before. */
function take(batch: Batch): void {
  if (manifest !== undefined && goodbyes.size === 0 && 'stream' in batch) {
    manifest = beginManifest(followed, manifest);
    trace.add({ type: 'manifest', manifest });
  }
  if (batch.type === 'header') goodbyes.set(batch.stream, batch.closedAt);
  else if ('stream' in batch && !goodbyes.has(batch.stream)) goodbyes.set(batch.stream, 0);
  trace.add(batch);
}

function tick(): void {
  if (manifest === undefined) return;
  // Who is told a second later by a terminal that the program has ended would see it go on till then.
  const lastWord = saidGoodbye();
  const isOver = state.state === 'ending';
  if (isOver !== lastWord > 0)
    become({ state: isOver ? 'running' : 'ending', message: '', can: ['stop', 'showLog'] });
  const now = goodbyes.size === 0 ? 0 : (lastWord || monotonicNow()) - manifest.startedAt.monotonic;
  const { added, changed } = live.update(now);
  if (added.length + changed.length > 0) {
    for (const finding of [...added, ...changed]) findings.set(finding.id, finding);
    postFindings();
  }
  const { events, lagNs, waitingThreads, asks } = liveStatus(trace);
  post({
    type: 'status',
    status: { elapsedNs: now, events, lagNs: lagNs ?? null, waitingThreads, asks },
  });
  const message = asks ? 'The program waits for input: type it in the terminal.' : '';
  if (state.state === 'running' && message !== (state.message ?? '')) become({ ...state, message });
  for (const session of panels.values()) session.tick(now);
}

/** When the last of all processes said goodbye, monotonic ns; 0 while one has not. */
function saidGoodbye(): number {
  const all = [...goodbyes.values()];
  return all.length > 0 && all.every((at) => at > 0) ? Math.max(...all) : 0;
}

function postFindings(): void {
  const worst = [...findings.values()].sort((one, other) => other.lostNs - one.lostNs);
  post({ type: 'findings', findings: worst });
}

async function end(exit: ProgramExit, file: string): Promise<void> {
  if (follower === undefined || manifest === undefined) return;
  const heardAt = monotonicNow();
  clearInterval(ticking);
  await follower.finish();
  // Terminals take their time to tell that a program has ended; the program has told it when all of it said goodbye.
  const endedAt = Math.min(saidGoodbye() || heardAt, heardAt);
  manifest = finishManifest(followed, manifest, exit, endedAt);
  trace.add({ type: 'manifest', manifest });
  let kept: string | null = file;
  let trouble: string | null = null;
  try {
    await pack(followed, file);
  } catch (failure) {
    kept = null;
    trouble = `${reasonOf(failure)} The recording is still in ${followed}.`;
  }
  finish(kept, trouble, ['runAgain', 'compare', 'save', 'showLog']);
}

async function open(path: string, shown: string, runsAgain: boolean): Promise<void> {
  title = shown;
  for await (const batch of readRecording(path)) {
    if (batch.type === 'manifest') manifest = batch.manifest;
    trace.add(batch);
  }
  finish(path, null, [...(runsAgain ? (['runAgain'] as const) : []), 'compare', 'save', 'showLog']);
}

function finish(file: string | null, message: string | null, can: readonly PanelCommand[]): void {
  if (manifest === undefined) throw new RecordingError('The recording has no manifest.');
  findings.clear();
  for (const finding of analyze(trace, { ended: true })) findings.set(finding.id, finding);
  postFindings();
  const report = buildReport(trace, manifest);
  facts = runFacts(trace, manifest, report, title);
  post({ type: 'finished', report, facts, measures: measureLines(report), file, message });
  for (const waiting of asked.splice(0)) waiting();
  const { exit } = manifest;
  become({
    state: exit?.reason === 'stopped' ? 'stopped' : 'finished',
    message: endSentence(manifest, message),
    endedBadly: exit?.reason === 'signal' || (exit?.reason === 'exited' && (exit.code ?? 0) !== 0),
    can,
  });
}

function compare(request: number, before: RunFacts): void {
  // A worker that took the place of another one may be asked before it has read everything again.
  if (facts === undefined) {
    asked.push(() => compare(request, before));
    return;
  }
  const comparison = compareRuns(before, facts);
  const { summary } = comparison;
  const compared = {
    summary,
    view: compareView(comparison),
    markdown: comparisonMarkdown(comparison),
  };
  post({ type: 'compared', request, compared });
}

async function exportRun(message: ToWorker & { readonly type: 'export' }): Promise<void> {
  const { request, format, path } = message;
  if (facts === undefined) {
    asked.push(() => void exportRun(message));
    return;
  }
  const stopping = new AbortController();
  exporting.set(request, stopping);
  let trouble: string | null = null;
  try {
    await writeParts(path, exportTrace(trace, format, title), stopping.signal);
  } catch (failure) {
    trouble = stopping.signal.aborted ? 'Cancelled.' : reasonOf(failure);
  }
  exporting.delete(request);
  post({ type: 'exported', request, trouble });
}

/** How the program ended, in a sentence. */
function endSentence({ exit }: Manifest, trouble: string | null): string {
  const parts = [exit === undefined ? 'The recording was not finished.' : ENDS[exit.reason](exit)];
  if (trouble !== null) parts.push(trouble);
  return parts.join(' ');
}

const ENDS: Record<ProgramExit['reason'], (exit: ProgramExit) => string> = {
  exited: ({ code }) =>
    code === null
      ? 'The program has ended; nobody was there to see how.'
      : `The program ended with exit status ${code}.`,
  timeout: () => 'The program was ended when its time was up.',
  deadlock: () => 'The program was ended because it was deadlocked.',
  signal: ({ signal }) =>
    signal === null ? 'The program was ended from outside.' : `The program was ended by ${signal}.`,
  stopped: () => 'The program was stopped.',
};
