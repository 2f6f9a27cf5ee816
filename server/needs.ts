// The words without which a Python rule has nothing to say: a file that has none of any rule's is not even parsed. This is
// what makes a whole library cheap.
//
// They are looked for in the code alone, without its comments and strings. Coroutine functions and locks that a file imports
// from another one are looked for there; whatever else a file is given without ever naming it (a pool as a parameter, an
// attribute of an imported object) is seen only where the file speaks of something of the kind. A test lints its fixtures
// and a part of Python's library both ways.
import { measuresTime } from './python/clocks.ts';
import { hasClosuresInLoops } from './python/closuresInLoops.ts';

/** Names that a module's text makes. */
export type NamesIn = (text: string) => readonly string[];

export interface Needs {
  /** One of these expressions matches the code of every file in which the rule may report. */
  readonly words: readonly string[];
  /** And each of these does. */
  readonly also?: readonly string[];
  /** Or the file has one of the names that this finds in the text of a module of the workspace that the file imports. */
  readonly imported?: NamesIn;
  /** Or this says so of the code. What needs nothing else is run alone over files that have nothing else. */
  readonly shape?: (code: string) => boolean;
}

const NO_NAMES: readonly string[] = [];

/** What the group of an expression matches; most texts have not even the word it is about. */
function namesBy(word: RegExp, names: RegExp): NamesIn {
  return (text) =>
    word.test(text) ? [...new Set([...text.matchAll(names)].map((match) => match[1]!))] : NO_NAMES;
}

const oneOf = (list: string) => `\\b(?:${list.replaceAll(' ', '|')})\\b`;
/** A line that imports or enters something with such a name: it may be one of these, made elsewhere. */
const imports = (names: string) => `(?:^|[\\n;:])[ \\t]*(?:from|import)\\b[^\\n]*(?:${names})`;
const enters = (names: string) => `\\bwith\\b[^\\n]*(?:${names})`;
/** `block` and `clock` are no locks. */
const LOCK = '(?<!\\b[bBcC])[lL]ock';

const ASYNC_CODE = oneOf('async await');
const ASYNC_LIBRARIES = oneOf('asyncio trio anyio uvloop aiohttp aiofiles async_timeout');
const THREAD_LIBRARIES = oneOf(
  'threading _thread multiprocessing multiprocess billiard concurrent',
);
const LIBRARIES = [ASYNC_LIBRARIES, THREAD_LIBRARIES];

/** Coroutine functions and what runs in them. */
export const ASYNC: Needs = { words: [ASYNC_CODE] };
/** Event loops, also where no coroutine function is. */
export const LOOPS: Needs = { words: [ASYNC_CODE, ASYNC_LIBRARIES] };
export const CANCELLED: Needs = {
  words: [ASYNC_CODE, ASYNC_LIBRARIES, oneOf('CancelledError get_cancelled_exc_class')],
};
export const MIXED_UP: Needs = {
  words: [ASYNC_CODE, ASYNC_LIBRARIES, oneOf('__aenter__ __aiter__')],
};
/** A coroutine function of another file is called like any other function. */
export const COROUTINES: Needs = {
  words: LOOPS.words,
  imported: namesBy(/async/, /^[ \t]*async[ \t]+def[ \t]+(?!__)(\w+)/gm),
};
/** What runs work elsewhere: threads, processes, pools, executors. */
export const LAUNCHES: Needs = {
  words: [...LIBRARIES, imports('[tT]hread|\\bProcess|Executor|Pool\\b')],
};
export const LOCKS: Needs = {
  words: [
    ...LIBRARIES,
    imports(`${LOCK}|[cC]ondition|[sS]emaphore|[mM]utex`),
    enters(`${LOCK}|[mM]utex`),
    '\\.acquire\\b',
  ],
  // Locks of a module; what belongs to an object is reached by way of it.
  imported: namesBy(
    /(?:Lock|Condition|Semaphore)\(/,
    /^(\w+)[^=\n]*=[^=\n]*\b(?:R?Lock|Condition|Semaphore|BoundedSemaphore)\(/gm,
  ),
};
export const QUEUES: Needs = {
  words: [...LIBRARIES, '\\bqueue\\.(?:\\w*Queue|get|put|join)', imports('[qQ]ueue')],
};
export const CLIENTS: Needs = { words: [...LIBRARIES, oneOf('requests httpx httpx2 urllib3')] };
/** Only a file that starts threads forks with threads; what a child does first is dangerous in any. */
export const FORKS: Needs = {
  words: [...LAUNCHES.words, oneOf('preexec_fn')],
  also: [oneOf('fork forkpty preexec_fn set_start_method get_context')],
};
/** Defaults that are plainly no objects that change are of no interest. */
export const CONTEXT_VARIABLES: Needs = {
  words: [oneOf('ContextVar')],
  also: ['\\bdefault\\s*=(?!\\s*(?:None|True|False)\\b|\\s*[-\\d"\'])'],
};
export const CLOCKS: Needs = { words: [], shape: measuresTime };
/** Functions made in loops. */
export const CLOSURES: Needs = { words: [], shape: hasClosuresInLoops };
