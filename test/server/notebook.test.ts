// A notebook's cells as one Python text: what is no Python in them neither moves anything nor hides what follows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinCells } from '../../server/notebook.ts';
import { serviceOver } from './support.ts';

const service = await serviceOver();
const last = 'async def wait():\n    time.sleep(1)\n';

function found(middle: string): string[] {
  const cells = ['import time', middle, last].map((text, at) => ({ uri: `${at}`, text }));
  const joined = joinCells(cells);
  assert.equal(joined.text.length, cells.map(({ text }) => `${text}\n`).join('').length);
  return (service.diagnose('notes.ipynb', joined.text) ?? []).flatMap(({ rule, start, end }) => {
    const place = joined.cellAt(start);
    if (rule !== 'blocking-sleep' || place === undefined) return [];
    return [`${place.cell.uri} ${place.cell.text.slice(place.offset, place.offset + end - start)}`];
  });
}

describe('a cell between two others', () => {
  for (const middle of [
    'x = 1',
    '%%bash\nfor f in *; do\n\n  echo "$f\ndone',
    '%%writefile notes.txt\n(((\n😀 """',
    "%%html\r\n<b>it's",
    '%%!\necho "',
    '%%time\nx = 1',
    '!ls "',
    'x = (\n    1\n    != 2\n)',
    '"😀"',
  ])
    it(`hides nothing: ${JSON.stringify(middle)}`, () => {
      assert.deepEqual(found(middle), ['2 time.sleep(1)']);
    });
  it('is Python under a magic that measures it', () => {
    const middle = '%%time\nasync def one():\n    time.sleep(2)';
    assert.deepEqual(found(middle), ['1 time.sleep(2)', '2 time.sleep(1)']);
  });
  it('is none of this program when another process or a file gets it', () => {
    const middle = '%%writefile one.py\nasync def one():\n    time.sleep(2)';
    assert.deepEqual(found(middle), ['2 time.sleep(1)']);
  });
});

it('keeps an operator at the start of a line', () => {
  const text = 'x = (\n    1\n    != 2\n)';
  assert.equal(joinCells([{ uri: 'a', text }]).text, `${text}\n`);
});
