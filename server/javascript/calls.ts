// What a call or a `new` gives.
import { arrayMethod } from './arrays.ts';
import { isComponent } from './expected.ts';
import { inferredArguments, typeArguments } from './generics.ts';
import { awaitedByName, givesPromiseByName, mapOf, platformObject } from './library.ts';
import { mayEndEarly } from './members.ts';
import type { JavascriptModel } from './model.ts';
import { memberName } from './names.ts';
import { argumentsOf, bare, child, inner, parts } from './node.ts';
import { takers } from './overloads.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  constructOf,
  elementOf,
  functionTo,
  type Given,
  itemOf,
  mayBe,
  memberOf,
  NULLISH,
  PLAIN,
  promiseOf,
  promiseOfLater,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

export function callResult(resolver: Resolver, call: JsNode): Type {
  const callee = child(call, 'function');
  if (callee === undefined) return UNKNOWN;
  const name = resolver.dotted(callee);
  const byName = name === undefined ? undefined : resultByName(resolver, name, call);
  if (byName !== undefined) return byName;
  const [module] = name === 'require' ? argumentsOf(call) : [];
  if (module?.type === 'string')
    return resolver.imported(resolver.model.textOf(module).slice(1, -1), '*') ?? UNKNOWN;
  const type = resolver.typeOf(callee);
  const all = alternatives(type).filter((each) => each.kind === 'function');
  if (all.length > 0) {
    const given = givenBy(resolver, call);
    const functions = takers(all, given.args);
    const results = functions.map((each) => each.returns(given));
    return union(mayEndEarly(resolver, call) ? [...results, NULLISH] : results);
  }
  const plain = bare(callee);
  if (plain.type !== 'member_expression' && plain.type !== 'subscript_expression') return UNKNOWN;
  const borrowed = borrowedFunction(resolver, plain);
  return borrowed ?? arrayMethod(resolver, call, plain);
}

function givenBy(resolver: Resolver, call: JsNode): Given {
  const args = argumentsOf(call);
  return {
    types: typeArguments(resolver, call),
    args: { model: resolver.model, nodes: args },
    argument: (index) => (args[index] === undefined ? undefined : resolver.typeOf(args[index])),
  };
}

const BORROWS = /^(?:call|apply|bind)$/;

/** Functions with a `call` of their own: `f.call = …`, or a namespace of the same name. */
const ownMembers = new WeakMap<JavascriptModel, ReadonlySet<string>>();

function hasOwnMember({ model }: Resolver, callee: JsNode, name: string): boolean {
  let known = ownMembers.get(model);
  if (known === undefined) {
    const spaces = (model.byType.get('internal_module') ?? []).map((each) => child(each, 'name'));
    const written = (model.byType.get('assignment_expression') ?? [])
      .map((each) => child(each, 'left'))
      .filter((each) => each !== undefined && BORROWS.test(memberName(model, each) ?? ''));
    known = new Set([
      ...[...spaces, ...written].map((each) => (each === undefined ? '' : model.textOf(each))),
      ...definedMembers(model),
    ]);
    ownMembers.set(model, known);
  }
  const owner = model.textOf(child(callee, 'object') ?? callee);
  return known.has(owner) || known.has(`${owner}.${name}`);
}

/** `Object.defineProperty(f, 'call', …)`, which is what compilers make of a namespace. */
function definedMembers(model: JavascriptModel): readonly string[] {
  if (!model.text.includes('defineProperty')) return [];
  return (model.byType.get('call_expression') ?? []).flatMap((call) => {
    const callee = child(call, 'function');
    if (callee === undefined || model.textOf(callee) !== 'Object.defineProperty') return [];
    const [owner, key] = argumentsOf(call);
    if (owner === undefined || key?.type !== 'string') return [];
    return `${model.textOf(owner)}.${model.textOf(key).slice(1, -1)}`;
  });
}

/** `f.call(…)`, `f.apply(…)`, `f.bind(…)`. */
function borrowedFunction(resolver: Resolver, callee: JsNode): Type | undefined {
  const name = memberName(resolver.model, callee);
  if (name === undefined || !BORROWS.test(name)) return undefined;
  const type = resolver.typeOf(child(callee, 'object') ?? callee);
  const functions = alternatives(type).filter((each) => each.kind === 'function');
  if (functions.length === 0 || hasOwnMember(resolver, callee, name)) return undefined;
  if (name === 'bind') {
    const given = Math.max(0, argumentsOf(callee.parent ?? callee).length - 1);
    return union(
      functions.map((each) => ({
        kind: 'function',
        returns: () => each.returns(),
        parameter: (index) => each.parameter(index + given),
      })),
    );
  }
  return union(functions.map((each) => each.returns()));
}

/** Values that are surely no promises. */
const PLAIN_VALUES = new Set([
  'undefined',
  'null',
  'true',
  'false',
  'number',
  'string',
  'template_string',
  'object',
  'array',
]);

function resultByName(resolver: Resolver, name: string, call: JsNode): Type | undefined {
  const first = argumentsOf(call)[0];
  const given = () => (first === undefined ? UNKNOWN : resolver.typeOf(first));
  switch (name) {
    case 'Promise.resolve':
      return first === undefined || PLAIN_VALUES.has(bare(first, true).type)
        ? { kind: 'promise', of: given(), real: true, settled: true }
        : promiseOfLater(given);
    case 'import': {
      const module = first?.type === 'string' ? resolver.model.textOf(first).slice(1, -1) : '';
      return promiseOfLater(() => resolver.imported(module, '*') ?? UNKNOWN);
    }
    case 'Promise.all':
      return promiseOfLater(() => allSettled(given()));
    case 'Promise.race':
    case 'Promise.any':
      return promiseOfLater(() => elementOf(given()));
    case 'Promise.withResolvers': {
      const [type] = typeArguments(resolver, call);
      const promise = promiseOf(type ?? UNKNOWN);
      return { kind: 'object', member: (key) => (key === 'promise' ? promise : undefined) };
    }
    case 'util.promisify':
      return functionTo(() => promiseOf(UNKNOWN));
    case 'Object.assign': {
      const all = argumentsOf(call).map((each) => resolver.typeOf(each));
      // What is given more is still what it was: a promise of this name was seen to, or not, where it was made.
      const isMade =
        first !== undefined && /^(?:call|new)_expression$/.test(bare(first, true).type);
      if (all.some((each) => each.kind !== 'object')) return isMade ? all[0] : UNKNOWN;
      const member = (key: string) =>
        all.map((each) => memberOf(each, key)).findLast((each) => each.kind !== 'unknown');
      return { kind: 'object', member };
    }
    case 'document.querySelector':
    case 'document.createElement': {
      const [named] = typeArguments(resolver, call);
      const isMedia =
        first !== undefined && /^['"](?:video|audio)['"]$/.test(resolver.model.textOf(first));
      const media = isMedia ? platformObject('HTMLVideoElement') : undefined;
      return named ?? media ?? UNKNOWN;
    }
    case 'Object.freeze':
    case 'Object.seal':
    case 'react.useCallback':
    case 'preact/hooks.useCallback':
    case 'react.memo':
    case 'React.memo':
    case 'React.useCallback':
      return given();
    case 'react.useRef':
    case 'React.useRef': {
      const [type] = typeArguments(resolver, call);
      const held = type === undefined ? given() : union([type, NULLISH]);
      return { kind: 'object', member: (key) => (key === 'current' ? held : undefined) };
    }
    case 'react.useState':
    case 'React.useState': {
      const items = [typeArguments(resolver, call)[0] ?? UNKNOWN, functionTo(() => VOID)];
      return { kind: 'array', of: union(items), items };
    }
    case 'react.createContext':
    case 'React.createContext':
      return contextOf(typeArguments(resolver, call)[0] ?? given());
    case 'react.useContext':
    case 'React.useContext':
      return memberOf(given(), HELD);
    case 'react.useMemo':
    case 'React.useMemo': {
      const made = given();
      return made.kind === 'function' ? made.returns() : UNKNOWN;
    }
    case 'react.forwardRef':
    case 'React.forwardRef': {
      const [, attributes] = typeArguments(resolver, call);
      const component = functionTo(() => PLAIN);
      return attributes === undefined ? given() : { ...component, parameter: () => attributes };
    }
    case 'Object.values':
      return { kind: 'array', of: anyValue(given()) };
    case 'Array':
    case 'Array.of':
      return { kind: 'array', of: listed(resolver, call) };
    case 'Object.entries': {
      const items = [PLAIN, anyValue(given())];
      return { kind: 'array', of: { kind: 'array', of: union(items), items } };
    }
    case 'Object.keys':
      return { kind: 'array', of: PLAIN };
    default:
      if (name === 'readline/promises.createInterface') return platformObject('ReadlineInterface');
      return givesPromiseByName(name) ? promiseOf(awaitedByName(name)) : undefined;
  }
}

/** What a context of React's holds goes by a name that no program can write. */
const HELD = '[held]';

function contextOf(held: Type): Type {
  const attributes: Type = {
    kind: 'object',
    member: (name) => (name === 'value' ? held : undefined),
  };
  const provider: Type = {
    kind: 'function',
    returns: () => PLAIN,
    parameter: (index) => (index === 0 ? attributes : undefined),
  };
  const members: Readonly<Record<string, Type>> = { Provider: provider, [HELD]: held };
  return {
    kind: 'object',
    member: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
  };
}

/** What any name of an object, or any place of a list, leads to. */
function anyValue(type: Type): Type {
  const each = alternatives(type).flatMap((part) =>
    part.kind === 'object' ? (part.each?.() ?? []) : part.kind === 'array' ? [part.of] : [],
  );
  return each.length === 0 ? UNKNOWN : union(each);
}

/** What `Array(a, b)` holds; a number alone is its length. */
function listed(resolver: Resolver, call: JsNode): Type {
  const args = argumentsOf(call);
  const isPlain = args.length > 0 && args.every((each) => each.type !== 'spread_element');
  return isPlain ? union(args.map((each) => resolver.typeOf(each))) : UNKNOWN;
}

/** What the promises of a list resolve to, each at its place. */
function allSettled(list: Type): Type {
  const of = settled(elementOf(list));
  const tuple = alternatives(list).find((each) => each.kind === 'array');
  if (tuple?.kind !== 'array' || tuple.items === undefined) return { kind: 'array', of };
  return { kind: 'array', of, items: tuple.items.map((_, at) => settled(itemOf(list, at))) };
}

/** What `new` of something, or a class that extends it, gives; `node` may name type arguments. */
export function constructed(resolver: Resolver, node: JsNode, callee: JsNode | undefined): Type {
  if (callee === undefined) return UNKNOWN;
  const types = () => typeArguments(resolver, node);
  const first = argumentsOf(node)[0];
  switch (resolver.dotted(callee)) {
    case 'Promise':
      return promiseOfLater(() => types()[0] ?? UNKNOWN);
    case 'Array':
      return { kind: 'array', of: types()[0] ?? listed(resolver, node) };
    case 'Set': {
      const from = first === undefined ? UNKNOWN : elementOf(resolver.typeOf(first));
      return { kind: 'array', of: types()[0] ?? from, loose: true };
    }
    case 'Proxy':
      return first === undefined ? UNKNOWN : resolver.typeOf(first);
    case 'WeakMap':
    case 'Map': {
      const pairs = first === undefined ? UNKNOWN : elementOf(resolver.typeOf(first));
      return mapOf(
        () => types()[0] ?? itemOf(pairs, 0),
        () => types()[1] ?? itemOf(pairs, 1),
      );
    }
    default:
  }
  const type = resolver.typeOf(bare(callee, true));
  if (type.kind === 'class') {
    const named = types();
    if (named.length > 0 || child(type.node, 'type_parameters') === undefined)
      return resolver.instanceOf(type.node, named);
    const maker = resolver.constructorOf(type.node);
    const fn = maker?.kind === 'function' ? maker.node : undefined;
    const home = resolver.homeOf(type.node);
    const found = inferredArguments(home, type.node, fn, givenBy(resolver, node));
    return resolver.instanceOf(type.node, found);
  }
  const made = constructOf(type)?.returns(givenBy(resolver, node));
  if (made === undefined && isComponent(resolver.dotted(callee)))
    return { kind: 'object', member: (key) => (key === 'props' ? types()[0] : undefined) };
  return made ?? platformObject(resolver.dotted(callee) ?? '') ?? UNKNOWN;
}

/** What a parameter without annotation is, of a function given to a method of lists or promises. */
export function calledWith(resolver: Resolver, fn: JsNode, index: number): Type {
  const list = fn.parent;
  const call = list?.type === 'arguments' ? list.parent : undefined;
  const callee = call === undefined ? undefined : child(call, 'function');
  if (call === undefined || callee?.type !== 'member_expression') return UNKNOWN;
  const name = memberName(resolver.model, callee);
  const object = child(callee, 'object');
  if (name === 'from' && index === 0 && resolver.dotted(callee) === 'Array.from') {
    const [source, visitor] = argumentsOf(call);
    return source !== undefined && visitor === fn ? elementOf(resolver.typeOf(source)) : UNKNOWN;
  }
  if (name === undefined || object === undefined || argumentsOf(call)[0] !== fn) return UNKNOWN;
  const owner = resolver.typeOf(object);
  if (name === 'then') return index === 0 && mayBe(owner, 'promise') ? settled(owner) : UNKNOWN;
  if (name === 'reduce' || name === 'reduceRight') {
    if (index === 1) return elementOf(owner);
    const start = argumentsOf(call)[1];
    if (index !== 0) return UNKNOWN;
    return start === undefined ? elementOf(owner) : resolver.typeOf(start);
  }
  return index === 0 && VISITS.has(name) && mayBe(owner, 'array') ? elementOf(owner) : UNKNOWN;
}

const VISITS = new Set([
  'map',
  'forEach',
  'filter',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'flatMap',
]);

/** The parameters of a function literal without a declared `this`; the one of an arrow without brackets. */
export function positionOf(parameter: JsNode): { fn: JsNode; index: number } | undefined {
  const list = parameter.parent;
  if (list === undefined) return undefined;
  if (list.type !== 'formal_parameters') return { fn: list, index: 0 };
  const all = parts(list).filter((each) => inner(each)?.type !== 'this');
  return list.parent === undefined ? undefined : { fn: list.parent, index: all.indexOf(parameter) };
}
