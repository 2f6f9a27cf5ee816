/** Random programs of nested locks under a random scheduler: a deadlock is reported when, and only when, they are stuck. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyze } from '../../engine/analyze.ts';
import { KIND, OWNER, OWNER_REFRESH, WAIT } from '../../wire/recording.ts';
import { type StreamWriter, TraceWriter } from './traceWriter.ts';

const STEP_NS = 1e6;
const LOCKS = 4;

/** Locks in order of taking; all are given back in reverse at the end, then the next group. */
type Program = readonly (readonly number[])[];

interface Runner {
  readonly actor: number;
  readonly todo: { take: boolean; lock: number }[];
  readonly held: { lock: number; stack: number }[];
  waiting: number | undefined;
}

function steps(program: Program): { take: boolean; lock: number }[] {
  return program.flatMap((group) => {
    const locks = [...new Set(group)];
    return [
      ...locks.map((lock) => ({ take: true, lock })),
      ...locks.reverse().map((lock) => ({ take: false, lock })),
    ];
  });
}

/** Runs to the end or to a standstill. True when somebody is left waiting. */
function simulate(
  stream: StreamWriter,
  programs: readonly Program[],
  choices: readonly number[],
): boolean {
  const owners = new Map<number, { runner: Runner; stack: number }>();
  const objects = Array.from({ length: LOCKS }, (_, lock) => stream.object(`lock${lock}`));
  const runners: Runner[] = programs.map((program, index) => ({
    actor: stream.thread(`t${index}`),
    todo: steps(program),
    held: [],
    waiting: undefined,
  }));
  let at = 0;
  for (let turn = 0; turn < 1000; turn++) {
    at += STEP_NS;
    const ready = runners.filter(
      (one) => one.todo.length > 0 && (one.waiting === undefined || !owners.has(one.waiting)),
    );
    if (ready.length === 0) break;
    const runner = ready[(choices[turn % choices.length] ?? 0) % ready.length]!;
    const { take, lock } = runner.todo[0]!;
    const a = objects[lock]!;
    const stack = stream.stack({ line: runner.actor * 100 + runner.todo.length });
    if (!take) {
      owners.delete(lock);
      runner.held.pop();
      stream.record(at, KIND.release, runner.actor, { a });
      runner.todo.shift();
      continue;
    }
    const owner = owners.get(lock);
    if (owner !== undefined) {
      runner.waiting = lock;
      stream.record(at, KIND.waitBegin, runner.actor, { a, b: stack, aux: WAIT.acquire });
      stream.record(at, KIND.waitOwner, runner.actor, {
        a,
        b: owner.stack,
        c: owner.runner.actor,
        aux: OWNER.holder,
      });
      continue;
    }
    if (runner.waiting !== undefined) stream.record(at, KIND.waitEnd, runner.actor, { a, aux: 1 });
    runner.waiting = undefined;
    if (runner.held.length > 0) {
      const chain = stream.chain(
        runner.held.map((one) => [objects[one.lock]!, one.stack] as const),
      );
      stream.record(at, KIND.nest, runner.actor, { a, b: stack, c: chain });
    }
    stream.record(at, KIND.acquire, runner.actor, { a, b: stack });
    owners.set(lock, { runner, stack });
    runner.held.push({ lock, stack });
    runner.todo.shift();
  }
  for (let look = 0; look < 5; look++) {
    at += 100e6;
    for (const runner of runners) {
      if (runner.waiting === undefined) continue;
      const owner = owners.get(runner.waiting)!;
      const words = { a: objects[runner.waiting]!, b: owner.stack, c: owner.runner.actor };
      stream.record(at, KIND.waitOwner, runner.actor, {
        ...words,
        aux: OWNER.holder | OWNER_REFRESH,
      });
    }
    stream.record(at, KIND.overhead, 0);
  }
  stream.flush();
  return runners.some((runner) => runner.todo.length > 0);
}

const program = fc.array(fc.array(fc.nat(LOCKS - 1), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});
const programs = fc.array(program, { minLength: 2, maxLength: 5 });
const choices = fc.array(fc.nat(60), { minLength: 5, maxLength: 60 });

test('a deadlock is reported when and only when threads are stuck', () => {
  let stuckRuns = 0;
  fc.assert(
    fc.property(programs, choices, (chosen, order) => {
      const world = new TraceWriter();
      const stuck = simulate(world.process(), chosen, order);
      if (stuck) stuckRuns++;
      const errors = analyze(world.trace).filter((one) => one.severity === 'error');
      assert.deepEqual(
        errors.map((one) => one.rule),
        stuck ? errors.map(() => 'deadlock') : [],
      );
      assert.equal(errors.length > 0, stuck);
    }),
    { numRuns: 500 },
  );
  assert.ok(
    stuckRuns > 20,
    `only ${stuckRuns} runs were stuck: the programs are too tame to prove anything`,
  );
});

test('locks taken in one order everywhere are never an inversion', () => {
  fc.assert(
    fc.property(programs, choices, (chosen, order) => {
      const sorted = chosen.map((one) => one.map((group) => [...group].sort()));
      const world = new TraceWriter();
      simulate(world.process(), sorted, order);
      assert.deepEqual(analyze(world.trace), []);
    }),
    { numRuns: 300 },
  );
});
