/** What was seen on a line is found again, however the path of its file is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Evidence } from '../../server/evidence.ts';

function evidenceAt(path: string): Evidence {
  const evidence = new Evidence();
  evidence.set({ hasRecording: true, files: [{ path, lines: [{ line: 3, text: 'seen' }] }] });
  return evidence;
}

test('a recording on Windows has large drive letters and backslashes, an editor small ones and slashes', () => {
  for (const recorded of ['C:\\work\\a.py', 'c:/work/a.py', 'C:/work/a.py']) {
    assert.equal(evidenceAt(recorded).at('c:/work/a.py', 3).length, 1, recorded);
    assert.equal(evidenceAt(recorded).at('d:/work/a.py', 3).length, 0, recorded);
  }
  assert.equal(evidenceAt('\\\\host\\share\\a.py').at('//host/share/a.py', 3).length, 1);
});

test('a backslash is a letter of a name elsewhere', () => {
  assert.equal(evidenceAt('/work/a\\b.py').at('/work/a\\b.py', 3).length, 1);
  assert.equal(evidenceAt('/work/a\\b.py').at('/work/a/b.py', 3).length, 0);
  assert.equal(evidenceAt('a.py').at('/anywhere/a.py', 3).length, 1);
});

test('what a run of Node saw stands beside the lint of its line', () => {
  const evidence = new Evidence();
  const lines = [
    { line: 3, rule: 'loop-blocked' as const, text: 'Event loop blocked for 300 ms.' },
  ];
  evidence.set({ hasRecording: true, files: [{ path: '/app/server.mjs', lines }] });
  assert.equal(evidence.of('sync-io-in-async', '/app/server.mjs', 3, 3).length, 1);
  assert.equal(evidence.of('floating-promise', '/app/server.mjs', 3, 3).length, 0);
});
