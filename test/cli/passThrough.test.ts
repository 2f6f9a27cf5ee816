/** A program's output on its way through us. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { passThrough } from '../../cli/passThrough.ts';
import { closeWriteEnd, makePipe } from '../../record/pipe.ts';

const MORE_THAN_A_PIPE_HOLDS = 300_000;

test('a source that has ended is done when its last words have arrived', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pass-'));
  const pipe = makePipe(folder, 'out');
  if (pipe === undefined) {
    t.skip('there are no named pipes here');
    return;
  }
  try {
    const source = new Readable({ read: () => undefined });
    source.push(`${'x'.repeat(MORE_THAN_A_PIPE_HOLDS)}\n`);
    source.push(null);
    const through = passThrough(source, pipe.writeEnd);
    const done = through.finish(50);
    // Nobody reads yet.
    assert.equal(await Promise.race([done, sleep(200, 'waiting')]), 'waiting');
    let read = '';
    pipe.readable.on('data', (chunk: Buffer) => {
      read += chunk.toString();
    });
    await done;
    await sleep(50);
    assert.equal(read.length, MORE_THAN_A_PIPE_HOLDS + 1);
    assert.ok(through.atLineStart);
  } finally {
    closeWriteEnd(pipe);
    pipe.readable.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
});
