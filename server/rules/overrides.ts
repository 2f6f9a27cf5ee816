// Whether a method may only have the shape that somebody else prescribes: a base class, seen or unseen.
import type { FunctionDef } from '../python/ast.ts';
import type { Resolver } from '../python/resolve.ts';

/** True when a base class has a method of this name, or is not known and so may have one. */
export function mayOverride(fn: FunctionDef, resolver: Resolver): boolean {
  const cls = fn.scope.node;
  if (cls.kind !== 'ClassDef') return false;
  if (cls.keywords.length > 0) return true;
  return cls.bases.some((base) => {
    if (base.kind === 'Name' && base.id === 'object') return false;
    const value = resolver.value(base);
    // What these prescribe is told by their own subclasses.
    if (value?.kind === 'library' && value.path === 'typing.Generic') return false;
    if (value?.kind !== 'class') return true;
    return value.resolver.attribute(value, fn.name) !== undefined || value.cls.bases.length > 0;
  });
}
