// What happens behind a call: what a function of the workspace blocks on and which locks it takes, up to three calls down.
import type { Call, FunctionDef, Node } from './ast.ts';
import { type Blocking, blockingCall } from './blocking.ts';
import { around, dotted, within } from './children.ts';
import { isReplaced } from './decorated.ts';
import { isLeftOut, returnsBefore } from './flags.ts';
import { Locks, type LockUse } from './locks.ts';
import { selfClass } from './model.ts';
import type { Resolver } from './resolve.ts';

const HOPS = 3;

export interface Step {
  readonly name: string;
  readonly path: string;
  readonly at: Node;
}

export interface BlockingChain {
  readonly blocking: Blocking;
  /** The calls on the way, the blocking one last. */
  readonly steps: readonly Step[];
}

export interface LockChain {
  readonly use: LockUse;
  /** Whose lock it is as seen from the first caller. */
  readonly owner: LockUse['owner'];
  readonly steps: readonly Step[];
}

interface Target {
  readonly fn: FunctionDef;
  readonly resolver: Resolver;
}

export class Effects {
  readonly #locks = new Map<Resolver, Locks>();
  readonly #blocking = new Map<FunctionDef, BlockingChain | null>();
  readonly #acquired = new Map<string, readonly LockChain[]>();

  locksOf(resolver: Resolver): Locks {
    let locks = this.#locks.get(resolver);
    if (locks === undefined) {
      locks = new Locks(resolver);
      this.#locks.set(resolver, locks);
    }
    return locks;
  }

  /** How a sync function of the workspace comes to block; undefined when it is not seen to. */
  blocking(fn: FunctionDef, resolver: Resolver, hops = HOPS): BlockingChain | undefined {
    if (hops === 0 || fn.isAsync || isGenerator(fn)) return undefined;
    if (fn.decorators.length > 0 && isReplaced(fn, resolver)) return undefined;
    if (hops === HOPS) {
      const known = this.#blocking.get(fn);
      if (known !== undefined) return known ?? undefined;
      this.#blocking.set(fn, null);
    }
    const found = this.#findBlocking(fn, resolver, hops);
    if (hops === HOPS) this.#blocking.set(fn, found ?? null);
    return found;
  }

  #findBlocking(fn: FunctionDef, resolver: Resolver, hops: number): BlockingChain | undefined {
    const calls = callsIn(fn);
    // Where a loop runs this does something else.
    if (calls.some(asksForLoop)) return undefined;
    for (const call of calls) {
      const found = blockingCall(call, resolver);
      const blocking = found?.again === true ? undefined : found;
      if (blocking === undefined || !worthSaying(blocking) || isElsewhere(call)) continue;
      if (isForThreads(call)) continue;
      return { blocking, steps: [{ name: blocking.name, path: resolver.model.path, at: call }] };
    }
    for (const call of calls) {
      const target = resolver.functionCalled(call);
      if (target === undefined || target.fn === fn) continue;
      const chain = this.blocking(target.fn, target.resolver, hops - 1);
      if (chain === undefined) continue;
      const step = { name: target.fn.name, path: resolver.model.path, at: call };
      return { blocking: chain.blocking, steps: [step, ...chain.steps] };
    }
    return undefined;
  }

  /** Locks that a function takes and waits for, itself or through what it calls. */
  acquired(fn: FunctionDef, resolver: Resolver, hops = HOPS): readonly LockChain[] {
    if (hops === 0) return [];
    const key = `${hops}:${fn.start}:${resolver.model.path}`;
    const known = this.#acquired.get(key);
    if (known !== undefined) return known;
    this.#acquired.set(key, []);
    const chains: LockChain[] = [];
    const locks = this.locksOf(resolver);
    for (const use of locks.uses()) {
      if (use.fn !== fn || !use.waits || locks.isTakenBack(use)) continue;
      const step = { name: use.key, path: resolver.model.path, at: use.at };
      chains.push({ use, owner: use.owner, steps: [step] });
    }
    if (!fn.isAsync)
      for (const call of callsIn(fn)) chains.push(...this.acquiredBy(call, fn, resolver, hops - 1));
    this.#acquired.set(key, chains);
    return chains;
  }

  /** A call of the function it is in: whatever that takes itself, it takes again. */
  #again(call: Call, fn: FunctionDef, resolver: Resolver): LockChain[] {
    if (!isSelfCall(call) && call.func.kind !== 'Name') return [];
    const step: Step = { name: fn.name, path: resolver.model.path, at: call };
    const own = this.locksOf(resolver)
      .uses()
      .filter((use) => use.fn === fn && use.waits && !isLeftOut(use.at, fn, call));
    return own.map((use) => ({
      use,
      owner: use.owner,
      steps: [step, { name: use.key, path: resolver.model.path, at: use.at }],
    }));
  }

  /** Locks that a call makes its caller wait for. */
  acquiredBy(
    call: Call,
    caller: FunctionDef | undefined,
    resolver: Resolver,
    hops = HOPS,
  ): LockChain[] {
    const target: Target | undefined = resolver.functionCalled(call);
    if (target === undefined || isGenerator(target.fn)) return [];
    if (target.fn === caller) return this.#again(call, target.fn, resolver);
    if (target.fn.isAsync && call.parent.kind !== 'Await') return [];
    const onSelf = isSelfCall(call);
    const step: Step = { name: target.fn.name, path: resolver.model.path, at: call };
    const chains = this.acquired(target.fn, target.resolver, hops);
    const reached = chains.filter(
      ({ steps, use }) =>
        !isLeftOut(steps[0]!.at, target.fn, call) && !returnsBefore(use.at, use.fn, call),
    );
    return reached.map((chain) => ({
      use: chain.use,
      owner: chain.owner === 'self' && !onSelf ? 'other' : chain.owner,
      steps: [step, ...chain.steps],
    }));
  }
}

/** Files, locks and the start of a process are quick more often than not: only what waits for others is worth a warning through a helper. */
function worthSaying(blocking: Blocking): boolean {
  if (blocking.quick === true || blocking.starts === true) return false;
  return blocking.rule !== 'blocking-file-io' && !blocking.name.endsWith('.acquire');
}

/** `run_coroutine_threadsafe(…).result()`: who writes that is in another thread than the loop. */
function isForThreads({ func }: Call): boolean {
  if (func.kind !== 'Attribute' || func.value.kind !== 'Call') return false;
  return /(?:^|\.)run_coroutine_threadsafe$/.test(dotted(func.value.func) ?? '');
}

/** Under a flag that says which system or implementation of Python this is. */
function isElsewhere(call: Call): boolean {
  for (const node of around(call)) {
    if (node.kind === 'If' && node.test.kind === 'Name' && /^is_\w+$/i.test(node.test.id))
      return true;
  }
  return false;
}

/** `if get_running_loop() is None:`, or the same in a `try` that expects its RuntimeError. */
function asksForLoop(call: Call): boolean {
  if (!/(?:^|\.)_?get_running_loop$/.test(dotted(call.func) ?? '')) return false;
  for (const node of around(call)) {
    if (node.kind === 'If') return node.test.start <= call.start && call.end <= node.test.end;
    if (node.kind === 'Try') return node.handlers.length > 0;
  }
  return false;
}

function isSelfCall(call: Call): boolean {
  const base = call.func.kind === 'Attribute' ? call.func.value : undefined;
  if (base?.kind === 'Name') return selfClass(base.id, call) !== undefined;
  return base?.kind === 'Call' && base.func.kind === 'Name' && base.func.id === 'super';
}

const CALLS = new WeakMap<FunctionDef, Call[]>();
const GENERATORS = new WeakMap<FunctionDef, boolean>();

/** Calls that run when the function runs, in source order. */
export function callsIn(fn: FunctionDef): readonly Call[] {
  let calls = CALLS.get(fn);
  if (calls === undefined) {
    calls = [];
    for (const node of within(fn.body)) if (node.kind === 'Call') calls.push(node);
    CALLS.set(fn, calls);
  }
  return calls;
}

export function isGenerator(fn: FunctionDef): boolean {
  let known = GENERATORS.get(fn);
  if (known === undefined) {
    known = false;
    for (const node of within(fn.body)) if (node.kind === 'Yield') known = true;
    GENERATORS.set(fn, known);
  }
  return known;
}
