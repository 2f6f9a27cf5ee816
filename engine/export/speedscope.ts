/**
 * The sampled stacks as speedscope's JSON: of every thread what it stood in, by time, and where it used the CPU.
 * https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
 */
import { KIND } from '../../wire/recording.ts';
import type { Actor } from '../ingest/actor.ts';
import { nameActor } from '../names.ts';
import type { Trace } from '../trace.ts';

/** Samples of one thread: a stack, and ns from the one before and to the one after it. */
interface Samples {
  readonly stack: number[];
  readonly at: number[];
  readonly cpuNs: number[];
}

interface Profile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'nanoseconds';
  readonly startValue: number;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** One profile a line. */
export function* speedscopeFile(trace: Trace, title: string): Generator<string> {
  // Sites are numbered from 1 in a trace.
  const frames = Array.from({ length: trace.sites.length - 1 }, (_, index) => {
    const { function: name, file, line } = trace.sites.get(index + 1);
    return { name: name || '?', file, line };
  });
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"interleave","name":${JSON.stringify(title)},\n"shared":{"frames":${JSON.stringify(frames)}},\n"profiles":[`;
  let first = true;
  for (const [actor, samples] of samplesOf(trace)) {
    for (const profile of profilesOf(trace, actor, samples)) {
      yield `${first ? '\n' : ',\n'}${JSON.stringify(profile)}`;
      first = false;
    }
  }
  yield '\n]}\n';
}

function samplesOf(trace: Trace): Map<Actor, Samples> {
  const { columns } = trace;
  const all = new Map<Actor, Samples>();
  for (let row = 0; row < columns.length; row++) {
    if (columns.kind(row) !== KIND.sample) continue;
    const actor = trace.actor(columns.actor(row));
    if (actor === undefined) continue;
    let samples = all.get(actor);
    if (samples === undefined) {
      samples = { stack: [], at: [], cpuNs: [] };
      all.set(actor, samples);
    }
    samples.stack.push(columns.a(row));
    samples.at.push(columns.at(row));
    samples.cpuNs.push(columns.b(row) * 1e3);
  }
  return all;
}

function* profilesOf(trace: Trace, actor: Actor, { stack, at, cpuNs }: Samples) {
  const several = trace.streams.length > 1 ? `, pid ${actor.stream.pid}` : '';
  const name = `${nameActor(trace, actor)}${several}`;
  const samples = stack.map((one) => [...trace.stacks.get(one)].reverse().map((site) => site - 1));
  const end = actor.endNs ?? Math.max(trace.durationNs, at.at(-1) ?? 0);
  // A stack holds until the next one is seen; what a thread has computed was told with the stack at its end.
  const wall = at.map((time, index) => Math.max(0, (at[index + 1] ?? end) - time));
  yield profile(`${name}: time`, samples, wall);
  if (cpuNs.some((ns) => ns > 0)) yield profile(`${name}: CPU`, samples, cpuNs);
}

function profile(
  name: string,
  samples: readonly (readonly number[])[],
  weights: readonly number[],
): Profile {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    type: 'sampled',
    name,
    unit: 'nanoseconds',
    startValue: 0,
    endValue: total,
    samples,
    weights,
  };
}
