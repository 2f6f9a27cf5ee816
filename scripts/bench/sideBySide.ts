/** Several ways to run one workload, by turns in one run: what each costs, as ratios to the bare one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, ROOT } from '../project.ts';
import { median } from './median.ts';

export interface Cost {
  /** CPU seconds of the program and its children. */
  readonly cpu: number;
  /** Wall-clock seconds. */
  readonly wall: number;
  /** Most memory that one of its processes had, bytes. */
  readonly memory: number;
}

/** What each way cost round by round; undefined where it failed. */
export type Rounds<W, C extends Cost> = ReadonlyMap<W, readonly (C | undefined)[]>;

/** Runs a command to its end. @param meter the Python that takes the time. @returns undefined when the command failed. */
export async function measureCommand(
  meter: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Cost | undefined> {
  // The meter itself runs without the probe: only the measured command gets its environment.
  const added = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const script = join(ROOT, 'scripts', 'bench', 'cpuTime.py');
  const { text } = await capture(meter, ['-I', script, 'env', ...added, ...command]);
  const [cpu, wall, memory, code] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return code === 0 && cpu !== undefined && wall !== undefined && memory !== undefined
    ? { cpu, wall, memory: memory * 1024 }
    : undefined;
}

export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function byTurns<W, C extends Cost>(
  ways: readonly W[],
  rounds: number,
  measure: (way: W) => Promise<C | undefined>,
): Promise<Rounds<W, C>> {
  const costs = new Map<W, (C | undefined)[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++)
    for (const way of ways) costs.get(way)?.push(await measure(way));
  return costs;
}

/** Of those rounds that came to their end. */
export function costsOf<W, C extends Cost>(costs: Rounds<W, C>, way: W): readonly C[] {
  return (costs.get(way) ?? []).filter((cost) => cost !== undefined);
}

export function medianOf<C>(costs: readonly C[], pick: (cost: C) => number): number {
  return median(costs.map(pick));
}

/** To the bare run of the same round, as a machine changes its speed between rounds. */
export function ratiosToBare<W>(costs: Rounds<W, Cost>, way: W, bare: W): readonly number[] {
  const base = costs.get(bare) ?? [];
  return (costs.get(way) ?? []).flatMap((cost, round) => {
    const beside = base[round];
    return cost === undefined || beside === undefined ? [] : [cost.cpu / beside.cpu];
  });
}

/** The median, and from where to where they went. */
export function ratioCell(ratios: readonly number[]): string {
  if (ratios.length === 0) return 'failed, or too slow';
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

export function geometricMean(ratios: readonly number[]): string {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(
    2,
  );
}

export function row(cells: readonly string[], width = 21): void {
  console.log(cells.map((cell) => cell.padEnd(width)).join(''));
}
