// What a module hands out, and under which names.
import type { JavascriptModel } from './model.ts';
import { child, inner } from './node.ts';
import type { JsNode } from './parser.ts';

export type Export =
  | { readonly local: string }
  /** `export default` of something without a name. */
  | { readonly value: JsNode }
  /** Handed on from another module. */
  | { readonly module: string; readonly imported: string };

export interface Exports {
  readonly byName: ReadonlyMap<string, Export>;
  /** Modules all of whose names are handed on. */
  readonly stars: readonly string[];
}

export function exportsOf(model: JavascriptModel): Exports {
  const byName = new Map<string, Export>();
  const stars: string[] = [];
  for (const node of model.byType.get('export_statement') ?? []) {
    // Those of a namespace are its own.
    if (node.parent !== model.root) continue;
    const source = child(node, 'source');
    const module = source === undefined ? undefined : model.textOf(source).slice(1, -1);
    const [first] = node.children;
    if (first?.type === 'export_clause') clause(model, first, module, byName);
    else if (first?.type === 'namespace_export' && module !== undefined) {
      const name = first.children.find((each) => each.type === 'identifier');
      if (name !== undefined) byName.set(model.textOf(name), { module, imported: '*' });
    } else if (module !== undefined) stars.push(module);
    else {
      const declaration = child(node, 'declaration');
      const value = child(node, 'value') ?? (declaration === undefined ? first : undefined);
      if (value !== undefined) byName.set('default', { value });
      if (declaration !== undefined) declared(model, node, declaration, byName);
    }
  }
  return { byName, stars };
}

function clause(
  model: JavascriptModel,
  list: JsNode,
  module: string | undefined,
  byName: Map<string, Export>,
): void {
  for (const each of list.children) {
    const name = child(each, 'name');
    if (name === undefined) continue;
    const local = model.textOf(name);
    const key = model.textOf(child(each, 'alias') ?? name);
    byName.set(key, module === undefined ? { local } : { module, imported: local });
  }
}

function declared(
  model: JavascriptModel,
  statement: JsNode,
  declaration: JsNode,
  byName: Map<string, Export>,
): void {
  const node = declaration.type === 'ambient_declaration' ? inner(declaration) : declaration;
  if (node === undefined) return;
  if (/^(?:lexical|variable)_declaration$/.test(node.type)) {
    for (const each of node.children) {
      const name = child(each, 'name');
      if (name !== undefined)
        for (const local of namesIn(model, name)) byName.set(local, { local });
    }
    return;
  }
  const name = child(node, 'name');
  const local = name === undefined ? undefined : model.textOf(name);
  const isDefault = /^export\s+default\b/.test(model.text.slice(statement.start, node.start));
  const key = isDefault ? 'default' : local;
  if (key !== undefined) byName.set(key, local === undefined ? { value: node } : { local });
}

function namesIn(model: JavascriptModel, pattern: JsNode): string[] {
  if (/^(?:identifier|shorthand_property_identifier_pattern)$/.test(pattern.type))
    return [model.textOf(pattern)];
  return pattern.children
    .filter((each) => each.field !== 'key' && each.field !== 'right')
    .flatMap((each) => namesIn(model, each));
}
