/**
 * What the probe of Node costs: each workload bare and with the probe inside, and with what Node itself brings, interleaved in one run.
 * `node scripts/with-node.mjs scripts/bench/node.ts [--node PATH,PATH] [--rounds 5] [--size 3] [--only turns,http] [--peers cpu-prof]`
 * Prints CPU-time ratios to bare: the median of the rounds, and from where to where they went; then the time a start takes longer.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../../record/interpreter.ts';
import { allNodes, type NodeBinary } from '../nodes.ts';
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

function measure(way: Way, node: string, program: string): Promise<Cost | undefined> {
  return withScratch((scratch) =>
    measureCommand(python, [node, ...way.options(scratch), program], {
      ...way.env(scratch),
      BENCH_SIZE: values.size,
    }),
  );
}

async function compare(node: NodeBinary): Promise<void> {
  const version = node.version.join('.');
  console.log(
    `Node ${version}, ${values.rounds} rounds, size ${values.size}: ratios of CPU time to bare`,
  );
  row(['workload', 'bare s', ...ways.slice(1).map(({ name }) => name)]);
  const middles = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (const workload of workloads) {
    const program = file(workload);
    const costs = await byTurns(ways, Number(values.rounds), (way) =>
      measure(way, node.path, program),
    );
    const cells = ways.slice(1).map((way) => {
      const ratios = ratiosToBare(costs, way, BARE);
      if (ratios.length > 0) middles.get(way)?.push(median(ratios));
      return ratioCell(ratios);
    });
    const base = medianOf(costsOf(costs, BARE), ({ cpu }) => cpu);
    row([workload, base.toFixed(2), ...cells]);
  }
  row(['geometric mean', '', ...ways.slice(1).map((way) => geometricMean(middles.get(way) ?? []))]);
  await startUp(node);
}

/** How much longer a start takes: medians of many, as one is short. */
async function startUp(node: NodeBinary): Promise<void> {
  const costs = await byTurns(ways, STARTS, (way) => measure(way, node.path, file('empty')));
  console.log('\nstart-up of an empty program, added CPU / wall-clock ms, memory MiB');
  for (const way of ways.slice(1)) {
    const added = (pick: (cost: Cost) => number): number =>
      medianOf(costsOf(costs, way), pick) - medianOf(costsOf(costs, BARE), pick);
    const ms = [added(({ cpu }) => cpu), added(({ wall }) => wall)].map((seconds) =>
      (seconds * 1000).toFixed(1),
    );
    const mebibytes = added(({ memory }) => memory) / 2 ** 20;
    row([way.name, `${ms.join(' / ')}, ${mebibytes.toFixed(1)}`]);
  }
  console.log();
}

async function chosenNodes(): Promise<readonly NodeBinary[]> {
  if (values.node === undefined)
    return (await allNodes()).filter(({ version }) => version[0]! >= 20);
  return Promise.all(
    values.node.split(',').map(async (path) => {
      const { text } = await capture(path, ['-p', 'process.versions.node']);
      return { path, version: text.trim().split('.').map(Number) };
    }),
  );
}

for (const node of await chosenNodes()) await compare(node);
