/** What a run says of a line follows that line through edits: against an editor that marks the line and edits real text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LineEdit, moveLine } from '../../extension/lineMoves.ts';

function edit(from: [number, number], to: [number, number], text: string): LineEdit {
  return {
    at: 0,
    from: { line: from[0], character: from[1] },
    to: { line: to[0], character: to[1] },
    addedLines: text.split('\n').length - 1,
  };
}

test('lines below an edit move, lines above stay', () => {
  const inserted = [edit([4, 0], [4, 0], 'import os\n')];
  assert.deepEqual(moveLine(4, inserted), { line: 4, isChanged: false });
  assert.deepEqual(moveLine(5, inserted), { line: 6, isChanged: false });
  const removed = [edit([4, 0], [7, 0], '')];
  assert.deepEqual(moveLine(4, removed), { line: 4, isChanged: false });
  assert.deepEqual(moveLine(8, removed), { line: 5, isChanged: false });
});

test('a line that is edited says so and stays', () => {
  assert.deepEqual(moveLine(5, [edit([4, 8], [4, 12], 'lock')]), { line: 5, isChanged: true });
  assert.deepEqual(moveLine(5, [edit([4, 30], [4, 30], '\n    pass')]), {
    line: 5,
    isChanged: true,
  });
});

test('a line that is removed goes to the place of the removal', () => {
  assert.deepEqual(moveLine(6, [edit([3, 4], [8, 0], 'x\n')]), { line: 4, isChanged: true });
});

test('edits follow each other', () => {
  const edits = [edit([0, 0], [0, 0], 'a\nb\n'), edit([1, 0], [2, 0], '')];
  assert.deepEqual(moveLine(1, edits), { line: 2, isChanged: false });
});

test('a line of its own text is found again after any edits that leave it alone', () => {
  const piece = fc.constantFrom('', 'x', '\n', 'one\ntwo\n', '    pass\n');
  const change = fc.record({ from: fc.nat(40), length: fc.nat(30), text: piece });
  fc.assert(
    fc.property(fc.nat(9), fc.array(change, { maxLength: 12 }), (marked, changes) => {
      let text = Array.from({ length: 10 }, (_, line) =>
        line === marked ? 'MARK' : `l${line}`,
      ).join('\n');
      const edits: LineEdit[] = [];
      for (const { from, length, text: added } of changes) {
        const start = Math.min(from, text.length);
        const end = Math.min(start + length, text.length);
        const mark = text.indexOf('MARK');
        // An edit that only touches the mark's own letters says nothing about where it is.
        if (start < mark + 4 && end > mark) continue;
        if (start === mark && end === mark && !added.endsWith('\n') && added !== '') continue;
        if (end === mark && start < mark && !/\n$|^$/.test(added)) continue;
        edits.push(edit(position(text, start), position(text, end), added));
        text = text.slice(0, start) + added + text.slice(end);
      }
      const line = text.slice(0, text.indexOf('MARK')).split('\n').length;
      const column = position(text, text.indexOf('MARK'))[1];
      // Joined to the end of another line it is where that line is, which is the same line.
      const moved = moveLine(marked + 1, edits).line;
      if (column === 0) assert.equal(moved, line);
    }),
  );
});

function position(text: string, offset: number): [number, number] {
  const lines = text.slice(0, offset).split('\n');
  return [lines.length - 1, lines.at(-1)!.length];
}
