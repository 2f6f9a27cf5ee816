/** Rows of the report about who acts: processes, threads, tasks, and the GIL they share. */

import { START } from '../../wire/recording.ts';
import type { GilSummary, ProcessRow, TaskSummary, ThreadRow } from '../../wire/report.ts';
import { mostAtOnce, toldPartly } from '../facts/tasks.ts';
import { location } from '../frames.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor } from '../names.ts';
import { waitName } from '../rules/edges.ts';
import { isNodeRun } from '../runtime.ts';
import type { Trace } from '../trace.ts';

const MAX_THREADS = 5000;

export function processRows(trace: Trace): ProcessRow[] {
  // A process that executes another program goes on as that one, under the same id.
  const replaced = new Set<Stream>();
  const images = new Map<number, Stream>();
  for (const stream of trace.streams.toSorted((one, other) => one.startNs - other.startNs)) {
    const before = images.get(stream.pid);
    if (before !== undefined && stream.process?.how === 'exec') replaced.add(before);
    images.set(stream.pid, stream);
  }
  return trace.streams.map((stream) => {
    const child = trace.facts.children.get(stream.pid);
    const { process } = stream;
    const parent = child?.parentPid ?? null;
    return {
      pid: stream.pid,
      // Whoever started the first image is nobody of the program.
      parent:
        parent ?? (process?.parent === undefined || process.how === 'exec' ? null : process.ppid),
      how: process?.how ?? howOf(child?.how) ?? 'main',
      runtime: process?.runtime ?? 'python',
      version: process?.version ?? '',
      startNs: stream.startNs,
      endNs: stream.closedNs ?? stream.endSeen?.atNs ?? null,
      end: replaced.has(stream) ? 'exec' : endOf(stream),
      name: process?.name ?? (process?.service === true ? helperName(process.argv) : null),
      code: stream.endSeen?.code ?? null,
      cpuNs: stream.cpuNs,
    };
  });
}

function howOf(how: number | undefined): string | undefined {
  return Object.entries(START).find(([, value]) => value === how)?.[0];
}

function helperName(argv: readonly string[]): string {
  const line = argv.join(' ');
  if (line.includes('resource_tracker')) return 'resource tracker';
  return line.includes('forkserver') ? 'fork server' : 'helper of multiprocessing';
}

function endOf(stream: Stream): ProcessRow['end'] {
  if (stream.closedNs !== undefined) return 'closed';
  // A forked process leaves without a word of its own; its parent has seen it end well or badly, but by itself.
  if (stream.endSeen !== undefined && stream.endSeen.code >= 0) return 'closed';
  // multiprocessing's helpers end when the last process of the program has, when nobody is left to see it.
  if (stream.process?.service === true) return 'running';
  return stream.ended || stream.endSeen !== undefined ? 'killed' : 'running';
}

export function threadRows(trace: Trace): ThreadRow[] {
  const threads = trace.streams.flatMap((stream) => stream.threads);
  return threads.slice(0, MAX_THREADS).map((thread) => {
    const { wait, stream } = thread;
    const stack = wait?.stack || thread.sampleStack;
    const what = wait === undefined ? null : waitName(trace, wait);
    return {
      name: nameActor(trace, thread),
      pid: stream.pid,
      daemon: thread.daemon,
      startNs: thread.startNs,
      endNs: thread.endNs ?? stream.closedNs ?? null,
      cpuNs: thread.cpuNs,
      lockWaitNs: thread.lockWaitNs + (wait?.forLock ? openNs(trace, wait.sinceNs) : 0),
      otherWaitNs:
        thread.otherWaitNs +
        (wait !== undefined && !wait.forLock ? openNs(trace, wait.sinceNs) : 0),
      waitsFor: what,
      location:
        location(trace, stack, what === null ? 'last seen here' : `waits for ${what}`) ?? null,
    };
  });
}

function openNs(trace: Trace, since: number): number {
  return Math.max(0, trace.durationNs - since);
}

export function taskSummary(trace: Trace): TaskSummary {
  const { tasks, notes } = trace.facts;
  const count = (kind: 'taskPending' | 'taskExceptionLost') =>
    notes.of(kind).reduce((sum, note) => sum + note.count, 0);
  return {
    created: tasks.created,
    done: tasks.done,
    partly: toldPartly(trace),
    failed: tasks.failed,
    cancelled: tasks.cancelled,
    pendingAtExit: count('taskPending'),
    exceptionsLost: count('taskExceptionLost'),
    maxConcurrent: mostAtOnce(trace),
    concurrentExact: tasks.isExact && !toldPartly(trace),
  };
}

export function gilSummary(trace: Trace): GilSummary {
  const { gil } = trace.facts.cpu;
  const known = trace.streams.flatMap((stream) => stream.process ?? []);
  if (isNodeRun(trace)) return { method: 'none', waitedNs: 0, share: 0, note: '' };
  if (known.length > 0 && known.every((process) => !process.gil)) {
    return { method: 'none', waitedNs: 0, share: 0, note: 'This interpreter runs without a GIL.' };
  }
  const exact = gil.exactCount > 0;
  const waitedNs = exact ? gil.exactNs : gil.waitedNs;
  const cpuNs = trace.streams.reduce((sum, stream) => sum + stream.cpuNs, 0);
  return {
    method: exact ? 'exact' : 'estimate',
    waitedNs,
    share: waitedNs + cpuNs === 0 ? 0 : waitedNs / (waitedNs + cpuNs),
    note: exact
      ? "The interpreter's own waits, one by one."
      : 'Waits for the GIL are an estimate: a thread of the probe sleeps and times how long it needs to get going again.',
  };
}
