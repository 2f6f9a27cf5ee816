/** Every sample on every Python or Node found: what its header promises comes out, and nothing else. */
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allNodes } from '../../scripts/nodes.ts';
import { allPythons } from '../../scripts/pythons.ts';
import type { Report } from '../../wire/report.ts';
import { interleave, split } from '../cli/cli.ts';
import { judge, loadPrograms, type Program } from '../corpus/corpus.ts';

const FOLDER = fileURLToPath(new URL('../../samples', import.meta.url));
/** A program that is stuck is stuck after this long; waiting longer shows nothing new. */
const STUCK_SECONDS = 5;
/** Samples finish within seconds; this is for machines that are busy with something else. */
const PATIENCE_SECONDS = 60;
const MORE_TURNS = 2;

interface Interpreter {
  readonly path: string;
  readonly version: readonly number[];
}

for (const python of await allPythons()) runAll('python', 'Python', python);
for (const node of await allNodes()) runAll('node', 'Node', node);

function runAll(runtime: Program['runtime'], title: string, { path, version }: Interpreter): void {
  describe(`samples on ${title} ${version.join('.')}`, { concurrency: 2 }, () => {
    for (const program of loadPrograms(FOLDER, runtime)) {
      const reason = unmet(program, version);
      test(relative(FOLDER, program.file), { skip: reason }, async () => {
        let wrong = await wrongIn(program, path);
        // Two samples at once starve each other on a busy machine, and then rightly say so: once more decides.
        for (let turn = 1; turn <= MORE_TURNS && wrong !== undefined; turn++) {
          wrong = await wrongIn(program, path);
        }
        assert.deepEqual(wrong, undefined);
      });
    }
  });
}

/** What the report says wrong or does not say; undefined when all of it is right. */
async function wrongIn(program: Program, interpreter: string): Promise<object | undefined> {
  const isStuck = typeof program.exit !== 'number';
  const seconds = isStuck ? Math.min(STUCK_SECONDS, program.timeout) : PATIENCE_SECONDS;
  const { stdout, stderr } = await interleave([
    ...['run', '--format', 'json', '--timeout', String(seconds)],
    ...[`--${program.runtime}`, interpreter, program.file],
  ]);
  const { missing, wrongLine, falseAlarms, wrongExit } = judge(program, reportOf(stdout, stderr));
  const wrong = [
    ...missing,
    ...wrongLine,
    ...falseAlarms.map((one) => `${one.rule}: ${one.title}`),
  ];
  if (wrong.length === 0 && wrongExit === undefined) return undefined;
  return { missing, wrongLine, falseAlarms, wrongExit };
}

function reportOf(stdout: string, stderr: string): Report {
  try {
    return split(stdout).report;
  } catch {
    return assert.fail(`no report: ${stdout.slice(-500)}\n${stderr.slice(-2000)}`);
  }
}

/** Why a sample cannot run here; false when it can. */
function unmet(program: Program, [major, minor]: readonly number[]): string | false {
  for (const need of program.requires) {
    const [, wantedMajor, wantedMinor] = /^(?:python|node)>=(\d+)\.(\d+)$/.exec(need) ?? [];
    const here = Number(major) * 1000 + Number(minor);
    const isMet =
      wantedMajor === undefined
        ? need === 'fork' && process.platform !== 'win32'
        : here >= Number(wantedMajor) * 1000 + Number(wantedMinor);
    if (!isMet) return `needs ${need}`;
  }
  return false;
}
