// What an expression can stand for.
import type { ClassDef, Expr, FunctionDef } from './ast.ts';
import type { Resolver } from './resolve.ts';

export type Value =
  /** A library module, function or class by its canonical dotted name; `T#m` is method m of an instance of T. */
  | { readonly kind: 'library'; readonly path: string }
  /** An instance of a library's class. */
  | { readonly kind: 'instance'; readonly type: string; readonly made: Expr | undefined }
  | { readonly kind: 'module'; readonly resolver: Resolver }
  | {
      readonly kind: 'function';
      readonly fn: FunctionDef;
      readonly resolver: Resolver;
      readonly self: ClassDef | undefined;
    }
  | { readonly kind: 'class'; readonly cls: ClassDef; readonly resolver: Resolver }
  | { readonly kind: 'object'; readonly cls: ClassDef; readonly resolver: Resolver };

export function isNone(expr: Expr | undefined): boolean {
  return expr?.kind === 'Literal' && expr.text === 'None';
}

/** Equal for values that are the same thing. */
export function keyOf(value: Value): string {
  switch (value.kind) {
    case 'library':
      return value.path;
    case 'instance':
      return `${value.type}()`;
    case 'module':
      return value.resolver.model.path;
    case 'function':
      return `${value.resolver.model.path}:${value.fn.start}`;
    case 'class':
      return `${value.resolver.model.path}:${value.cls.start}`;
    case 'object':
      return `${value.resolver.model.path}:${value.cls.start}()`;
  }
}
