/**
 * What the probe of Node costs: each workload bare and with the probe inside, and with what Node itself brings, interleaved in one run.
 * `node scripts/with-node.mjs scripts/bench/node.ts [--node PATH,PATH] [--rounds 5] [--size 3] [--only turns,http] [--peers cpu-prof]`
 * Prints CPU-time ratios to bare: the median of the rounds, and from where to where they went; then the time a start takes longer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../../record/interpreter.ts';
import { allNodes, type NodeBinary } from '../nodes.ts';
import { capture, ROOT } from '../project.ts';
import { median } from './median.ts';

const WORKLOADS = ['turns', 'promises', 'http', 'messages', 'atomics', 'pool', 'cpu'] as const;
const STARTS = 15;

/** How a workload is run: what is said to Node, and what the environment adds. */
interface Way {
  readonly name: string;
  options(scratch: string): readonly string[];
  env(scratch: string): NodeJS.ProcessEnv;
}

const BARE: Way = { name: 'bare', options: () => [], env: () => ({}) };
const BOOTSTRAP = join(ROOT, 'probe', 'node', 'bootstrap.cjs');
const PROBE: Way = {
  name: 'interleave',
  options: () => [],
  env: (scratch) => ({ INTERLEAVE_RECORDING: scratch, NODE_OPTIONS: `--require "${BOOTSTRAP}"` }),
};
/** What others are made of: a profile of the CPU, and asynchronous hooks that follow everything and do nothing with it. */
const PEERS: readonly Way[] = [
  {
    name: 'cpu-prof',
    options: (scratch) => ['--cpu-prof', `--cpu-prof-dir=${scratch}`],
    env: () => ({}),
  },
  {
    name: 'async hooks',
    options: () => ['--require', join(ROOT, 'scripts', 'bench', 'workloads', 'node', 'hooks.cjs')],
    env: () => ({}),
  },
];

interface Cost {
  /** CPU seconds of the program and its children. */
  readonly cpu: number;
  /** Wall-clock seconds. */
  readonly wall: number;
  /** Most memory that one of its processes had, bytes. */
  readonly memory: number;
}

const { values } = parseArgs({
  options: {
    node: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '3' },
    only: { type: 'string' },
    peers: { type: 'string', default: PEERS.map(({ name }) => name).join() },
  },
});

function file(workload: string): string {
  return join(ROOT, 'scripts', 'bench', 'workloads', 'node', `${workload}.mjs`);
}

const { path: python } = await findInterpreter();
const wanted = values.peers.split(',');
const ways = [BARE, PROBE, ...PEERS.filter(({ name }) => wanted.includes(name))];
const workloads = WORKLOADS.filter((name) => values.only?.split(',').includes(name) ?? true);

async function measure(way: Way, node: string, program: string): Promise<Cost | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
  try {
    // The meter runs without the probe: only the measured command gets its environment.
    const env = Object.entries(way.env(scratch)).map(([name, value]) => `${name}=${value}`);
    const { text } = await capture(python, [
      '-I',
      join(ROOT, 'scripts', 'bench', 'cpuTime.py'),
      'env',
      ...env,
      `BENCH_SIZE=${values.size}`,
      node,
      ...way.options(scratch),
      program,
    ]);
    const [cpu, wall, memory, code] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
    return code === 0 && cpu !== undefined && wall !== undefined && memory !== undefined
      ? { cpu, wall, memory: memory * 1024 }
      : undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function row(cells: readonly string[], width = 21): void {
  console.log(cells.map((cell) => cell.padEnd(width)).join(''));
}

async function costsOf(
  node: string,
  program: string,
  rounds: number,
): Promise<ReadonlyMap<Way, readonly (Cost | undefined)[]>> {
  const costs = new Map<Way, (Cost | undefined)[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++)
    for (const way of ways) costs.get(way)?.push(await measure(way, node, program));
  return costs;
}

async function compare(node: NodeBinary): Promise<void> {
  const version = node.version.join('.');
  console.log(
    `Node ${version}, ${values.rounds} rounds, size ${values.size}: ratios of CPU time to bare`,
  );
  row(['workload', 'bare s', ...ways.slice(1).map(({ name }) => name)]);
  const middles = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (const workload of workloads) {
    const costs = await costsOf(node.path, file(workload), Number(values.rounds));
    const bare = costs.get(BARE) ?? [];
    const cells = ways.slice(1).map((way) => {
      // To the bare run of the same round, as a machine changes its speed between rounds.
      const ratios = (costs.get(way) ?? []).flatMap((cost, round) => {
        const base = bare[round];
        return cost === undefined || base === undefined ? [] : [cost.cpu / base.cpu];
      });
      if (ratios.length === 0) return 'failed, or too slow';
      const middle = median(ratios);
      middles.get(way)?.push(middle);
      return `${middle.toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
    });
    const base = median(bare.flatMap((cost) => cost?.cpu ?? []));
    row([workload, base.toFixed(2), ...cells]);
  }
  const means = ways.slice(1).map((way) => {
    const all = middles.get(way) ?? [];
    return Math.exp(all.reduce((sum, ratio) => sum + Math.log(ratio), 0) / all.length).toFixed(2);
  });
  row(['geometric mean', '', ...means]);
  await startUp(node);
}

/** How much longer a start takes: medians of many, as one is short. */
async function startUp(node: NodeBinary): Promise<void> {
  const costs = await costsOf(node.path, file('empty'), STARTS);
  const of = (way: Way, pick: (cost: Cost) => number): number =>
    median((costs.get(way) ?? []).flatMap((cost) => (cost === undefined ? [] : pick(cost))));
  console.log('\nstart-up of an empty program, added CPU / wall-clock ms, memory MiB');
  for (const way of ways.slice(1)) {
    const added = (pick: (cost: Cost) => number): number => of(way, pick) - of(BARE, pick);
    const ms = [added(({ cpu }) => cpu), added(({ wall }) => wall)].map((seconds) =>
      (seconds * 1000).toFixed(1),
    );
    const mebibytes = added(({ memory }) => memory) / 2 ** 20;
    row([way.name, `${ms.join(' / ')}, ${mebibytes.toFixed(1)}`]);
  }
  console.log();
}

const asked = values.node?.split(',');
const nodes = (await allNodes()).filter(({ version }) => asked === undefined && version[0]! >= 20);
const chosen: NodeBinary[] = [...nodes];
for (const path of asked ?? []) {
  const { text } = await capture(path, ['-p', 'process.versions.node']);
  chosen.push({ path, version: text.trim().split('.').map(Number) });
}
for (const node of chosen) await compare(node);
