// What is known of a value without a type checker: enough to tell promises, and functions that give one, from the rest.
import type { JavascriptModel } from './model.ts';
import type { JsNode } from './parser.ts';

export type Type =
  | {
      readonly kind: 'promise';
      readonly of: Type;
      /** Not just something with `then`. */
      readonly real: boolean;
      /** It has its value from the start, so nothing can fail. */
      readonly settled?: true;
      /** What it has besides `then`, `catch` and `finally`. */
      member?(name: string): Type | undefined;
    }
  | {
      readonly kind: 'array';
      readonly of: Type;
      /** Gone over like a list, but none: a set, an iterator. */
      readonly loose?: true;
      /** Of a tuple what stands at each place. */
      readonly items?: readonly Type[];
    }
  | FunctionType
  | ObjectType
  | { readonly kind: 'class'; readonly node: JsNode }
  | { readonly kind: 'union'; readonly of: readonly Type[] }
  | {
      readonly kind: 'plain';
      /** The one value that it has, as it is written with double quotes. */
      readonly literal?: string;
    }
  | { readonly kind: 'void' | 'nullish' | 'unknown' };

/** The arguments of a call, with the file that they are of. */
export interface Arguments {
  readonly model: JavascriptModel;
  readonly nodes: readonly JsNode[];
}

/** What one call gives a generic function. */
export interface Given {
  /** The type arguments it names. */
  readonly types: readonly Type[];
  /** Parameters nobody names stay unknown, whatever they have to extend: the argument itself decides what they are. */
  readonly open?: true;
  /** What stands in its brackets, to tell overloads apart. */
  readonly args?: Arguments;
  argument(index: number): Type | undefined;
}

export interface FunctionType {
  readonly kind: 'function';
  /** Its body, when this file has it. */
  readonly node?: JsNode;
  returns(given?: Given): Type;
  /** The declared type of a parameter; a rest parameter's element for those behind it. */
  parameter(index: number, given?: Given): Type | undefined;
  /** Of an object that can also be called. */
  member?(name: string): Type | undefined;
  /** What `new` takes and gives, where it can be made as well. */
  readonly construct?: FunctionType;
  /** Whether a declared signature can be meant by a call with these arguments. */
  takes?(args: Arguments): boolean;
}

export interface ObjectType {
  readonly kind: 'object';
  member(name: string): Type | undefined;
  /** What any name leads to, where an index says so. */
  each?(): Type | undefined;
  /** What a loop over it gives in each round. */
  rounds?(): Type;
  /** What `new` takes and gives. */
  readonly construct?: FunctionType;
}

export const UNKNOWN: Type = { kind: 'unknown' };
export const PLAIN: Type = { kind: 'plain' };
export const VOID: Type = { kind: 'void' };
export const NULLISH: Type = { kind: 'nullish' };

/** A text or number that is this one and no other. */
export function literalType(text: string): Type {
  return { kind: 'plain', literal: /^['"`]/.test(text) ? `"${text.slice(1, -1)}"` : text };
}

export function promiseOf(of: Type): Type {
  return { kind: 'promise', of: settled(of), real: true };
}

/** A promise of what is only looked at when somebody awaits it. */
export function promiseOfLater(of: () => Type, real = true): Type {
  let known: Type | undefined;
  return {
    kind: 'promise',
    real,
    get of() {
      if (known !== undefined) return known;
      // One that resolves to itself on the way is not known.
      known = UNKNOWN;
      known = settled(of());
      return known;
    },
  };
}

/** A function that gives always the same and says nothing of its parameters. */
export function functionTo(returns: () => Type): FunctionType {
  return { kind: 'function', returns, parameter: () => undefined };
}

/** A promise that is more than one: a query that can be awaited. */
export function promiseWith(
  promise: Type & { kind: 'promise' },
  member: (name: string) => Type | undefined,
): Type {
  return {
    kind: 'promise',
    real: promise.real,
    member,
    get of() {
      return promise.of;
    },
  };
}

const STEP = functionTo(() => promiseOf(UNKNOWN));

/** What an async generator gives: each step of it is a promise. */
export function asyncGeneratorOf(of: () => Type): Type {
  const generator: Type = {
    kind: 'object',
    member(name) {
      if (name === '[Symbol.asyncIterator]') return functionTo(() => generator);
      return /^(?:next|return|throw)$/.test(name) ? STEP : undefined;
    },
    rounds: of,
  };
  return generator;
}

export function union(types: readonly Type[]): Type {
  const flat = types.flatMap((each) => alternatives(each));
  return flat.length === 1 ? flat[0]! : { kind: 'union', of: flat };
}

export function alternatives(type: Type): readonly Type[] {
  return type.kind === 'union' ? type.of : [type];
}

/** What `await` makes of it. */
export function settled(type: Type): Type {
  if (type.kind === 'promise') return type.of;
  if (type.kind === 'union') return union(type.of.map((each) => settled(each)));
  return type;
}

/** Some alternative is a promise. */
export function mayBePromise(type: Type): boolean {
  return alternatives(type).some((each) => each.kind === 'promise' && each.real);
}

/** Every alternative is a promise or has a `then` like one. */
export function isAlwaysThenable(type: Type): boolean {
  const all = alternatives(type);
  return all.length > 0 && all.every((each) => isThenable(each));
}

export function isThenable(type: Type): boolean {
  if (type.kind === 'promise') return true;
  if (type.kind !== 'object') return false;
  const then = type.member('then');
  return then !== undefined && alternatives(then).some((each) => takesCallback(each));
}

function takesCallback(then: Type): boolean {
  if (then.kind !== 'function') return false;
  const first = then.parameter(0);
  return first !== undefined && alternatives(first).some((each) => each.kind === 'function');
}

export function mayBeArrayOfPromises(type: Type): boolean {
  return alternatives(type).some(
    (each) => each.kind === 'array' && each.loose !== true && mayBePromise(each.of),
  );
}

/** A function some of whose results are promises. */
export function givesPromise(type: Type): boolean {
  return alternatives(type).some(
    (each) => each.kind === 'function' && alternatives(each.returns()).some((r) => isThenable(r)),
  );
}

/** What any of several is, when each has to do with a promise; undefined where they differ. */
export function alike(types: readonly Type[]): Type | undefined {
  const all = types.flatMap((each) => alternatives(each));
  const isOfPromise = (each: Type) => mayBePromise(each) || givesPromise(each);
  return all.length > 0 && all.every(isOfPromise) ? union(all) : undefined;
}

/** A function that is declared to give nothing, and in no overload or alternative a promise. */
export function wantsNothing(type: Type): boolean {
  const functions = alternatives(type).filter((each) => each.kind === 'function');
  const given = functions.map((each) => each.returns());
  const results = given.flatMap(alternatives);
  // The compiler itself takes no promise for `void | undefined` or `void | (() => void)`.
  return (
    given.some((each) => alternatives(each).every((part) => part.kind === 'void')) &&
    !results.some((each) => isThenable(each) || each.kind === 'unknown')
  );
}

export function memberOf(type: Type, name: string): Type {
  const found = alternatives(type)
    .filter((each) => each.kind !== 'nullish')
    .map(
      (each) =>
        (/^(?:object|function|promise)$/.test(each.kind)
          ? (each as ObjectType).member?.(name)
          : undefined) ?? UNKNOWN,
    );
  return found.length === 0 ? UNKNOWN : union(found);
}

export function mayBe(type: Type, kind: Type['kind']): boolean {
  return alternatives(type).some((each) => each.kind === kind);
}

/** Always true when asked: no number, text or nothing. */
export function isAlwaysTrue(type: Type): boolean {
  return /^(?:promise|array|function|object|class)$/.test(type.kind);
}

export function withoutNullish(type: Type): Type {
  const all = alternatives(type);
  const left = all.filter((each) => each.kind !== 'nullish');
  return left.length === all.length ? type : union(left);
}

/** The function that `new` calls, when the type alone says so. */
export function constructOf(type: Type): FunctionType | undefined {
  return alternatives(type)
    .map((each) =>
      each.kind === 'object' || each.kind === 'function' ? each.construct : undefined,
    )
    .find((each) => each !== undefined);
}

/** What stands at a place of a tuple; of another list what stands at any. */
export function itemOf(type: Type, index: number): Type {
  const found = alternatives(type).flatMap((each) =>
    each.kind === 'array'
      ? [each.items?.[index] ?? (each.items === undefined ? each.of : NULLISH)]
      : [],
  );
  return found.length === 0 ? UNKNOWN : union(found);
}

export function elementOf(type: Type): Type {
  const elements = alternatives(type).flatMap((each) => {
    if (each.kind === 'array') return [each.of];
    return each.kind === 'object' && each.rounds !== undefined ? [each.rounds()] : [];
  });
  return elements.length === 0 ? UNKNOWN : union(elements);
}
