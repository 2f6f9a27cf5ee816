/**
 * What the probe costs: each workload bare, under the native core and under the Python one, interleaved in one run.
 * `node scripts/with-node.mjs scripts/bench/probe.ts [--python PATH] [--rounds 5] [--size 3] [--only lock,tpe] [--peers]`
 * Prints CPU-time ratios to bare: the median of the rounds, and from where to where they went.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../../record/interpreter.ts';
import { capture, ROOT } from '../project.ts';

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
  ['scalene', peer('scalene', 'PYTHON', '-m', 'scalene', '--cli', '--outfile', 'OUT/profile.txt')],
  ['py-spy', peer('py-spy', 'BIN/py-spy', 'record', '-o', 'OUT/profile.svg', '--', 'PYTHON')],
  ['austin-dist', peer('austin', 'BIN/austin', '-i', '1ms', '-o', 'OUT/profile', 'PYTHON')],
];

interface Cost {
  readonly cpu: number;
  readonly memory: number;
}

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '3' },
    only: { type: 'string' },
    peers: { type: 'boolean', default: false },
  },
});

async function measure(way: Way, python: string, workload: string): Promise<Cost | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
  try {
    const file = join(ROOT, 'scripts', 'bench', 'workloads', `${workload}.py`);
    const meter = join(ROOT, 'scripts', 'bench', 'cpuTime.py');
    // The meter runs without the probe: only the measured command gets its environment.
    const env = Object.entries(way.env(scratch)).map(([name, value]) => `${name}=${value}`);
    const { text } = await capture(python, [
      '-I',
      meter,
      'env',
      ...env,
      `BENCH_SIZE=${values.size}`,
      ...way.command(python, scratch),
      file,
    ]);
    const [cpu, , memory, code] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    return code === 0 && cpu !== undefined && memory !== undefined ? { cpu, memory } : undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The peers that could be installed into a folder of our own, beside the interpreter that is measured. */
async function installPeers(python: string): Promise<{ ways: readonly Way[]; python: string }> {
  const folder = join(ROOT, '.cache', 'bench-peers');
  const own = join(folder, 'bin', 'python');
  if (!existsSync(own)) await capture(python, ['-m', 'venv', folder]);
  const ways: Way[] = [];
  for (const [name, way] of PEERS) {
    const { code } =
      name === '' ? { code: 0 } : await capture(own, ['-m', 'pip', 'install', '-q', name]);
    if (code !== 0) {
      console.log(`${name} could not be installed and is left out.`);
      continue;
    }
    const command: Way['command'] = (path, scratch) =>
      way.command(path, scratch).map((part) => part.replace('BIN', join(folder, 'bin')));
    ways.push({ ...way, command });
  }
  return { ways, python: own };
}

const interpreter = await findInterpreter({ python: values.python });
const peers = values.peers ? await installPeers(interpreter.path) : undefined;
const python = peers?.python ?? interpreter.path;
const ways = [...OURS, ...(peers?.ways ?? [])];
const workloads = WORKLOADS.filter(
  (name) => values.only === undefined || values.only.split(',').includes(name),
);
const products = new Map<string, number[]>();
console.log(
  `Python ${interpreter.version.join('.')}, ${values.rounds} rounds, size ${values.size}: ratios of CPU time to bare`,
);
console.log(
  ['workload', 'bare s', ...ways.slice(1).map((way) => way.name)]
    .map((cell) => cell.padEnd(18))
    .join(''),
);
for (const workload of workloads) {
  const costs = new Map<string, number[]>(ways.map((way) => [way.name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const way of ways) {
      const cost = await measure(way, python, workload);
      if (cost !== undefined) costs.get(way.name)?.push(cost.cpu);
    }
  }
  const base = median(costs.get('bare') ?? []);
  const cells = ways.slice(1).map((way) => {
    const ratios = (costs.get(way.name) ?? []).map((cpu) => cpu / base);
    if (ratios.length === 0) return 'failed';
    const middle = median(ratios);
    products.set(way.name, [...(products.get(way.name) ?? []), middle]);
    return `${middle.toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
  });
  console.log(
    [workload.replace('_', ''), base.toFixed(2), ...cells].map((cell) => cell.padEnd(18)).join(''),
  );
}
const means = ways.slice(1).map((way) => {
  const ratios = products.get(way.name) ?? [];
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(
    2,
  );
});
console.log(['geometric mean', '', ...means].map((cell) => cell.padEnd(18)).join(''));
