/**
 * `npm run conformance [-- --python PATH] [--core native|python] [--short] [--only suites|stacks|table]
 * [--part N/OF] [--detail full] [suite…]`: CPython's own tests and small programs of third-party stacks, bare and under the probe,
 * compared and written to `docs/conformance.md`. `--part` runs every OF-th test, for suites that take too long at once;
 * with `--only stacks` programs are named instead of suites. `--detail full` runs suites with all that can be recorded, and
 * says how they end without a place in the document's table.
 */
import { parseArgs } from 'node:util';
import { findInterpreter, type Interpreter } from '../record/interpreter.ts';
import { type Comparison, compareSuite, type Part } from './conformance/compare.ts';
import type { Core } from './conformance/regrtest.ts';
import { runStacks, stackPrograms } from './conformance/stacks.ts';
import { SHORT, SUITES, type Suite } from './conformance/suites.ts';
import { cell, keep, keepStack, together, writeDocument } from './conformance/table.ts';
import { allPythons } from './pythons.ts';

const CORES: readonly Core[] = ['native', 'python'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', multiple: true },
    core: { type: 'string' },
    only: { type: 'string' },
    part: { type: 'string' },
    detail: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
});

const cores = CORES.filter((core) => values.core === undefined || core === values.core);
if (cores.length === 0) {
  console.error(`There is no core ${values.core}; there are ${CORES.join(' and ')}.`);
  process.exit(2);
}
const pythons = await chosen(values.python);
const part = partOf(values.part);
const full = values.detail === 'full';
let broken = 0;

if (values.only === 'table') writeDocument();
else if (values.only !== 'stacks') {
  // Suite by suite, so that a run cut short has the telling ones on every version.
  for (const suite of suites()) {
    for (const python of pythons) {
      if (suite.since !== undefined && python.version[1] < suite.since) continue;
      for (const comparison of await compareSuite(
        {
          python: python.path,
          version: python.version.join('.'),
          suite,
          ...part,
          detail: full ? 'full' : 'default',
        },
        cores,
      )) {
        if (!full) keep(comparison);
        tell(comparison);
      }
      if (!full) writeDocument();
    }
  }
}
if (values.only === 'stacks' || (values.only === undefined && positionals.length === 0)) {
  const programs = stackPrograms().filter(
    (name) => positionals.length === 0 || positionals.includes(name.replace(/\.py$/, '')),
  );
  for await (const result of runStacks(pythons, cores, programs)) {
    if (typeof result === 'string') {
      console.log(`skipped: ${result}`);
      continue;
    }
    keepStack(result);
    if (result.difference !== undefined) broken++;
    const { program, version, core, difference = 'same' } = result;
    console.log(`${version.padEnd(8)} ${core.padEnd(7)} ${program.padEnd(24)} ${difference}`);
  }
  writeDocument();
}
process.exitCode = broken > 0 ? 1 : 0;

function tell(comparison: Comparison): void {
  const { version, suite, core, ended, seconds, differences } = comparison;
  const took = seconds.map((each) => `${each.toFixed(0)} s`).join(' / ');
  const text = together([comparison]).map(cell).join();
  console.log(`${version.padEnd(8)} ${core.padEnd(7)} ${suite.padEnd(34)} ${text} (${took})`);
  if (ended[0] !== ended[1]) console.log(`    ended ${ended[0]} bare, ${ended[1]} under the probe`);
  for (const { test, bare, probed, verdict } of differences) {
    console.log(`    ${verdict}: ${test}: ${bare} bare, ${probed} under the probe`);
  }
  if (!comparison.probed || differences.some(({ verdict }) => verdict === 'broken')) broken++;
}

function suites(): readonly Suite[] {
  if (positionals.length > 0) {
    return positionals.map(
      (name) => SUITES.find((suite) => suite.name === name) ?? { name, patience: 600 },
    );
  }
  return values.short ? SHORT : SUITES;
}

function partOf(text: string | undefined): { readonly part?: Part } {
  if (text === undefined) return {};
  const [number = 0, of = 0] = text.split('/').map(Number);
  if (Number.isInteger(of) && Number.isInteger(number) && number > 0 && number <= of) {
    return { part: { number, of } };
  }
  console.error(`There is no part ${text}; the first of three is 1/3.`);
  process.exit(2);
}

async function chosen(paths: readonly string[] | undefined): Promise<readonly Interpreter[]> {
  if (paths === undefined) {
    const all = await allPythons();
    // Newest first: what most people have.
    return [...all].reverse();
  }
  return Promise.all(paths.map((python) => findInterpreter({ python })));
}
