/** Which native call a thread came back from, as the text around the line shows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeLine } from '../../engine/nativeCalls.ts';

const SOURCE = `function total(orders) {
  return orders.length;
}
function read(body) {
  const text = body.toString();
  let orders;
  try {
    orders = JSON.parse(text);
  } catch {}
  const sum = total(orders);
  return sum;
}
const tax = (sum) =>
  sum * 2;
const old = JSON.parse('[]');
function plain(sum) {
  return tax(sum);
}`.split('\n');

const sourceLine = (_: string, line: number) => SOURCE[line - 1];
const at = (line: number, file = '/app/orders.mjs') => ({ file, line, function: '' });
const NODE = at(77, 'node:events');

test('the nearest before it, in the same block', () => {
  assert.equal(nativeLine([NODE, at(10)], sourceLine)?.line, 8);
  assert.equal(nativeLine([at(8)], sourceLine)?.line, 8);
});

test('of its caller, when it has only just been called', () => {
  assert.equal(nativeLine([at(1), at(10)], sourceLine)?.line, 8);
});

test('none where there is none, nor in the function above', () => {
  assert.equal(nativeLine([NODE, at(17)], sourceLine), undefined);
  assert.equal(nativeLine([at(1)], sourceLine), undefined);
  assert.equal(
    nativeLine([NODE, at(10)], () => undefined),
    undefined,
  );
});

test('of an installed package where nothing of the program is on the stack', () => {
  const file = '/app/node_modules/body-parser/lib/read.js';
  assert.equal(nativeLine([NODE, at(10, file)], sourceLine)?.line, 8);
});
