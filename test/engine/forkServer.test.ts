/** Processes that a fork server makes: whose children they are, and that the server keeps nobody from being stuck. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { buildReport } from '../../engine/report.ts';
import { KIND, START, WAIT } from '../../wire/recording.ts';
import { TraceWriter } from './traceWriter.ts';

const MS = 1e6;

/** A child waits for an event that nobody sets, and the program for the child's end. */
function served(service: boolean): TraceWriter {
  const world = new TraceWriter();
  const program = world.process(100);
  const server = world.process(200, {
    ppid: 100,
    parent: program.name,
    how: 'subprocess',
    service,
  });
  const child = world.process(300, { ppid: 100, parent: program.name, how: 'forkserver' });
  const [main, serving, worker] = [program, server, child].map((one) => one.thread('main'));
  for (const one of [program, server, child]) one.record(1 * MS, KIND.threadStart, 1);
  // The server is heard of first.
  server.record(20 * MS, KIND.processFork, serving!, { a: 300 });
  server.flush();
  program.record(21 * MS, KIND.processStart, main!, { a: 300, aux: START.forkserver });
  program.record(30 * MS, KIND.waitBegin, main!, { aux: WAIT.processJoin });
  program.record(30 * MS, KIND.waitOwner, main!, { aux: 5, c: 300 });
  const event = child.object('ready', 'Event', { library: 'multiprocessing', shared: 'event:1' });
  child.record(40 * MS, KIND.waitBegin, worker!, { a: event, aux: WAIT.event });
  world.flush();
  for (const one of [program, server, child]) one.record(3000 * MS, KIND.overhead, 0);
  world.flush();
  return world;
}

test('a child of the server waits for ever, though the server itself does not', () => {
  const rules = (world: TraceWriter) =>
    analyze(world.trace, { ended: true }).map((one) => one.rule);
  assert.deepEqual(rules(served(true)), ['hang']);
  assert.deepEqual(rules(served(false)), [], 'another process might set the event');
});

test('its parent is who asked for it', () => {
  const { trace } = served(true);
  const manifest = {
    format: 'interleave' as const,
    version: 1,
    command: ['python'],
    cwd: '/app',
    startedAt: { monotonic: 0, wall: 0 },
    budgetBytes: 1,
    host: { platform: 'linux', arch: 'x64', cores: 2 },
  };
  const rows = buildReport(trace, manifest).processes.map(({ pid, parent, how }) => [
    pid,
    parent,
    how,
  ]);
  assert.deepEqual(rows.sort(), [
    [100, null, 'main'],
    [200, 100, 'subprocess'],
    [300, 100, 'forkserver'],
  ]);
});

test('what only one process knows of a shared pool stays known', () => {
  const world = new TraceWriter();
  const shared = 'pool:100:7';
  world.process(100).object('P', 'ProcessPoolExecutor', { shared, capacity: 4 });
  world.process(300).object('', 'ProcessPoolExecutor', { shared, name: undefined });
  world.flush();
  const pool = world.trace.sharedObject(shared);
  assert.deepEqual([pool?.capacity, pool?.givenName], [4, 'P']);
});
