/** A live run: when a deadlock is told of, that it is told once, and what stays silent meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveFindings } from '../../engine/liveFindings.ts';
import { PanelSession } from '../../engine/panelSession.ts';
import { liveStatus } from '../../engine/status.ts';
import type { ToPanel } from '../../wire/panel.ts';
import { KIND, OWNER, OWNER_REFRESH, SAMPLE, WAIT } from '../../wire/recording.ts';
import { type StreamWriter, TraceWriter } from './traceWriter.ts';

const MS = 1e6;

interface Knot {
  readonly stream: StreamWriter;
  readonly actors: readonly number[];
  readonly locks: readonly number[];
}

/** Two threads, each with its lock, that wait for the other's since `at`. */
function knot(stream: StreamWriter, at: number): Knot {
  const actors = [stream.thread('a'), stream.thread('b')];
  const locks = [stream.object('A'), stream.object('B')];
  actors.forEach((actor, index) => {
    const stack = stream.stack({ line: 10 + index });
    stream.record(at - 10 * MS, KIND.acquire, actor, { a: locks[index]!, b: stack });
    const words = { a: locks[1 - index]!, b: stream.stack({ line: 20 + index }) };
    stream.record(at, KIND.waitBegin, actor, { ...words, aux: WAIT.acquire });
    const owner = { a: words.a, b: stack, c: actors[1 - index]! };
    stream.record(at, KIND.waitOwner, actor, { ...owner, aux: OWNER.holder });
  });
  return { stream, actors, locks };
}

function repeat({ stream, actors, locks }: Knot, at: number): void {
  actors.forEach((actor, index) => {
    const words = { a: locks[1 - index]!, c: actors[1 - index]! };
    stream.record(at, KIND.waitOwner, actor, { ...words, aux: OWNER.holder | OWNER_REFRESH });
  });
  stream.flush();
}

test('a deadlock is told within half a second of closing, and once', () => {
  const world = new TraceWriter();
  const live = new LiveFindings(world.trace);
  const one = knot(world.process(), 1000 * MS);
  world.flush();
  const told: number[] = [];
  for (let at = 1000; at <= 3000; at += 50) {
    if (at % 100 === 0 && at > 1000) repeat(one, at * MS);
    const { added, changed } = live.update(at * MS);
    assert.deepEqual(changed, []);
    for (const finding of added) {
      assert.equal(finding.rule, 'deadlock');
      told.push(at);
    }
  }
  assert.equal(told.length, 1);
  assert.ok(told[0]! > 1050 && told[0]! <= 1500, `told at ${told[0]} ms`);
  assert.ok(liveStatus(world.trace).deadlocked);
});

test('a panel shows what a deadlock costs as it lasts', () => {
  const world = new TraceWriter();
  const posted: ToPanel[] = [];
  const session = new PanelSession(world.trace, (message) => posted.push(message), { title: 'a' });
  session.receive({ type: 'ready', version: 1 });
  session.change({ state: 'running' });
  const one = knot(world.process(), 1000 * MS);
  world.flush();
  for (let at = 1000; at <= 5000; at += 50) {
    if (at % 100 === 0 && at > 1000) repeat(one, at * MS);
    session.tick(at * MS);
  }
  const told = posted.flatMap((message) =>
    message.type === 'findings' ? message.findings.map(({ lostNs }) => lostNs) : [],
  );
  // Two threads have lost four seconds each.
  assert.ok(told.at(-1)! >= 7e9 && told.at(-1)! <= 8e9, `${told.at(-1)} ns`);
  assert.ok(told.length >= 10 && told.length <= 20, `told ${told.length} times`);
});

test('a circle of stale owners is none: the owner had let go meanwhile', () => {
  const world = new TraceWriter();
  const live = new LiveFindings(world.trace);
  const { stream, actors, locks } = knot(world.process(), 1000 * MS);
  stream.record(1001 * MS, KIND.release, actors[1]!, { a: locks[1]! });
  stream.flush();
  for (const at of [1100, 1400, 1900]) assert.deepEqual(live.update(at * MS).added, []);
});

test('status counts what waits and how late the loop is, also while it is blocked', () => {
  const world = new TraceWriter();
  const { stream } = knot(world.process(), 100 * MS);
  const main = stream.thread('main');
  const loop = stream.object('L', 'EventLoop', { library: 'asyncio' });
  stream.record(0, KIND.loopStart, main, { a: loop });
  stream.record(100 * MS, KIND.loopLag, main, { a: loop, b: 700, c: 3 });
  const blocked = { a: loop, b: stream.stack({ line: 5 }), c: 400_000 };
  stream.record(600 * MS, KIND.loopStack, main, blocked);
  stream.flush();
  const status = liveStatus(world.trace);
  assert.equal(status.waitingThreads, 2);
  assert.equal(status.runningProcesses, 1);
  assert.equal(status.lagNs, 400 * MS);
  assert.equal(status.elapsedNs, 600 * MS);
});

test('a program asks while its main thread stands on a line that reads what is typed', () => {
  const lines: Readonly<Record<number, string>> = {
    1: 'name = input("Your name? ")',
    2: 'secret = getpass.getpass()',
    3: 'data = handle.read()',
  };
  const world = new TraceWriter({ sourceLine: (_file, line) => lines[line] });
  const stream = world.process();
  const main = stream.thread('main');
  const other = stream.thread('worker');
  const seen = (
    actor: number,
    aux: number,
    ...frames: { readonly file?: string; readonly line: number }[]
  ): boolean => {
    stream.record(at, KIND.sample, actor, { a: stream.stack(...frames), aux });
    at += MS;
    stream.flush();
    return liveStatus(world.trace).asks;
  };
  let at = 0;
  assert.equal(seen(main, SAMPLE.blocked, { line: 1 }), true);
  assert.equal(seen(main, SAMPLE.running, { line: 1 }), false);
  const library = { file: '/usr/lib/python3.13/getpass.py', line: 9 };
  assert.equal(seen(main, SAMPLE.blocked, library, { line: 2 }), true);
  assert.equal(seen(main, SAMPLE.blocked, { line: 3 }), false);
  assert.equal(seen(main, SAMPLE.blocked, { line: 3 }, { line: 1 }), false);
  assert.equal(seen(other, SAMPLE.blocked, { line: 1 }), false);
});
