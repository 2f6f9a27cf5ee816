/**
 * What the probe costs: each workload bare, under the native core and under the Python one, interleaved in one run.
 * `node scripts/with-node.mjs scripts/bench/probe.ts [--python PATH] [--rounds 5] [--size 3] [--only lock,tpe] [--peers all|py-spy,yappi]`
 * Prints CPU-time ratios to bare: the median of the rounds, and from where to where they went. Then what the probe has cost beside
 * what it says itself that it has cost, the size of the recordings on disk and in memory, and the time a start takes longer.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../../record/interpreter.ts';
import { capture, ROOT } from '../project.ts';
import { median } from './median.ts';
import {
  byTurns,
  type Cost,
  costsOf,
  geometricMean,
  measureCommand,
  medianOf,
  ratioCell,
  ratiosToBare,
  row,
  withScratch,
} from './sideBySide.ts';

const WORKLOADS = [
  'lock',
  'lockwork',
  'contended',
  'rlock',
  'queue_',
  'tpe',
  'gather',
  'aprims',
  'fib',
  'ppe',
  'echo',
  'service',
] as const;

/** How a workload is run: the command in front of the file, and what the environment adds. */
interface Way {
  readonly name: string;
  command(python: string, scratch: string): readonly string[];
  env(scratch: string): NodeJS.ProcessEnv;
}

const bare: Way = { name: 'bare', command: (python) => [python], env: () => ({}) };

function probe(name: string, options: string): Way {
  return {
    name,
    command: (python) => [python],
    env: (scratch) => ({
      INTERLEAVE_RECORDING: scratch,
      INTERLEAVE_OPTIONS: options,
      PYTHONPATH: join(ROOT, 'probe', 'python', 'bootstrap'),
    }),
  };
}

function peer(name: string, ...front: readonly string[]): Way {
  return {
    name,
    command: (python, scratch) =>
      front.map((part) => part.replace('PYTHON', python).replace('OUT', scratch)),
    env: () => ({}),
  };
}

const OURS: readonly Way[] = [
  bare,
  probe('native', 'core=native'),
  probe('native full', 'core=native;detail=full'),
  probe('python', 'core=python'),
];

/** Other people's profilers, by the package that pip must find; a way whose package is missing is left out, and said. */
const PEERS: readonly (readonly [packageName: string, way: Way])[] = [
  ['', peer('cProfile', 'PYTHON', '-m', 'cProfile', '-o', 'OUT/profile')],
  ['viztracer', peer('viztracer', 'PYTHON', '-m', 'viztracer', '-o', 'OUT/trace.json')],
  ['yappi', peer('yappi', 'PYTHON', '-m', 'yappi', '-o', 'OUT/profile')],
  ['pyinstrument', peer('pyinstrument', 'PYTHON', '-m', 'pyinstrument', '-o', 'OUT/profile.txt')],
  ['scalene', peer('scalene', 'PYTHON', '-m', 'scalene', 'run', '-o', 'OUT/profile.json')],
  ['py-spy', peer('py-spy', 'BIN/py-spy', 'record', '-o', 'OUT/profile.svg', '--', 'PYTHON')],
  ['austin-dist', peer('austin', 'BIN/austin', '-i', '1ms', '-o', 'OUT/profile', 'PYTHON')],
  ['', { ...peer('asyncio debug', 'PYTHON'), env: () => ({ PYTHONASYNCIODEBUG: '1' }) }],
];

interface ProbedCost extends Cost {
  /** What the probe says that it has cost, CPU seconds; 0 without one. */
  readonly own: number;
  readonly records: number;
  /** Bytes of rings and definitions. */
  readonly bytes: number;
}

const STARTS = 15;
const HEADER = { head: 40, overhead: 56, bytes: 80 } as const;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '3' },
    only: { type: 'string' },
    peers: { type: 'string' },
  },
});

/** What the streams in a folder say of themselves. */
function recorded(folder: string): Omit<ProbedCost, keyof Cost> {
  let [own, records, bytes] = [0, 0, 0];
  for (const name of readdirSync(folder).filter((file) => /\.(ring|defs)$/.test(file))) {
    // What is really there: a ring of the Python core is mapped whole and filled step by step.
    const { blocks, size } = statSync(join(folder, name));
    bytes += blocks > 0 ? blocks * 512 : size;
    if (!name.endsWith('.ring')) continue;
    const header = readFileSync(join(folder, name)).subarray(0, HEADER.bytes);
    if (header.length < HEADER.bytes) continue;
    own += Number(header.readBigUInt64LE(HEADER.overhead)) / 1e9;
    records += Number(header.readBigUInt64LE(HEADER.head));
  }
  return { own, records, bytes };
}

function measure(way: Way, python: string, file: string): Promise<ProbedCost | undefined> {
  return withScratch(async (scratch) => {
    const cost = await measureCommand(python, [...way.command(python, scratch), file], {
      ...way.env(scratch),
      BENCH_SIZE: values.size,
    });
    return cost && { ...cost, ...recorded(scratch) };
  });
}

/** The peers that could be installed into a folder of our own, beside the interpreter that is measured. */
async function installPeers(
  python: string,
  wanted: string,
): Promise<{ ways: readonly Way[]; python: string }> {
  const folder = join(ROOT, '.cache', 'bench-peers');
  const own = join(folder, 'bin', 'python');
  if (!existsSync(own)) await capture(python, ['-m', 'venv', folder]);
  const ways: Way[] = [];
  for (const [name, way] of PEERS) {
    if (wanted !== 'all' && !wanted.split(',').includes(way.name)) continue;
    const { code } =
      name === '' ? { code: 0 } : await capture(own, ['-m', 'pip', 'install', '-q', name]);
    if (code !== 0) {
      console.log(`${name} could not be installed and is left out.`);
      continue;
    }
    const command: Way['command'] = (path, scratch) =>
      way.command(path, scratch).map((part) => part.replace('BIN', join(folder, 'bin')));
    const whole = { ...way, command };
    // Not the empty program: samplers fail on one that is over before their first look.
    if ((await measure(whole, own, file('tpe'))) === undefined) {
      console.log(`${way.name} is installed but does not run here, and is left out.`);
      continue;
    }
    ways.push(whole);
  }
  return { ways, python: own };
}

function file(workload: string): string {
  return join(ROOT, 'scripts', 'bench', 'workloads', `${workload}.py`);
}

const EMPTY = file('empty');
const interpreter = await findInterpreter({ python: values.python });
const peers =
  values.peers === undefined ? undefined : await installPeers(interpreter.path, values.peers);
const python = peers?.python ?? interpreter.path;
const ways = [...OURS, ...(peers?.ways ?? [])];
const workloads = WORKLOADS.filter(
  (name) => values.only === undefined || values.only.split(',').includes(name),
);
const products = new Map<string, number[]>();
const said: string[][] = [];
console.log(
  `Python ${interpreter.version.join('.')}, ${values.rounds} rounds, size ${values.size}: ratios of CPU time to bare`,
);
row(['workload', 'bare s', ...ways.slice(1).map((way) => way.name)]);
for (const workload of workloads) {
  const costs = await byTurns(ways, Number(values.rounds), (way) =>
    measure(way, python, file(workload)),
  );
  const bares = costsOf(costs, bare);
  const cells = ways.slice(1).map((way) => {
    const ratios = ratiosToBare(costs, way, bare);
    if (ratios.length > 0)
      products.set(way.name, [...(products.get(way.name) ?? []), median(ratios)]);
    return ratioCell(ratios);
  });
  const name = workload.replace('_', '');
  row([name, medianOf(bares, ({ cpu }) => cpu).toFixed(2), ...cells]);
  said.push([name, ...OURS.slice(1).map((way) => inWords(costsOf(costs, way), bares))]);
}
row([
  'geometric mean',
  '',
  ...ways.slice(1).map((way) => geometricMean(products.get(way.name) ?? [])),
]);
console.log(
  '\nCPU time measured / as the probe estimates it (their ratio where it can be told), records, recording, memory added',
);
row(['workload', ...OURS.slice(1).map((way) => way.name)], 62);
for (const cells of said) row(cells, 62);
await startUp();

/** What one way of recording one workload has cost, beside what it says that it has; per million records where there are many. */
function inWords(all: readonly ProbedCost[], bares: readonly ProbedCost[]): string {
  if (all.length === 0) return 'failed';
  const base = medianOf(bares, ({ cpu }) => cpu);
  const measured = medianOf(all, ({ cpu }) => cpu) - base;
  const estimated = medianOf(all, ({ own }) => own);
  // Below that the machine's own noise is measured.
  const ratio =
    measured > 0.03 && measured > base * 0.03 ? ` (${(measured / estimated).toFixed(2)})` : '';
  const millions = medianOf(all, ({ records }) => records) / 1e6;
  const sizes = [
    medianOf(all, ({ bytes }) => bytes),
    medianOf(all, ({ memory }) => memory) - medianOf(bares, ({ memory }) => memory),
  ].map((bytes) => bytes / 2 ** 20);
  const shown = sizes.map((size) =>
    millions < 0.1
      ? `${size.toFixed(1)} MiB`
      : `${size.toFixed(1)} MiB (${(size / millions).toFixed(0)}/M)`,
  );
  return `${(measured * 1000).toFixed(0)} / ${(estimated * 1000).toFixed(0)} ms${ratio}, ${millions.toFixed(2)} M, ${shown.join(', ')}`;
}

/** How much longer a start takes, without asyncio: medians of many, as one is short. */
async function startUp(): Promise<void> {
  const costs = await byTurns(OURS, STARTS, (way) => measure(way, python, EMPTY));
  console.log('\nstart-up of an empty program, added CPU / wall-clock ms');
  for (const way of OURS.slice(1)) {
    const added = (pick: (cost: Cost) => number): string =>
      ((medianOf(costsOf(costs, way), pick) - medianOf(costsOf(costs, bare), pick)) * 1000).toFixed(
        1,
      );
    row([way.name, `${added(({ cpu }) => cpu)} / ${added(({ wall }) => wall)}`]);
  }
}
