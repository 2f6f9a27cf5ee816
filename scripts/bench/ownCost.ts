/**
 * What single hooks of the probe cost, for its estimate of its own cost: `costs.py` holds what this prints.
 * `node scripts/with-node.mjs scripts/bench/ownCost.ts [--python PATH] [--rounds 40] [--only NAME,…]`
 * Two processes do the same by turns, one with the probe, for a moment each; medians of the differences, in CPU ns of the
 * usual machine. Prices are found so that what is counted and priced comes near to what was measured, everywhere.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../../record/interpreter.ts';
import { capture, ROOT } from '../project.ts';
import { median } from './median.ts';

const WAYS = {
  native: 'core=native',
  'native full': 'core=native;detail=full',
  python: 'core=python',
} as const;
type Way = keyof typeof WAYS;

/** One answer of `operations.py`. */
interface Answer {
  readonly times: number;
  readonly cpu: number;
  readonly measured: number;
  readonly counted: readonly number[];
}

/** Of one operation done once, ns. */
interface Row {
  readonly operation: string;
  readonly way: Way;
  readonly bare: number;
  /** What it costs more under the probe. */
  readonly more: number;
  /** What the probe has measured of that itself. */
  readonly measured: number;
  readonly counted: readonly number[];
  /** How far off `more` may be. */
  readonly error: number;
}

/** Nothing is known better than to this share of itself, or of the bare cost. */
const UNSURE = 0.2;
const NOISE = 0.01;
/** Where the probe's own function does the work of the interpreter's it may save more than it costs. */
const MAY_SAVE = new Set(['locks', 'own', 'steps', 'handles']);
/** How much a price is held where it stands when nothing says that it is wrong. */
const HELD = 0.01;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '40' },
    only: { type: 'string' },
  },
});
const SCRIPT = join(ROOT, 'scripts', 'bench', 'operations.py');
const python = await findInterpreter({ python: values.python });
const { text } = await capture(python.path, [SCRIPT]);
const known = JSON.parse(text) as {
  readonly operations: readonly string[];
  readonly native: Readonly<Record<string, number>>;
  readonly python: Readonly<Record<string, number>>;
};
const chosen = known.operations.filter(
  (name) => values.only === undefined || values.only.split(',').includes(name),
);

class Worker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'interleave-own-'));
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(operation: string, options: string | undefined) {
    this.#process = spawn(python.path, [SCRIPT, operation], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env:
        options === undefined
          ? process.env
          : {
              ...process.env,
              INTERLEAVE_RECORDING: this.#folder,
              INTERLEAVE_OPTIONS: options,
              PYTHONPATH: join(ROOT, 'probe', 'python', 'bootstrap'),
            },
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async work(): Promise<Answer> {
    this.#process.stdin.write('\n');
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('it has ended');
    return JSON.parse(value) as Answer;
  }

  end(): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function measure(operation: string): Promise<readonly Row[]> {
  const names = Object.keys(WAYS) as Way[];
  const bare = new Worker(operation, undefined);
  const workers = names.map((way) => new Worker(operation, WAYS[way]));
  const answers: (readonly Answer[])[] = [];
  try {
    for (let round = -3; round < Number(values.rounds); round++) {
      const all: Answer[] = [await bare.work()];
      for (const worker of workers) all.push(await worker.work());
      // The first ones are not what it is like later on.
      if (round >= 0) answers.push(all);
    }
  } finally {
    for (const worker of [bare, ...workers]) worker.end();
  }
  const of = (pick: (answer: Answer) => number, column: number): number[] =>
    answers.map((all) => pick(all[column] as Answer) / (all[column] as Answer).times);
  const bareCpu = of(({ cpu }) => cpu, 0);
  return names.map((way, index) => {
    const column = index + 1;
    const cpu = of(({ cpu }) => cpu, column);
    const more = cpu.map((took, round) => took - (bareCpu[round] ?? 0));
    const kinds = answers[0]?.[column]?.counted ?? [];
    return {
      operation,
      way,
      bare: median(bareCpu),
      more: median(more),
      error: spread(more) / Math.sqrt(more.length),
      // Some rounds have a look of the watcher's, some a new period, so no medians.
      measured: mean(of(({ measured }) => measured, column)),
      counted: kinds.map((_, kind) => mean(of(({ counted }) => counted[kind] ?? 0, column))),
    };
  });
}

/** As the standard deviation, without what lies far outside. */
function spread(numbers: readonly number[]): number {
  const middle = median(numbers);
  return 1.48 * median(numbers.map((number) => Math.abs(number - middle)));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Prices that come nearest to what was measured, each row weighed by how well that is known. */
function fit(rows: readonly Row[], names: readonly string[], now: readonly number[]): number[] {
  const prices = [...now];
  const scale = ({ more, bare, error }: Row): number =>
    Math.hypot(UNSURE * more, NOISE * bare, error);
  for (let pass = 0; pass < 2000; pass++) {
    for (const [kind, before] of now.entries()) {
      const hold = HELD / Math.max(before ** 2, 1);
      let [above, below] = [hold * before, hold];
      for (const row of rows) {
        const each = (row.counted[kind] ?? 0) / scale(row);
        const others = estimated(row, prices) - (row.counted[kind] ?? 0) * (prices[kind] ?? 0);
        above += (each * (row.more - others)) / scale(row);
        below += each * each;
      }
      const least = MAY_SAVE.has(names[kind] ?? '') ? Number.NEGATIVE_INFINITY : 0;
      prices[kind] = Math.max(least, above / below);
    }
  }
  return prices;
}

function estimated(row: Row, prices: readonly number[]): number {
  return row.counted.reduce(
    (sum, number, kind) => sum + number * (prices[kind] ?? 0),
    row.measured,
  );
}

const rows: Row[] = [];
for (const operation of chosen) rows.push(...(await measure(operation)));
for (const core of ['native', 'python'] as const) {
  const own = rows.filter(({ way }) => way.startsWith(core));
  const names = Object.keys(known[core]);
  const before = Object.values(known[core]);
  const after = fit(own, names, before);
  console.log(`\n${core} core, Python ${python.version.join('.')}: ns of one`);
  print(['', 'bare', 'measured', 'estimated', 'with new prices', 'counted']);
  for (const row of own) {
    const counted = row.counted
      .map((number, kind) => `${number.toFixed(3)} ${names[kind]}`)
      .filter((text) => !text.startsWith('0.000'));
    const [bare, now, then] = [row.bare, estimated(row, before), estimated(row, after)].map((ns) =>
      ns.toFixed(0),
    );
    const more = `${row.more.toFixed(0)} ± ${row.error.toFixed(0)}`;
    const name = `${row.operation}${row.way.endsWith('full') ? ', full' : ''}`;
    print([name, bare ?? '', more, now ?? '', then ?? '', counted.join(', ')]);
  }
  print(['price', 'now', 'new']);
  for (const [kind, name] of names.entries()) {
    print([name, String(before[kind]), (after[kind] ?? 0).toFixed(0)]);
  }
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, index) => cell.padEnd(index === 0 ? 26 : 16)).join(''));
}
