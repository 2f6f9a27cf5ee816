// A promise where nobody looks at it: async callbacks whose result is dropped, promises taken for true, spread promises.
import type { Fix } from '../../diagnostic.ts';
import { catchesItself, endsCaught, handsOverCaught } from '../completion.ts';
import { checkTests } from '../conditions.ts';
import { callsBack, listens } from '../emitters.ts';
import { parametersOfCall } from '../expected.ts';
import { forEachFixes } from '../forEach.ts';
import { PREDICATES } from '../library.ts';
import { keyOf, memberName } from '../names.ts';
import {
  argumentsOf,
  asyncAround,
  bare,
  child,
  inner,
  isAsync,
  isFunction,
  parts,
} from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, insert, shown, suggestion } from '../rule.ts';
import { streamSteps } from '../streams.ts';
import {
  alternatives,
  givesPromise,
  isThenable,
  memberOf,
  type Type,
  wantsNothing,
} from '../type.ts';
import { declaredWants, elementHandlers, lifecycles } from '../wants.ts';
import { asyncExecutor } from './asyncPromiseExecutor.ts';

export const asyncCallbackIgnored: Check = (context) => {
  const { model, resolver, report } = context;
  for (const call of model.byType.get('call_expression') ?? []) checkCall(context, call);
  for (const call of model.byType.get('new_expression') ?? []) {
    checkObserver(context, call);
    checkExecutor(context, call);
    const made = child(call, 'constructor') ?? call;
    checkNode(context, made, resolver.dotted(made), argumentsOf(call).at(-1));
    checkDeclaredParameters(context, call);
  }
  checkTests(context);
  declaredWants(context);
  elementHandlers(context);
  lifecycles(context);
  streamSteps(context);
  for (const spread of model.byType.get('spread_element') ?? []) {
    if (spread.parent?.type !== 'object') continue;
    const value = inner(spread);
    if (value === undefined) continue;
    const all = alternatives(resolver.typeOf(value));
    if (all.some((each) => isThenable(each)) && !all.some((each) => each.kind === 'unknown'))
      report(
        value,
        `${shown(model, value)} is a promise: spreading it spreads nothing; await it first.`,
        { fixes: asyncAround(spread) === undefined ? [] : [awaitIt(value)] },
      );
  }
};

function checkCall(context: Context, call: JsNode): void {
  const { model, resolver, report } = context;
  const callee = bare(child(call, 'function') ?? call, true);
  const args = argumentsOf(call);
  const first = args[0] === undefined ? undefined : atItsWord(args[0]);
  const name = memberName(model, callee);
  if (name !== undefined && first !== undefined) {
    const object = child(callee, 'object')!;
    // What an object is costs more to know than whether its name is of interest.
    const isOfLists = name === 'forEach' || PREDICATES.has(name) || SORTS.has(name);
    if (isOfLists && isAsyncValue(context, first) && mayBeList(resolver.typeOf(object), name)) {
      if (name === 'forEach') {
        report(
          marked(first),
          'forEach does not wait for an async callback, and its failure is lost.',
          {
            fixes: forEachFixes(model, call, callee, first),
          },
        );
        return;
      }
      if (PREDICATES.has(name)) {
        report(
          marked(first),
          `${name} takes the promise of an async callback for true; what it resolves to is not looked at.`,
        );
        return;
      }
      if (SORTS.has(name)) {
        report(
          marked(first),
          `${name} can't compare by the promise of an async callback, so the order stays as it is.`,
        );
        return;
      }
    }
    const listener = args[1] === undefined ? undefined : listenerIn(context, args[1]);
    if (
      listener !== undefined &&
      listens(context, object, name) &&
      memberOf(resolver.typeOf(object), name).kind === 'unknown' &&
      isAsyncValue(context, listener)
    ) {
      report(marked(listener), LISTENER_DROPPED, milder(context, listener));
      return;
    }
  }
  const last = args.at(-1);
  if (
    args.length > 1 &&
    name === undefined &&
    resolver.dotted(callee) === 'addEventListener' &&
    isAsyncValue(context, atItsWord(args[1]!))
  ) {
    const listener = atItsWord(args[1]!);
    report(marked(listener), LISTENER_DROPPED, milder(context, listener));
    return;
  }
  if (
    name !== undefined &&
    last !== undefined &&
    callsBack(context, child(callee, 'object')!, name)
  )
    checkPlatform(context, name, atItsWord(last), true);
  const dotted = resolver.dotted(callee);
  if (
    first !== undefined &&
    /^react\.use(?:Layout|Insertion)?Effect$/.test(dotted ?? '') &&
    isAsyncValue(context, first)
  ) {
    report(
      marked(first),
      'An effect must give nothing or a function that cleans up; an async one gives a promise.',
    );
    return;
  }
  checkPlatform(context, dotted, first);
  checkNode(context, callee, dotted, args.at(-1));
  checkDeclaredParameters(context, call);
}

/** `addEventListener('x', { async handleEvent() {} })` too. */
function listenerIn({ model }: Context, argument: JsNode): JsNode {
  const value = atItsWord(argument);
  if (value.type !== 'object') return value;
  const handler = value.children.find((each) => {
    const key = child(each, each.type === 'pair' ? 'key' : 'name');
    return key !== undefined && keyOf(model, key) === 'handleEvent';
  });
  const own = handler?.type === 'pair' ? child(handler, 'value') : handler;
  return own === undefined ? value : bare(own, true);
}

const LISTENER_DROPPED =
  'The promise of an async listener is dropped: when it fails nobody hears of it.';
const SORTS: ReadonlySet<string> = new Set(['sort', 'toSorted']);
const NO_FUNCTION =
  /^(?:object|array|string|template_string|number|true|false|null|regex|unary_expression)$/;

/** The `async` of a function literal, else the whole argument: a body of fifty lines is no place for a squiggle. */
function marked(value: JsNode): { start: number; end: number } {
  return isFunction(value)
    ? (value.children.find((each) => each.type === 'async') ?? value)
    : value;
}

function awaitIt(value: JsNode): Fix {
  const isWhole = /^(?:parenthesized|call|member)_expression$|^identifier$/.test(value.type);
  return suggestion('Await it', [
    insert(value.start, isWhole ? '(await ' : '(await ('),
    insert(value.end, isWhole ? ')' : '))'),
  ]);
}

/** Where it catches what fails in it, little is lost with its promise; nothing where the promise itself was seen to. */
function milder({ model, resolver }: Context, value: JsNode): { severity?: 'info' | 'hint' } {
  if (isFunction(value) && handsOverCaught(model, value)) return { severity: 'hint' };
  const all = alternatives(resolver.typeOf(value));
  const isCaught = (each: Type) =>
    each.kind === 'function' && each.node !== undefined && catchesItself(each.node);
  return all.every(isCaught) ? { severity: 'info' } : {};
}

function isAsyncValue(context: Context, value: JsNode): boolean {
  if (isFunction(value))
    return isAsync(value)
      ? value.type === 'arrow_function' || !value.children.some((each) => each.type === '*')
      : givesPromise(context.resolver.typeOf(value));
  return givesPromise(context.resolver.typeOf(value));
}

/** A list, or something unknown that is asked under a name that only lists have a callback for. */
function mayBeList(type: Type, name: string): boolean {
  const all = alternatives(type).filter((each) => each.kind !== 'nullish');
  if (all.some((each) => each.kind === 'array')) return true;
  return all.every((each) => each.kind === 'unknown') && name !== 'sort';
}

/** Functions of Node that call the last function they are given and look at nothing. */
const TAKES_CALLBACK =
  /^(?:fs\.(?!promises)\w+|https?\.(?:createServer|request|get|Server)|http2\.create(?:Secure)?Server|net\.(?:createServer|createConnection|connect|Server)|tls\.(?:createServer|connect)|child_process\.(?:exec|execFile)|dns\.(?!promises)(?:lookup|resolve\w*|reverse)|zlib\.(?:gzip|gunzip|deflate|inflate|brotliCompress|brotliDecompress)|crypto\.(?:randomBytes|pbkdf2|scrypt|generateKeyPair)|stream\.(?:finished|pipeline))$/;

/** What takes a listener away never calls it; where it was added is the place to say so. */
const REMOVES = /^(?:off|remove(?:Event)?Listener)$/;

/** Arguments whose parameter is declared as a function that gives nothing. */
function checkDeclaredParameters(context: Context, call: JsNode): void {
  const { model, report } = context;
  const callee = child(call, call.type === 'new_expression' ? 'constructor' : 'function');
  if (callee === undefined) return;
  const isRemoved = REMOVES.test(memberName(model, callee) ?? '');
  let wanted: ReturnType<typeof parametersOfCall>;
  for (const [index, arg] of spreadOut(argumentsOf(call)).entries()) {
    const value = atItsWord(arg);
    if (NO_FUNCTION.test(value.type) || !isAsyncValue(context, value)) continue;
    if (isRemoved && !isFunction(value)) continue;
    wanted ??= parametersOfCall(context.resolver, call, true);
    if (wanted === undefined) return;
    const parameter = wanted(index);
    if (parameter !== undefined && wantsNothing(parameter))
      report(
        marked(value),
        `${shown(model, callee)} does not look at what this function gives, so its promise is dropped.`,
        milder(context, value),
      );
  }
}

/** `f(...[a, b])` is given a and b. */
function spreadOut(args: readonly JsNode[]): readonly JsNode[] {
  if (!args.some((each) => each.type === 'spread_element')) return args;
  return args.flatMap((each) => {
    const list = each.type === 'spread_element' ? inner(each) : undefined;
    return list?.type === 'array' ? parts(list) : [each];
  });
}

/** An argument without its brackets; what was declared to be something else is taken at its word. */
function atItsWord(argument: JsNode): JsNode {
  const plain = bare(argument);
  const isCast = plain.type === 'as_expression' || plain.type === 'type_assertion';
  return isCast ? plain : bare(argument, true);
}

/** Functions of the platform that call back and look at nothing. */
const CALLS_BACK =
  /^(?:setImmediate|queueMicrotask|process\.nextTick|requestAnimationFrame|requestIdleCallback|timers\.set\w+)$/;
const OBSERVERS =
  /^(?:(?:Mutation|Intersection|Resize|Performance|Reporting)Observer|FinalizationRegistry)$/;
const TIMERS = /^set(?:Timeout|Interval)$/;

function checkObserver(context: Context, made: JsNode): void {
  const name = context.resolver.dotted(child(made, 'constructor') ?? made);
  const first = argumentsOf(made)[0];
  if (first === undefined || name === undefined || !OBSERVERS.test(name)) return;
  const callback = atItsWord(first);
  if (isAsyncValue(context, callback))
    context.report(
      marked(callback),
      `${name} does not look at what this function gives: when its promise fails nobody hears of it.`,
    );
}

/** `new Promise((resolve) => load(resolve))`; an async executor has a rule of its own, so here it is but a hint. */
function checkExecutor(context: Context, made: JsNode): void {
  const first = argumentsOf(made)[0];
  if (
    first === undefined ||
    context.resolver.dotted(child(made, 'constructor') ?? made) !== 'Promise'
  )
    return;
  const executor = atItsWord(first);
  if (!isAsyncValue(context, executor)) return;
  const isTold =
    context.settings.rules['async-promise-executor'] !== 'off' &&
    asyncExecutor(context, made) !== undefined;
  context.report(
    marked(executor),
    'Promise does not look at what its executor gives: when that promise fails this one stays pending.',
    isTold ? { severity: 'hint' } : endsCaught(context.model, executor) ? { severity: 'info' } : {},
  );
}

function checkNode(
  context: Context,
  callee: JsNode,
  name: string | undefined,
  last: JsNode | undefined,
): void {
  if (name === undefined || last === undefined || !TAKES_CALLBACK.test(name)) return;
  const callback = atItsWord(last);
  // A plain one that gives a promise on its way out by `return` has seen to it.
  if (!isAsyncValue(context, callback) || (isFunction(callback) && !isAsync(callback))) return;
  context.report(
    marked(callback),
    `${shown(context.model, callee)} does not look at what this function gives: when its promise fails nobody hears of it.`,
    milder(context, callback),
  );
}

function checkPlatform(
  context: Context,
  name: string | undefined,
  first: JsNode | undefined,
  isKnown = false,
): void {
  if (name === undefined || first === undefined || !isAsyncValue(context, first)) return;
  const isTimer = TIMERS.test(name);
  if (!isTimer && !isKnown && !CALLS_BACK.test(name)) return;
  context.report(
    marked(first),
    `${name} does not look at what this function gives: when its promise fails nobody hears of it.`,
    { ...(isTimer ? { severity: 'info' } : {}), ...milder(context, first) },
  );
}
