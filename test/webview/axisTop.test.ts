/** A chart of small values must not look like one of large ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisTop, middleOfWords } from '../../webview/axisTop.ts';
import type { Lane, Series, SeriesInfo } from '../../wire/panel.ts';

const lane = (unit: SeriesInfo['unit'], limit?: number): Lane =>
  ({ series: [{ name: '', unit }], limit }) as unknown as Lane;
const series = (top: number): Series => ({ top: [top] }) as unknown as Series;

test('a twentieth of a waiting thread does not fill the chart, three threads do', () => {
  assert.equal(axisTop(lane('count'), series(0.05)), 1);
  assert.equal(axisTop(lane('count'), series(3)), 3);
});

test('half a percent of a core does not either', () => {
  assert.equal(axisTop(lane('share'), series(0.005)), 0.1);
});

test('a limit is always in sight', () => {
  assert.equal(axisTop(lane('ns', 50e6), series(2e6)), 50e6);
  assert.equal(axisTop(lane('ns', 50e6), series(80e6)), 80e6);
  assert.equal(axisTop(lane('count', 8), series(2)), 8);
});

test('what a line is called stays inside the chart, be the line at its top or its bottom', () => {
  assert.equal(middleOfWords(47, 48), 40);
  assert.equal(middleOfWords(1, 48), 8);
  assert.equal(middleOfWords(20, 48), 20);
});
