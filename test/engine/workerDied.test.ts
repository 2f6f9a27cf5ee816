/** Workers that die at once, or in the middle of their work, and those that their program ends itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { KIND, START } from '../../wire/recording.ts';
import { MS } from './ruleFindings.ts';
import { TraceWriter } from './traceWriter.ts';

const POOL = '/usr/lib/python3.11/multiprocessing/pool.py';
const SPAWN = '/usr/lib/python3.11/multiprocessing/spawn.py';

interface Child {
  readonly code?: number;
  readonly error?: string;
  /** Items it begins and ends. */
  readonly begins?: number;
  readonly ends?: number;
  readonly importing?: boolean;
}

/** A pool of two and its processes, one after another. */
function pool(children: readonly Child[], type = 'Pool') {
  const world = new TraceWriter();
  const parent = world.process(100);
  const main = parent.thread('main');
  const shared = 'pool:100:1';
  const library = 'multiprocessing';
  const made = parent.stack({ line: 5 });
  const known = { library, shared, capacity: 2, stack: made };
  const id = parent.object('workers', type, known);
  parent.record(1 * MS, KIND.submit, main, { a: id, b: parent.stack({ line: 9 }), c: 1 });
  children.forEach((child, index) => {
    const pid = 200 + index;
    const at = (10 + index * 100) * MS;
    const b = parent.stack({ file: POOL, line: 300, function: 'Pool._repopulate_pool' });
    parent.record(at, KIND.processStart, main, { a: pid, b, aux: START.fork });
    const stream = world.process(pid);
    const worker = stream.thread('main');
    stream.record(at + 1 * MS, KIND.sample, worker, { aux: 1 });
    if (child.error !== undefined) {
      const raised = { line: 2, function: child.importing ? '<module>' : 'connect' };
      const importer = { file: SPAWN, line: 291, function: '_fixup_main_from_path' };
      stream.record(at + 2 * MS, KIND.failed, worker, {
        a: stream.string(child.error),
        b: stream.stack(raised, ...(child.importing ? [importer] : [])),
      });
    }
    const mirror = stream.object('workers', type, known);
    const work = stream.string('square');
    for (let item = 1; item <= (child.begins ?? 0); item++) {
      stream.record(at + (2 + item) * MS, KIND.itemStart, worker, { a: mirror, b: work, c: item });
      if (item <= (child.ends ?? 0))
        stream.record(at + (2.5 + item) * MS, KIND.itemEnd, worker, { a: mirror, c: item });
    }
    stream.killed();
    const code = (child.code ?? 1) >>> 0;
    parent.record(at + 60 * MS, KIND.processEnd, main, { a: pid, b: code });
  });
  world.flush();
  return analyze(world.trace).filter((one) => one.rule === 'worker-died');
}

describe('worker-died', () => {
  const raised = { error: 'RuntimeError: no database' };

  test('workers whose initializer raises, again and again', () => {
    const [found, more] = pool([raised, raised, raised]);
    assert.equal(more, undefined);
    assert.equal(
      found?.title,
      'Workers of workers end as they start, with RuntimeError: no database',
    );
    assert.match(
      found.detail,
      /^3 processes ended with exit status 1 before they took any work, 60 ms after the start\./,
    );
    assert.deepEqual(
      found.locations.slice(0, 2).map((one) => one.line),
      [2, 5],
    );
  });

  test('a program without the guard', () => {
    const error =
      'RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.';
    const [found] = pool([
      { error, importing: true },
      { error, importing: true },
    ]);
    assert.match(found?.title ?? '', /the program lacks `if __name__ == "__main__":`$/);
    assert.equal(found?.locations[0]?.line, 5);
  });

  test('something else that is raised while a new process imports the program', () => {
    const error = 'RuntimeError: context has already been set';
    const [found] = pool(Array(3).fill({ error, importing: true }));
    assert.match(found?.title ?? '', /end as they import the program, with RuntimeError/);
    assert.match(found?.detail ?? '', /under `if __name__ == "__main__":`/);
  });

  test('a worker that exits in the middle of an item', () => {
    const [found] = pool([{ code: 3, begins: 2, ends: 1 }]);
    assert.equal(
      found?.title,
      'A worker of workers ended with exit status 3 while it ran square: the result never comes',
    );
    assert.equal(found?.locations[0]?.line, 9);
  });

  test('a worker of an executor that is killed in the middle of an item, and takes the pool along', () => {
    const killed = [
      { code: -9, begins: 1 },
      { code: -15, begins: 1 },
    ];
    const [found, more] = pool(killed, 'ProcessPoolExecutor');
    assert.equal(more, undefined);
    assert.equal(
      found?.title,
      'A worker of workers ended with signal 9 while it ran square: workers is broken',
    );
    assert.match(
      found.detail,
      /: 1 item that was not done ends with BrokenProcessPool.* Signal 9 is what Linux sends/,
    );
    assert.equal(found.locations[0]?.line, 9);
  });

  test('an executor whose workers are all killed at work by their program', () =>
    assert.deepEqual(pool(Array(2).fill({ code: -9, begins: 1 }), 'ProcessPoolExecutor'), []));

  test('workers that their program ends, or that end well', () => {
    assert.deepEqual(pool([{ code: -15, begins: 1 }]), []);
    assert.deepEqual(pool(Array(5).fill({ code: -15 })), []);
    assert.deepEqual(pool(Array(5).fill({ code: 0, begins: 1, ends: 1 })), []);
    assert.deepEqual(pool([{ begins: 1, error: 'KeyboardInterrupt' }]), []);
  });

  test('one that dies as it starts among others that work', () =>
    assert.deepEqual(pool([raised, { code: 0, begins: 1, ends: 1 }]), []));
});
