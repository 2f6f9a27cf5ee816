// Reads a type annotation: which value has a parameter, attribute or result annotated so.
import type { Expr } from './ast.ts';
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
    const rest = annotation.operands.filter((part) => !isNone(part));
    return rest.length === 1 ? annotationValue(rest[0]!, resolver) : undefined;
  }
  if (annotation.kind === 'Other' && annotation.parts.length > 0) {
    const rest = annotation.parts.filter((part) => !isNone(part));
    return rest.length === 1 ? annotationValue(rest[0]!, resolver) : undefined;
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
      const rest = inner.filter((part) => !isNone(part));
      if (outer === 'typing.Annotated') return annotationValue(rest[0]!, resolver);
      return rest.length === 1 ? annotationValue(rest[0]!, resolver) : undefined;
    }
    return annotationValue(annotation.value, resolver);
  }
  const value = resolver.value(annotation);
  if (value?.kind === 'class') return { kind: 'object', cls: value.cls, resolver: value.resolver };
  if (value?.kind !== 'library') return undefined;
  return instanceOf(value.path);
}

function instanceOf(path: string): Value | undefined {
  if (!/(?:^|\.)_?[A-Z]\w*$/.test(path) && path !== 'socket.socket') return undefined;
  return { kind: 'instance', type: FILES.has(path) ? 'io.File' : path, made: undefined };
}

/** `"queue.Queue[int] | None"`: dotted names in quotes are looked up by their text. */
function quoted(text: string, at: Expr, resolver: Resolver): Value | undefined {
  const name = text
    .replace(/\[.*\]/, '')
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== 'None');
  const parts = name.length === 1 && /^[\w.]+$/.test(name[0]!) ? name[0]!.split('.') : [];
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
