/** Who has ended with an exception, or died, and may be missed by those who wait for ever: named under a hang. */
import { plural } from '../../base/format.ts';
import type { Location } from '../../wire/report.ts';
import type { Failure } from '../facts/failures.ts';
import { location, place } from '../frames.ts';
import type { TracedObject } from '../ingest/object.ts';
import type { Stream } from '../ingest/stream.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Trace } from '../trace.ts';

const MOST = 3;

export interface Gone {
  readonly name: string;
  /** `ValueError: bad job 3`, `exit status 3`. */
  readonly why: string;
  readonly count: number;
  readonly atNs: number;
  readonly location: Location | undefined;
  /** What is waited for, when it had waited there itself: then it is the one that is missed. */
  readonly used: string | undefined;
}

/** The ones that used what is waited for; when there is none of those, the last to end of these processes. */
export function goneOf(
  trace: Trace,
  streams: ReadonlySet<Stream>,
  objects: ReadonlySet<TracedObject>,
): readonly Gone[] {
  const all = [
    ...trace.facts.failures.all
      .filter((one) => streams.has(one.actor.stream))
      .map((one) => ofFailure(trace, one, objects)),
    ...deadProcesses(trace, streams),
  ].sort((one, other) => other.atNs - one.atNs);
  const missed = all.filter((one) => one.used !== undefined);
  return (missed.length > 0 ? missed : all).slice(0, MOST);
}

/** `consumer, which had used jobs, ended with ValueError: bad job 3 at orders.py:7.` */
export function goneSentence(one: Gone): string {
  const used = one.used === undefined ? '' : `, which had used ${one.used},`;
  const where = one.location === undefined ? '' : ` at ${place(one.location)}`;
  const times = one.count > 1 ? ` (the last of ${plural(one.count, 'time')})` : '';
  return `${one.name}${used} ended with ${one.why}${where}${times}.`;
}

function ofFailure(trace: Trace, failure: Failure, objects: ReadonlySet<TracedObject>): Gone {
  const { actor, pool } = failure;
  const target = trace.strings.get(failure.target);
  const name =
    pool === undefined
      ? nameActor(trace, actor)
      : `${target || 'Work'} in ${nameObject(trace, pool, trace.sourceLine)}`;
  const why = trace.strings.get(failure.text) || 'an exception';
  const used = [...failure.used].find((object) => objects.has(object));
  return {
    name,
    why,
    count: failure.count,
    atNs: failure.atNs,
    location: location(trace, failure.stack, `${name} ended here with ${why}`),
    used: used === undefined ? undefined : nameObject(trace, used, trace.sourceLine),
  };
}

/** Those that died without an exception that the recording has, such as by a signal. */
function deadProcesses(trace: Trace, streams: ReadonlySet<Stream>): Gone[] {
  const told = new Set(trace.facts.failures.all.map((one) => one.actor.stream));
  return [...streams].flatMap((stream) => {
    const end = stream.endSeen;
    if (end === undefined || end.code === 0 || told.has(stream)) return [];
    const child = trace.facts.children.get(stream.pid);
    const name = processName(stream);
    const why = exitText(end.code);
    const started = child && location(trace, child.stack, `${name} is started here`);
    return [{ name, why, count: 1, atNs: end.atNs, location: started, used: undefined }];
  });
}

/** `process 4711 (Process-1)`. */
export function processName(stream: Stream): string {
  const name = stream.process?.name;
  return name === undefined ? `process ${stream.pid}` : `process ${stream.pid} (${name})`;
}

/** `exit status 3`, `signal 9`. */
export function exitText(code: number): string {
  return code < 0 ? `signal ${-code}` : `exit status ${code}`;
}
