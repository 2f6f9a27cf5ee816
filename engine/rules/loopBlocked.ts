/** `loop-blocked`: one step kept an event loop from running for more than 100 ms. */
import { formatDuration, plural } from '../../base/format.ts';
import type { Finding } from '../../wire/report.ts';
import type { LongStep, LoopFacts } from '../facts/loops.ts';
import { finding } from '../finding.ts';
import {
  isLibrary,
  locationOf,
  place,
  sitesOf,
  stackLocations,
  stepSites,
  tellingSite,
} from '../frames.ts';
import type { Site } from '../ingest/tables.ts';
import { nameActor } from '../names.ts';
import { nativeLine } from '../nativeCalls.ts';
import type { Rule, RuleInput } from '../rule.ts';
import { isNode } from '../runtime.ts';
import type { Trace } from '../trace.ts';

/** The blocking line must be the innermost one of this share of the stacks taken; else the line that called all of it. */
const MAJORITY = 0.5;
const MAX_CALLERS = 8;
/** A thread that stands still is looked at so often. */
const LOOK_NS = 20e6;
/** Of Node, in a native call: it is told of by the line that made it. */
const SYNC = /Sync$/;
const IMPORT = /^<frozen importlib\._bootstrap|^node:internal\/modules\//;

const NODE = /^node:/;

/** Runs the code of a notebook's cell, on the loop of its kernel: who wrote it waits for just that. */
const CELL = /[\\/]IPython[\\/]core[\\/]interactiveshell\.py$/;

interface Block {
  readonly step: LongStep;
  /** The stack that stands for it. */
  readonly stack: number;
  readonly line: Site;
  /** Where a native call came back that nobody could look into: it was before this. */
  readonly after?: Site;
}

export const loopBlocked: Rule = (input) => {
  const { trace } = input;
  const groups = new Map<string, { loop: LoopFacts; blocks: Block[] }>();
  for (const loop of trace.facts.loops) {
    const steps = loop.openStep === undefined ? loop.long : [...loop.long, loop.openStep];
    for (const step of steps) {
      if (step.open && isStuck(input, loop)) continue;
      const seen = blockOf(trace, step);
      if (seen === undefined) continue;
      const block = beforeReturn(trace, seen);
      const key = `${block.line.file}:${block.line.line}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { loop, blocks: [block] });
      else group.blocks.push(block);
    }
  }
  return [...groups].map(([key, { loop, blocks }]) => toFinding(trace, key, loop, blocks));
};

/** A loop that stands in a deadlock is told of there. */
function isStuck({ stuck }: RuleInput, loop: LoopFacts): boolean {
  return loop.thread !== undefined && stuck.graph.stuck.has(loop.thread);
}

/** Undefined when nothing shows what ran: then the whole process may have been stopped, and no line is to blame. */
function blockOf(trace: Trace, step: LongStep): Block | undefined {
  const taken = step.taken.map((one) => one.stack).filter((stack) => stack !== 0);
  if (taken.length === 0 && step.stack !== 0) taken.push(step.stack);
  if (taken.some((stack) => runsCell(trace, stack))) return undefined;
  const stacks = taken.filter((stack) => !startsThread(trace, stack));
  if (stacks.length === 0) return undefined;
  return majority(trace, step, stacks);
}

/** One that came after a native call stands for all the looks that were not possible meanwhile. */
function weightOf({ taken, fromNs }: LongStep, stack: number): number {
  const index = taken.findIndex((one) => one.stack === stack && one.isAfter);
  if (index < 0) return 1;
  return Math.max(1, (taken[index]!.at - (taken[index - 1]?.at ?? fromNs)) / LOOK_NS);
}

function runsCell(trace: Trace, stack: number): boolean {
  return sitesOf(trace, stack).some((site) => CELL.test(site.file));
}

/** A thread that takes long to come up tells of a busy machine, not of the line that starts it. */
function startsThread(trace: Trace, stack: number): boolean {
  const inner = sitesOf(trace, stack).slice(0, 3);
  return inner.some(
    ({ file, function: name }) =>
      /^(?:Thread\.)?start$/.test(name) && /[\\/]threading\.py$/.test(file),
  );
}

function majority(trace: Trace, step: LongStep, stacks: readonly number[]): Block | undefined {
  const innermost = new Map<Site, number>();
  const weights = stacks.map((stack) => weightOf(step, stack));
  stacks.forEach((stack, index) => {
    const site = ownLine(trace, stack) ?? ownLine(trace, step.stack);
    if (site !== undefined) innermost.set(site, (innermost.get(site) ?? 0) + weights[index]!);
  });
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  if (innermost.size === 0) {
    // Node at work for itself, as when it loads a part of its own library: there is no line to go to.
    if (stacks.every((stack) => stepSites(trace, stack).every(({ file }) => NODE.test(file)))) {
      return undefined;
    }
    // One look at library code proves little: the machine was busy, if even the watcher did not come to look again.
    const line = stacks.length < 2 ? undefined : tellingSite(stepSites(trace, stacks[0]!));
    return line === undefined ? undefined : { step, stack: stacks[0]!, line };
  }
  const [line, count] = [...innermost].sort((one, other) => other[1] - one[1])[0] ?? [];
  if (line === undefined || count === undefined) return undefined;
  const holding = (site: Site) =>
    stacks.find((stack) => stepSites(trace, stack).includes(site)) ?? stacks[0]!;
  if (count / all >= MAJORITY) return { step, stack: holding(line), line };
  const shared = deepestShared(trace, stacks);
  return shared === undefined
    ? { step, stack: holding(line), line }
    : { step, stack: holding(shared), line: shared };
}

/** The innermost line of the program in a step; stacks are cut off when they are deep, as those of imports are. */
function ownLine(trace: Trace, stack: number): Site | undefined {
  return stepSites(trace, stack).find((site) => !isLibrary(site.file));
}

/** Where nobody could look before a native call came back: the call, if the source shows which it was. */
function beforeReturn(trace: Trace, block: Block): Block {
  const { step, stack } = block;
  if (!step.taken.some((one) => one.isAfter && one.stack === stack)) return block;
  const sites = stepSites(trace, stack);
  const line = nativeLine(sites, trace.sourceLine);
  if (line !== undefined) return { ...block, line, after: block.line };
  return sites.some(({ function: name }) => SYNC.test(name))
    ? block
    : { ...block, after: block.line };
}

/** Work spread over many lines: the innermost line of the program that most of the stacks go through. */
function deepestShared(trace: Trace, stacks: readonly number[]): Site | undefined {
  const seen = new Map<Site, number>();
  for (const stack of stacks)
    for (const site of new Set(stepSites(trace, stack))) seen.set(site, (seen.get(site) ?? 0) + 1);
  for (const site of stepSites(trace, stacks[0]!)) {
    if (!isLibrary(site.file) && (seen.get(site) ?? 0) / stacks.length > MAJORITY) return site;
  }
  return undefined;
}

function afterSentence({ line, after }: Block): string {
  if (after === undefined) return '';
  if (after === line)
    return 'While a native call runs nobody can look: what took so long came back just before this line, or on it.';
  return `While a native call runs nobody can look: this one came back just before ${place(after)}.`;
}

function toFinding(trace: Trace, key: string, loop: LoopFacts, blocks: readonly Block[]): Finding {
  const lengths = blocks.map(({ step }) => step.toNs - step.fromNs);
  const totalNs = lengths.reduce((sum, ns) => sum + ns, 0);
  const maxNs = Math.max(...lengths);
  const worst = blocks[lengths.indexOf(maxNs)]!;
  const { line } = worst;
  const sites = stepSites(trace, worst.stack);
  const importing = sites.find((site) => IMPORT.test(site.file));
  const inner = importing === undefined && worst.after === undefined ? sites[0] : undefined;
  const { actor } = worst.step;
  const node = isNode(loop.object.stream);
  const who = actor === undefined || actor === loop.thread ? 'A step' : nameActor(trace, actor);
  const during =
    importing !== undefined
      ? ', which imports modules'
      : inner !== undefined && inner !== line
        ? ` in ${inner.function}`
        : '';
  const callers = sites
    .slice(sites.findIndex((site) => site.file === line.file && site.line >= line.line) + 1)
    .filter((site) => !isLibrary(site.file))
    .slice(0, MAX_CALLERS);
  const others = blocks.flatMap((block) => ownLine(trace, block.stack) ?? []).slice(0, 8);
  return finding({
    rule: 'loop-blocked',
    key,
    title:
      blocks.length === 1
        ? `Event loop blocked for ${formatDuration(maxNs)} at ${place(line)}`
        : `Event loop blocked ${plural(blocks.length, 'time')}, up to ${formatDuration(maxNs)}, at ${place(line)}`,
    detail: [
      `${who} kept the event loop${loop.thread === undefined ? '' : ` of ${nameActor(trace, loop.thread)}`} from running for ${formatDuration(maxNs)} at ${place(line)}${during}${blocks.length > 1 ? `, ${formatDuration(totalNs)} in all` : ''}: meanwhile no other ${node ? 'callback' : 'task'}, timer or connection was served.`,
      afterSentence(worst),
      importing !== undefined
        ? 'Import what is needed before the loop runs: at the top of the module, or once at the start.'
        : node
          ? 'Use the asynchronous form of this call where there is one; hand computing to a worker (node:worker_threads), or let others have a turn in between (setImmediate).'
          : 'Await an asynchronous form of this call, or hand it to a thread with asyncio.to_thread(…), CPU work to a process pool.',
    ],
    locations: [
      locationOf(line, `blocks the event loop for ${formatDuration(maxNs)}`),
      inner === undefined || inner === line
        ? undefined
        : locationOf(inner, `inside: ${inner.function}`),
      ...callers.map((site) => locationOf(site, 'called from here')),
      ...others.map((site) => locationOf(site, 'seen here too')),
    ],
    evidence: {
      stack: stackLocations(trace, worst.stack),
      count: blocks.length,
      maxNs,
      totalNs,
      stacksTaken: blocks.reduce((sum, { step }) => sum + step.taken.length, 0),
      unfinished: blocks.some(({ step }) => step.open),
    },
    spans: blocks.map(({ step }) => ({ from: step.fromNs, to: step.toNs })),
    lostNs: totalNs,
  });
}
