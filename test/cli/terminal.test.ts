/** When there are colours, and how wide things are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOf } from '../../cli/terminal.ts';

function look(isTTY: boolean, env: NodeJS.ProcessEnv, columns = 80) {
  return lookOf({ isTTY, columns } as NodeJS.WriteStream, env);
}

const isColoured = (...[isTTY, env]: [boolean, NodeJS.ProcessEnv]): boolean =>
  look(isTTY, env).paint('error', 'x') !== 'x';

test('colours only on a terminal, unless asked otherwise', () => {
  assert.ok(isColoured(true, {}));
  assert.ok(!isColoured(false, {}));
  assert.ok(!isColoured(true, { NO_COLOR: '1' }));
  assert.ok(isColoured(true, { NO_COLOR: '' }));
  assert.ok(isColoured(false, { FORCE_COLOR: '1' }));
  assert.ok(!isColoured(true, { FORCE_COLOR: '0' }));
  assert.ok(!isColoured(false, { FORCE_COLOR: '1', NO_COLOR: '1' }));
  assert.ok(!isColoured(true, { TERM: 'dumb' }));
});

test('as wide as the terminal, within reason; a fixed width elsewhere', () => {
  assert.equal(look(true, {}, 120).columns, 120);
  assert.equal(look(true, {}, 10).columns, 40);
  assert.equal(look(true, {}, 1000).columns, 160);
  assert.equal(look(false, {}, 1000).columns, 100);
});
