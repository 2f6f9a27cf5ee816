// Reads a type annotation: which value has a parameter, attribute or result annotated so.
import type { Expr } from './ast.ts';
import { dotted } from './children.ts';
import type { Resolver } from './resolve.ts';
import { isNone, type Value } from './value.ts';

const WRAPPERS = new Set([
  'typing.Optional',
  'typing.Annotated',
  'typing.Final',
  'typing.ClassVar',
  'typing.Union',
]);

const FILES = new Set([
  'io.TextIOWrapper',
  'io.BufferedReader',
  'io.BufferedWriter',
  'io.BufferedRandom',
  'io.BufferedRWPair',
  'io.FileIO',
  'io.IOBase',
  'io.RawIOBase',
  'io.BufferedIOBase',
  'io.TextIOBase',
  'typing.TextIO',
  'typing.BinaryIO',
]);

/** The value that an annotation promises; undefined for types nobody here knows and for real unions. */
export function annotationValue(annotation: Expr, resolver: Resolver): Value | undefined {
  if (annotation.kind === 'Operation' && annotation.op.startsWith('|')) {
    return onlyOne(annotation.operands, resolver);
  }
  if (annotation.kind === 'Other' && annotation.parts.length > 0) {
    return onlyOne(annotation.parts, resolver);
  }
  if (annotation.kind === 'Str') return quoted(annotation.value, annotation, resolver);
  if (annotation.kind === 'Subscript') {
    const outer = resolver.path(annotation.value);
    const name = annotation.value.kind === 'Name' ? annotation.value.id : undefined;
    if (
      (outer !== undefined && WRAPPERS.has(outer)) ||
      (outer === undefined && name === 'Optional')
    ) {
      const inner = annotation.index.flatMap((part) =>
        part.kind === 'Sequence' ? part.elements : [part],
      );
      if (outer === 'typing.Annotated') return annotationValue(inner[0]!, resolver);
      return onlyOne(inner, resolver);
    }
    if (outer === 'type' || outer === 'typing.Type') {
      const of =
        annotation.index[0] === undefined ? undefined : resolver.value(annotation.index[0]);
      return of?.kind === 'class' ? of : undefined;
    }
    return annotationValue(annotation.value, resolver);
  }
  const value = resolver.value(annotation);
  if (value?.kind === 'class') return { kind: 'object', cls: value.cls, resolver: value.resolver };
  if (value?.kind !== 'library') return undefined;
  return instanceOf(value.path);
}

/** What is left of a union without None; a path also next to the names of files, which have none of its methods. */
function onlyOne(parts: readonly Expr[], resolver: Resolver): Value | undefined {
  const rest = parts.filter((part) => !isNone(part));
  if (rest.length === 1) return annotationValue(rest[0]!, resolver);
  const [first, ...more] = rest.filter((part) => !isFileName(part));
  const value =
    first === undefined || more.length > 0 ? undefined : annotationValue(first, resolver);
  return value?.kind === 'instance' && value.type === 'pathlib.Path' ? value : undefined;
}

function isFileName(annotation: Expr): boolean {
  const name = annotation.kind === 'Subscript' ? annotation.value : annotation;
  return FILE_NAME.test(dotted(name) ?? '');
}

const FILE_NAME = /^(?:str|bytes|(?:os\.)?PathLike)$/;

function instanceOf(path: string): Value | undefined {
  if (!/(?:^|\.)_?[A-Z]\w*$/.test(path) && path !== 'socket.socket') return undefined;
  return { kind: 'instance', type: FILES.has(path) ? 'io.File' : path, made: undefined };
}

/** `"queue.Queue[int] | None"`: dotted names in quotes are looked up by their text. */
function quoted(text: string, at: Expr, resolver: Resolver): Value | undefined {
  const types = text
    .replace(/\[.*\]/, '')
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== 'None');
  const [only, ...more] = types.length > 1 ? types.filter((each) => !FILE_NAME.test(each)) : types;
  const isOne = more.length === 0 && (types.length === 1 || /(?:^|\.)Path$/.test(only ?? ''));
  const parts = isOne && only !== undefined && /^[\w.]+$/.test(only) ? only.split('.') : [];
  if (parts.length === 0) return undefined;
  const place = {
    start: at.start,
    end: at.end,
    parent: at,
    scope: at.scope,
    stands: undefined,
    known: 0,
  };
  let expr: Expr = { kind: 'Name', ...place, id: parts[0]! };
  for (const attr of parts.slice(1)) {
    expr = { kind: 'Attribute', ...place, value: expr, attr, attrStart: at.start };
  }
  return annotationValue(expr, resolver);
}
