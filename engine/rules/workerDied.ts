/** `worker-died`: processes of a pool that end in the middle of their work, or again and again before they take any. */
import { formatCount, formatDuration, plural } from '../../base/format.ts';
import type { Finding } from '../../wire/report.ts';
import type { ChildStart } from '../facts/facts.ts';
import type { Failure } from '../facts/failures.ts';
import type { PoolFacts } from '../facts/pools.ts';
import { finding } from '../finding.ts';
import { location, place, sitesOf } from '../frames.ts';
import type { ProcessEnd, Stream } from '../ingest/stream.ts';
import { nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';
import { exitText } from './gone.ts';

type Kind = 'Pool' | 'ProcessPoolExecutor' | 'Process';

interface Death {
  readonly stream: Stream;
  readonly child: ChildStart;
  readonly end: ProcessEnd;
  readonly failure: Failure | undefined;
}

/** Its last records may be read after its end was seen by another. */
const SETTLED_NS = 1e9;
/** What programs end their own workers with: SIGINT, SIGKILL, SIGTERM. */
const SENT = new Set([-2, -9, -15]);
const NO_GUARD = /bootstrapping phase/;
const NOT_FOUND = /^(?:ModuleNotFound|Import|Syntax|Indentation)Error/;

export const workerDied: Rule = ({ trace, nowNs, ended }) => {
  const settled = (end: ProcessEnd) => ended || nowNs - end.atNs > SETTLED_NS;
  return [
    ...trace.facts.pools.flatMap((pool) => lostWork(trace, pool, settled)),
    ...groups(trace, settled).flatMap(([kind, deaths]) => atOnce(trace, kind, deaths)),
  ];
};

/** An item that a dead worker had begun: an executor breaks, and of a multiprocessing.Pool nobody tells those who wait. */
function lostWork(trace: Trace, pool: PoolFacts, settled: (end: ProcessEnd) => boolean): Finding[] {
  const { type } = pool.object;
  if (type !== 'Pool' && type !== 'ProcessPoolExecutor') return [];
  const dead = [...pool.workers.values()].flatMap((worker) => {
    const end = worker.actor.stream.endSeen;
    if (worker.running.size === 0 || end === undefined || !settled(end)) return [];
    const isSent = end.code === -2 || end.code === -15;
    return end.code === 0 || isSent || isInterrupted(trace, worker.actor.stream)
      ? []
      : [{ worker, end }];
  });
  const first = dead[0];
  if (first === undefined) return [];
  const isExecutor = type === 'ProcessPoolExecutor';
  // An executor of which one worker dies terminates the others: several that were killed were killed by somebody.
  if (isExecutor && dead.length > 1 && dead.every(({ end }) => end.code === -9)) return [];
  const lost = pool.submitted - pool.finished;
  const name = nameObject(trace, pool.object, trace.sourceLine);
  const what = trace.strings.get(first.worker.actor.runningTarget) || 'an item';
  const why = exitText(first.end.code);
  return [
    finding({
      rule: 'worker-died',
      key: `lost:${pool.object.stream.name}/${pool.object.id}`,
      title: `A worker of ${name} ended with ${why} while it ran ${what}: ${isExecutor ? `${name} is broken` : 'the result never comes'}`,
      detail: [
        dead.length > 1
          ? `${dead.length} processes of ${name} ended in the middle of their work, the first (process ${first.worker.actor.stream.pid}) with ${why}.`
          : `Process ${first.worker.actor.stream.pid} ended in the middle of its work.`,
        isExecutor
          ? `ProcessPoolExecutor then gives up: ${lost === 1 ? '1 item that was not done ends' : `${formatCount(lost)} items that were not done end`} with BrokenProcessPool, and it takes no more.`
          : 'multiprocessing.Pool starts another worker, but what the dead one had begun is lost, and whoever waits for its result waits for ever.',
        first.end.code === -9 ? 'Signal 9 is what Linux sends when memory runs out.' : '',
        `Find out what ends the process (os._exit, sys.exit, a crash of native code, too little memory)${isExecutor ? '; what is left to do needs a new executor.' : ', get results with a timeout, or use ProcessPoolExecutor, which raises BrokenProcessPool then.'}`,
      ],
      locations: [
        ...[...pool.submitStacks.keys()]
          .slice(0, 3)
          .map((stack) => location(trace, stack, 'given to the pool here')),
        location(trace, pool.object.stack, `${name} is made here`),
      ],
      evidence: { died: dead.length, exit: first.end.code, function: what },
      spans: dead.map(({ end }) => ({ from: end.atNs, to: end.atNs })),
    }),
  ];
}

/** Processes that died before they took any work, by who started them and for what. */
function groups(
  trace: Trace,
  settled: (end: ProcessEnd) => boolean,
): (readonly [Kind, readonly Death[]])[] {
  const working = new Set(
    trace.facts.pools.flatMap((pool) => [...pool.workers.keys()].map((actor) => actor.stream)),
  );
  const failures = new Map(trace.facts.failures.all.map((one) => [one.actor.stream, one]));
  const found = new Map<string, [Kind, Death[]]>();
  for (const stream of trace.streams) {
    const child = trace.facts.children.get(stream.pid);
    const end = stream.endSeen;
    if (child === undefined || end === undefined || end.code === 0 || !settled(end)) continue;
    if (SENT.has(end.code) || working.has(stream) || isInterrupted(trace, stream)) continue;
    const kind = kindOf(trace, child);
    const death = { stream, child, end, failure: failures.get(stream) };
    const key = `${kind}:${child.parentPid}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [kind, [death]]);
    else group[1].push(death);
  }
  return [...found.values()];
}

function kindOf(trace: Trace, child: ChildStart): Kind {
  const files = sitesOf(trace, child.stack).map((site) => site.file.replaceAll('\\', '/'));
  if (files.some((file) => file.endsWith('multiprocessing/pool.py'))) return 'Pool';
  return files.some((file) => file.endsWith('concurrent/futures/process.py'))
    ? 'ProcessPoolExecutor'
    : 'Process';
}

function atOnce(trace: Trace, kind: Kind, deaths: readonly Death[]): Finding[] {
  const first = deaths.find((death) => death.failure !== undefined) ?? deaths[0]!;
  const text = trace.strings.get(first.failure?.text ?? 0);
  const noGuard = NO_GUARD.test(text);
  const importing = isImporting(trace, first.failure) && !NOT_FOUND.test(text);
  const pool = trace.facts.pools.find(
    (one) =>
      one.object.type === kind &&
      one.object.streams.some((stream) => stream.pid === first.child.parentPid),
  );
  // A pool that replaces its workers and loses the new ones too does so for ever; an executor gives up at once.
  const fewest = (pool?.object.capacity ?? 2) + ((pool?.workers.size ?? 1) === 0 ? 0 : 1);
  if (kind === 'Pool' && deaths.length < fewest) return [];
  if (kind === 'ProcessPoolExecutor' && (pool?.finished ?? 0) > 0) return [];
  if (kind === 'Process' && !noGuard) return [];
  const name = pool === undefined ? kind : nameObject(trace, pool.object, trace.sourceLine);
  const lives = deaths.map((death) => death.end.atNs - death.child.at).sort((a, b) => a - b);
  const lifeNs = lives[lives.length >> 1]!;
  const why = text === '' ? exitText(first.end.code) : text;
  const who = kind === 'Process' ? 'Processes end' : `Workers of ${name} end`;
  const where = location(trace, first.failure?.stack ?? 0, 'raised here, in the new process');
  return [
    finding({
      rule: 'worker-died',
      key: `atOnce:${kind}:${first.child.parentPid}`,
      title: noGuard
        ? `${who} as they start: the program lacks \`if __name__ == "__main__":\``
        : `${who} as they ${importing ? 'import the program' : 'start'}, with ${short(why)}`,
      detail: [
        `${plural(deaths.length, 'process', 'processes')} ended with ${exitText(first.end.code)} before ${deaths.length === 1 ? 'it' : 'they'} took any work, ${formatDuration(lifeNs)} after the start.`,
        noGuard || text === ''
          ? ''
          : `What ended them: ${text}${where === undefined ? '' : ` at ${place(where)}`}.`,
        kind === 'Pool'
          ? 'multiprocessing.Pool starts a new one for each, for ever, and its work never runs.'
          : '',
        noGuard || importing
          ? 'With the start methods spawn and forkserver each new process imports the program, and so does again what stands at its top. Put what the program does, but not what it defines, under `if __name__ == "__main__":`.'
          : 'Mend what they do as they start: the initializer, or what the program does when it is imported.',
      ],
      locations: [
        noGuard ? undefined : where,
        location(trace, pool?.object.stack ?? 0, `${name} is made here`),
        location(trace, first.child.stack, 'the processes are started here'),
        where,
      ],
      evidence: {
        died: deaths.length,
        exit: first.end.code,
        medianLifeNs: lifeNs,
        exception: text,
      },
      spans: deaths.map(({ child, end }) => ({ from: child.at, to: end.atNs })),
    }),
  ];
}

/** In a new process, while it imported the program's main module. */
function isImporting(trace: Trace, failure: Failure | undefined): boolean {
  return sitesOf(trace, failure?.stack ?? 0).some(
    (site) => /[\\/]spawn\.py$/.test(site.file) && site.function.startsWith('_fixup_main_from'),
  );
}

function short(why: string): string {
  return why.length > 80 ? `${why.slice(0, 79)}…` : why;
}

/** Ctrl-C reaches every process of a terminal. */
function isInterrupted(trace: Trace, stream: Stream): boolean {
  return trace.facts.failures.all.some(
    (one) => one.actor.stream === stream && trace.strings.get(one.text) === 'KeyboardInterrupt',
  );
}
