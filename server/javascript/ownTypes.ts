// The types of the language and the platform by their names: promises, lists, maps, and what is made of other types.
import type { TypeSources } from './generics.ts';
import { mapOf, platformObject } from './library.ts';
import { parameterList } from './overloads.ts';
import {
  alternatives,
  asyncGeneratorOf,
  functionTo,
  NULLISH,
  PLAIN,
  promiseOf,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

const ARRAYS = new Set(['Array', 'ReadonlyArray']);
const SETS = new Set(['Set', 'ReadonlySet']);
const TRANSPARENT = new Set([
  'Readonly',
  'Partial',
  'Required',
  'NonNullable',
  'OmitThisParameter',
  'PropsWithChildren',
  'React.PropsWithChildren',
]);
/** React's types of functions that are called when something happens. */
const HANDLERS =
  /^(?:React\.)?(?:Mouse|Keyboard|Form|Change|Focus|Drag|Pointer|Touch|Clipboard|Wheel|UI)EventHandler$/;
/** React's types of components, whose one parameter are the attributes. */
const COMPONENTS = /^(?:React\.)?(?:FC|VFC|FunctionComponent|ComponentType)$/;
/** `Promise<T>`, `Record<K, V>` and their like; undefined for a name that is none of them. */
export function ownGeneric(
  sources: TypeSources,
  text: string,
  first: () => Type,
  second: () => Type,
): Type | undefined {
  if (text === 'Promise') return promiseOf(first());
  if (/^Async(?:Generator|Iterator|Iterable|IterableIterator)$/.test(text))
    return asyncGeneratorOf(first);
  if (text === 'PromiseLike') return { kind: 'promise', of: settled(first()), real: false };
  if (ARRAYS.has(text)) return { kind: 'array', of: first() };
  if (SETS.has(text)) return { kind: 'array', of: first(), loose: true };
  if (/^(?:Generator|Iterable|Iterator|IterableIterator)$/.test(text))
    return { kind: 'object', member: () => undefined, rounds: first };
  if (text === 'WeakRef') {
    const deref = functionTo(() => union([first(), NULLISH]));
    return { kind: 'object', member: (name) => (name === 'deref' ? deref : undefined) };
  }
  if (TRANSPARENT.has(text)) return mapped(first(), text);
  if (text === 'Awaited') return settled(first());
  if (text === 'Record') return recordOf(first(), () => second());
  if (/^(?:Pick|Omit)$/.test(text)) return first();
  if (text === 'Exclude' || text === 'Extract') return sifted(first(), second(), text);
  if (HANDLERS.test(text)) return NOTHING;
  if (COMPONENTS.test(text))
    return {
      kind: 'function',
      returns: () => PLAIN,
      parameter: (index) => (index === 0 ? first() : undefined),
    };
  if (/^(?:Readonly|Weak)?Map$/.test(text))
    return mapOf(
      () => first(),
      () => second(),
    );
  const fn = /^(?:ReturnType|Parameters|InstanceType)$/.test(text) ? first() : UNKNOWN;
  if (text === 'ReturnType') return fn.kind === 'function' ? fn.returns() : UNKNOWN;
  if (text === 'Parameters' && fn.kind === 'function') return parameterList(fn);
  if (text === 'InstanceType' && fn.kind === 'class') return sources.instanceOf(fn.node);
  return undefined;
}

const NOTHING = functionTo(() => VOID);

/** `Promise`, `VoidFunction`, `Response`: a name without anything in angle brackets. */
export function ownNamed(name: string): Type | undefined {
  if (name === 'Promise') return promiseOf(UNKNOWN);
  if (/^(?:VoidFunction|EventListener|FrameRequestCallback)$/.test(name) || HANDLERS.test(name))
    return NOTHING;
  if (name === 'EventListenerObject')
    return { kind: 'object', member: (key) => (key === 'handleEvent' ? NOTHING : undefined) };
  if (name === 'Disposable')
    return { kind: 'object', member: (key) => (key === '[Symbol.dispose]' ? NOTHING : undefined) };
  return platformObject(name);
}

/** A promise whose properties were gone over one by one still has a `then`, but is no promise. */
function mapped(type: Type, by: string): Type {
  const isPromise = type.kind === 'promise' && by !== 'NonNullable';
  return isPromise ? { kind: 'promise', real: false, of: type.of } : type;
}

/** Kinds of types of which none can be part of another kind. */
const APART: ReadonlySet<Type['kind']> = new Set(['promise', 'array', 'nullish', 'void', 'plain']);

function sifted(type: Type, by: Type, how: 'Exclude' | 'Extract'): Type {
  const kinds = alternatives(by).map((each) => each.kind);
  if (kinds.includes('unknown')) return type;
  const left = alternatives(type).filter((each) => {
    if (!APART.has(each.kind)) return true;
    const isNamed = kinds.includes(each.kind);
    // Texts and numbers are told apart by more than their kind.
    return how === 'Extract' ? isNamed : !isNamed || each.kind === 'plain';
  });
  return left.length === 0 ? UNKNOWN : union(left);
}

function recordOf(keys: Type, each: () => Type): Type {
  const names = alternatives(keys).map((key) => (key.kind === 'plain' ? key.literal : undefined));
  const isOpen = names.includes(undefined);
  const has = (name: string) => (isOpen ? name !== 'then' : names.includes(`"${name}"`));
  return { kind: 'object', member: (name) => (has(name) ? each() : undefined), each };
}
