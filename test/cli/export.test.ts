/** `interleave export`: a real program's recording in each format, and what is said when it cannot be. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeParts } from '../../record/wholeFile.ts';
import { EXPORT_FORMATS } from '../../wire/exportFormats.ts';
import { interleave, program } from './cli.ts';

const PROGRAM = `import threading, time
lock = threading.Lock()
def work():
    with lock:
        time.sleep(0.1)
threads = [threading.Thread(target=work, name=f"worker-{n}") for n in range(3)]
for one in threads: one.start()
for one in threads: one.join()
`;

test('every format from one recording', async (t) => {
  const file = program(t, PROGRAM);
  const folder = dirname(file);
  const recording = join(folder, 'run.interleave');
  await interleave(['run', '-q', '-o', recording, file]);
  for (const [format, { extension }] of Object.entries(EXPORT_FORMATS)) {
    const target = join(folder, `run.${extension}`);
    const made = await interleave(['export', recording, '--format', format], { cwd: folder });
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, new RegExp(`^run\\.${extension}: .*Open it with`));
    const content = readFileSync(target);
    assert.ok(content.includes('worker-1'), `${format} names the threads`);
    if (extension.endsWith('json')) JSON.parse(content.toString());
  }
  // What is there under the name that we chose stays.
  const again = await interleave(['export', recording], { cwd: folder });
  assert.equal(again.status, 2);
  assert.match(again.stderr, /is there already\.\nName another file with --output/);
  const named = await interleave(['export', recording, '-o', 'run.perfetto-trace'], {
    cwd: folder,
  });
  assert.equal(named.status, 0, 'a name that was asked for is replaced');
});

test('what cannot be exported is said before anything is written', async (t) => {
  const file = program(t, 'print(1)\n');
  const folder = dirname(file);
  const says = async (...args: string[]): Promise<string> => {
    const { status, stderr } = await interleave(['export', ...args], { cwd: folder });
    assert.equal(status, 2);
    return stderr;
  };
  assert.match(await says(), /Which recording\?/);
  assert.match(await says('a', 'b'), /One recording at a time/);
  assert.match(await says('a', '--format', 'xml'), /--format is perfetto or chrome or speedscope/);
  assert.match(await says('a', '-o', 'no/such/folder/x'), /does not exist/);
  writeFileSync(join(folder, 'noise.interleave'), 'not a recording');
  assert.match(await says('noise.interleave'), /recording/);
  assert.deepEqual(readdirSync(folder).sort(), ['noise.interleave', 'program.py']);
});

test('a file that is given up leaves nothing', async (t) => {
  const folder = dirname(program(t, ''));
  const stopping = new AbortController();
  function* parts(): Generator<string> {
    for (let part = 0; part < 8; part++) {
      if (part === 4) stopping.abort();
      yield 'x'.repeat(1 << 18);
    }
  }
  await assert.rejects(writeParts(join(folder, 'out.json'), parts(), stopping.signal));
  mkdirSync(join(folder, 'taken'));
  await assert.rejects(
    writeParts(join(folder, 'taken'), ['x'], new AbortController().signal),
    /could not be written/,
  );
  assert.deepEqual(readdirSync(folder).sort(), ['program.py', 'taken']);
  assert.equal(existsSync(join(folder, 'out.json')), false);
});
