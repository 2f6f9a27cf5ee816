/**
 * `npm test`: everything. Units first, then the probe's on every Python, samples and corpus, and the editor. Words after
 * `--` choose stages: units, probe, probe-node, conformance, samples, corpus, editor.
 */
import { buildAll } from './build.ts';
import { capture, has } from './project.ts';
import { allPythons } from './pythons.ts';
import { better, NOTHING, readFailures, readTally, sum, type Tally, told } from './tally.ts';
import { testNode } from './testNode.ts';
import { testPython } from './testPython.ts';

const pythons = await allPythons();
console.log(`Pythons: ${pythons.map(({ version }) => version.join('.')).join(', ') || 'none'}`);
await buildAll();

const STAGES: Readonly<Record<string, () => Promise<Tally>>> = {
  units: () =>
    testNode(
      ['test/{base,wire,record,engine,server,cli,extension,webview,scripts,corpus}/**/*.test.ts'],
      2,
    ),
  probe: () => testPython(pythons),
  'probe-node': () => testNode(['test/probe-node/*.test.ts'], 1),
  conformance: () => testNode(['test/conformance/*.test.ts'], 1),
  // One file at a time: it runs two programs at once itself, and each wants a core.
  samples: () => testNode(['test/samples/*.test.ts'], 1),
  corpus: () => script('test/corpus/runCorpus.ts', corpusTally),
  editor: () => script('scripts/testEditor.ts', readTally),
};

/**
 * Stages that drive a real editor, real kills or CPython's own suites on whatever machine this is: one that failed is run once more,
 * and what failed in both runs has failed; where tests are not named, the second result counts. Both are printed.
 */
const ONCE_MORE: ReadonlySet<string> = new Set(['conformance', 'editor', 'probe-node']);

const asked = process.argv.slice(2);
for (const stage of asked) {
  if (Object.hasOwn(STAGES, stage)) continue;
  console.error(`There is no stage ${stage}; there are ${Object.keys(STAGES).join(', ')}.`);
  process.exit(2);
}

const tallies: Tally[] = [];
for (const [name, stage] of Object.entries(STAGES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const began = performance.now();
  let tally = await stage();
  if (tally.failed > 0 && ONCE_MORE.has(name)) {
    console.log(`── ${name}: ${told(tally)}; once more`);
    tally = better(tally, await stage());
  }
  tallies.push(tally);
  console.log(`── ${name}: ${told(tally)}, ${Math.round((performance.now() - began) / 1000)} s\n`);
}
const all = sum(tallies);
console.log(told(all));
// Nothing failed because nothing ran is no success.
process.exitCode = all.failed > 0 || all.passed === 0 ? 1 : 0;

/** A stage that is a script of its own; absent parts count nothing. */
async function script(path: string, read: (text: string) => Tally | undefined): Promise<Tally> {
  if (!has(path)) return NOTHING;
  const { code, text } = await capture(process.execPath, [path]);
  console.log(text);
  const tally = { ...(read(text) ?? NOTHING), names: readFailures(text) };
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** The TOTAL line: programs, right ones, … */
function corpusTally(text: string): Tally | undefined {
  const [, programs, right] = (/^TOTAL\s+(\d+)\s+(\d+)/m.exec(text) ?? []).map(Number);
  const skipped = Number(/^(\d+) skipped/m.exec(text)?.[1] ?? 0);
  if (programs === undefined || right === undefined) return undefined;
  return { passed: right, failed: programs - right, skipped };
}
