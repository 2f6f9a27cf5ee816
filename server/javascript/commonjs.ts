// What a CommonJS module itself put into its exports.
import { child } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import { memberOf, type Type, union } from './type.ts';

/** `exports.load` and `module.exports.load`, by what is written to them; undefined for anything else. */
export function ownExport(resolver: Resolver, object: JsNode, name: string): Type | undefined {
  return isExports(resolver, object) ? exportedMember(resolver, name) : undefined;
}

/** What a module puts into its exports under a name; `default` is all of them. */
export function exportedMember(resolver: Resolver, name: string): Type | undefined {
  const { model } = resolver;
  const found: Type[] = [];
  for (const each of model.byType.get('assignment_expression') ?? []) {
    const left = child(each, 'left');
    const right = child(each, 'right');
    if (left?.type !== 'member_expression' || right === undefined) continue;
    const owner = child(left, 'object');
    if (model.textOf(left) === 'module.exports') {
      if (name === 'default') return resolver.typeOf(right);
      const member = memberOf(resolver.typeOf(right), name);
      if (member.kind !== 'unknown') found.push(member);
    } else if (owner !== undefined && isExports(resolver, owner)) {
      const key = child(left, 'property');
      if (key === undefined || model.textOf(key) !== name) continue;
      const type = resolver.typeOf(right);
      // Compilers write `exports.a = exports.b = void 0;` first.
      if (type.kind !== 'nullish') found.push(type);
    }
  }
  return found.length === 0 ? undefined : union(found);
}

function isExports({ model }: Resolver, object: JsNode): boolean {
  const length = object.end - object.start;
  if (length !== 'exports'.length && length !== 'module.exports'.length) return false;
  if (object.type === 'identifier')
    return model.textOf(object) === 'exports' && model.bindingOf(object) === undefined;
  return object.type === 'member_expression' && model.textOf(object) === 'module.exports';
}
