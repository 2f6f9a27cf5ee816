/** What ▶ Profile and "Profile Test or Function at Cursor" find in a file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lensTargets, targetAt } from '../../extension/lensTargets.ts';

const TEXT = `"""def not_code():
def test_in_a_string(): ...
"""
import unittest


def plain(times=3, *rest):
    return times


def needs(one,
          two=2):
    def inside():
        return one
    return inside


@decorated(
    1,
)
async def fetch():
    pass


def test_alone():
    assert plain()


class TestLedger(unittest.TestCase):
    limit = 3

    @patch("x")
    def test_transfer(self):
        pass

    async def test_later(self):
        pass

    def helper(self):
        pass


def main():
    plain()


if __name__ == "__main__":
    main()
`;
const LINES = TEXT.split('\n');

function at(line: string): string {
  const index = LINES.findIndex((each) => each.includes(line));
  assert.ok(index >= 0, line);
  const found = targetAt(TEXT, index);
  if (found.kind === 'needsArguments') return `${found.name} needs arguments`;
  return found.target === undefined ? 'file' : `${found.target.kind} ${found.target.name}`;
}

test('lenses stand above the program, tests and coroutines, not above text', () => {
  assert.deepEqual(
    lensTargets(TEXT).map(
      ({ line, target }) => `${LINES[line]?.trim()} → ${target?.name ?? 'file'}`,
    ),
    [
      'async def fetch(): → fetch',
      'def test_alone(): → test_alone',
      'def test_transfer(self): → TestLedger.test_transfer',
      'async def test_later(self): → TestLedger.test_later',
      'def main(): → file',
      'if __name__ == "__main__": → file',
    ],
  );
});

test('the thing around the cursor is what runs', () => {
  assert.equal(at('def plain'), 'function plain');
  assert.equal(at('return times'), 'function plain');
  assert.equal(at('return inside'), 'needs needs arguments');
  assert.equal(at('@decorated'), 'coroutine fetch');
  assert.equal(at('assert plain'), 'test test_alone');
  assert.equal(at('limit = 3'), 'test TestLedger');
  assert.equal(at('def test_transfer'), 'test TestLedger.test_transfer');
  assert.equal(at('async def test_later'), 'test TestLedger.test_later');
  assert.equal(at('def main'), 'file');
  assert.equal(at('if __name__'), 'file');
  assert.equal(at('import unittest'), 'file');
  assert.equal(at('def not_code'), 'file');
});

test('a script without a guard has its lens where it sets to work; a module has none', () => {
  const linesOf = (...lines: readonly string[]): readonly number[] =>
    lensTargets(lines.join('\n')).flatMap(({ line, target }) => (target === undefined ? line : []));
  const head = ['import asyncio', 'async def main(): ...'];
  assert.deepEqual(linesOf(...head, 'asyncio.run(main())'), [2]);
  assert.deepEqual(linesOf(...head, 'uvloop.run(main())', 'main()'), [2]);
  assert.deepEqual(
    linesOf('ts = []', 'for t in ts:', '    t.start()', 'for t in ts: t.join()'),
    [1],
  );
  assert.deepEqual(linesOf('[t.start() for t in ts]; [t.join() for t in ts]'), [0]);
  assert.deepEqual(linesOf('with ThreadPoolExecutor(4) as ex:', '    ex.map(f, jobs)'), [0]);
  assert.deepEqual(linesOf(...head, 'if __name__ == "__main__":', '    main()'), [1, 2]);
  assert.deepEqual(
    linesOf('import re', 'for name in names:', '    table[name] = 1', 'register(x)'),
    [],
  );
});
