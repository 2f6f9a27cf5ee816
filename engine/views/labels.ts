/** Texts of slices, each sent to the panel once: names of locks, functions and what is waited for. */
import { WAIT } from '../../wire/recording.ts';
import { isLibrary } from '../frames.ts';
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';
import { nameActor, nameObject, namesVersion } from '../names.ts';
import type { Trace } from '../trace.ts';

const VERBS: Readonly<Record<number, string>> = {
  [WAIT.acquire]: 'wait',
  [WAIT.condition]: 'wait for condition',
  [WAIT.event]: 'wait for event',
  [WAIT.barrier]: 'wait at barrier',
  [WAIT.get]: 'get from',
  [WAIT.put]: 'put into',
  [WAIT.queueJoin]: 'join',
  [WAIT.join]: 'join thread',
  [WAIT.processJoin]: 'join process',
  [WAIT.result]: 'wait for result',
  [WAIT.receive]: 'receive',
  [WAIT.send]: 'send',
  [WAIT.await]: 'await',
  [WAIT.semaphore]: 'wait',
  [WAIT.sleep]: 'sleep',
  [WAIT.io]: 'I/O',
  [WAIT.poolShutdown]: 'wait for pool',
};

interface NamedWait {
  readonly id: number;
  readonly kind: number;
  readonly object: TracedObject;
}

function phrase(kind: number, what: string): string {
  const verb = VERBS[kind] ?? 'wait';
  return what === verb ? verb : [verb, what].filter(Boolean).join(' ');
}

export class Labels {
  readonly texts: string[] = [''];
  readonly #trace: Trace;
  readonly #ids = new Map<string, number>();
  readonly #waits = new Map<number, number>();
  /** Labels with the name of an object, which another one made later may change. */
  readonly #named: NamedWait[] = [];
  #names = 0;
  readonly #stacks = new Map<number, number>();
  readonly #actors = new Map<Actor, number>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  of(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.texts.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }

  actor(actor: Actor): number {
    let id = this.#actors.get(actor);
    if (id === undefined) {
      id = this.of(nameActor(this.#trace, actor));
      this.#actors.set(actor, id);
    }
    return id;
  }

  /** `behind ledger_2` */
  behind(holder: Actor): number {
    return this.of(`behind ${nameActor(this.#trace, holder)}`);
  }

  /** `wait ledger_lock`, `get from jobs`, `await fetch()`, `join thread ledger_2` where it is known who is waited for. */
  wait(kind: number, object: TracedObject | undefined, stack: number, joined?: Actor): number {
    if (kind === WAIT.join && joined !== undefined)
      return this.of(phrase(kind, nameActor(this.#trace, joined)));
    // Whose end it is, the function that waits for it does not say.
    if (kind === WAIT.join || kind === WAIT.processJoin) stack = 0;
    // Awaits of futures nobody named say their line's function.
    const named = object !== undefined && object.type !== 'Future';
    const key = kind * 2 ** 32 + (named ? object.index : stack) * 2 + (named ? 1 : 0);
    let id = this.#waits.get(key);
    if (id === undefined) {
      if (named) {
        id = this.texts.length;
        this.texts.push(this.#waitFor(kind, object));
        this.#named.push({ id, kind, object });
      } else id = this.of(phrase(kind, this.#innermost(stack)));
      this.#waits.set(key, id);
    }
    return id;
  }

  /** Puts right what was named before its twins were there; the ids of what has changed. */
  rename(): readonly number[] {
    const version = namesVersion(this.#trace);
    if (version === this.#names) return [];
    this.#names = version;
    const changed: number[] = [];
    for (const { id, kind, object } of this.#named) {
      const text = this.#waitFor(kind, object);
      if (text === this.texts[id]) continue;
      this.texts[id] = text;
      changed.push(id);
    }
    return changed;
  }

  #waitFor(kind: number, object: TracedObject): string {
    return phrase(kind, nameObject(this.#trace, object, this.#trace.sourceLine));
  }

  /** The program's innermost function of a stack. */
  running(stack: number): number {
    if (stack === 0) return 0;
    let id = this.#stacks.get(stack);
    if (id === undefined) {
      id = this.of(functionOf(this.#trace, stack));
      this.#stacks.set(stack, id);
    }
    return id;
  }

  #innermost(stack: number): string {
    const site = this.#trace.stacks.get(stack)[0];
    return site === undefined ? '' : shortName(this.#trace.sites.get(site).function);
  }
}

/** Innermost function; where that is the library's, the program's function that called it too: `fetch › get`. */
function functionOf(trace: Trace, stack: number): string {
  const sites = trace.stacks.get(stack);
  const inner = sites[0] === undefined ? undefined : trace.sites.get(sites[0]);
  if (inner === undefined) return '';
  const own = sites.map((site) => trace.sites.get(site)).find((site) => !isLibrary(site.file));
  if (own === undefined || own === inner) return shortName(inner.function);
  return `${shortName(own.function)} › ${shortName(inner.function)}`;
}

function shortName(name: string): string {
  return name
    .split('.')
    .filter((part) => part !== '<locals>')
    .slice(-2)
    .join('.');
}

/** Functions in which an idle loop or pool worker stands. */
const IDLE_FUNCTIONS = /^(?:select|poll|_run_once|epoll|kqueue)$/;

export function isIdleStack(trace: Trace, stack: number): boolean {
  const first = trace.stacks.get(stack)[0];
  if (first === undefined) return false;
  const site = trace.sites.get(first);
  return IDLE_FUNCTIONS.test(site.function.split('.').at(-1) ?? '') && isLibrary(site.file);
}
