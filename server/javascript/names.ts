// Dotted names of libraries' and the platform's objects, whatever they are called in the file.
import type { Binding, JavascriptModel } from './model.ts';
import { argumentsOf, bare, child, inner } from './node.ts';
import type { JsNode } from './parser.ts';

/** Names that stand for each other, round and round, are given up after so many steps. */
const STEPS = 40;

/** The dotted name of a library's or the platform's object, with imports resolved: `fs.readFileSync`. */
export function dottedName(
  model: JavascriptModel,
  node: JsNode,
  steps = STEPS,
): string | undefined {
  if (steps === 0) return undefined;
  const at = bare(node, true);
  if (at.type === 'identifier' || at.type === 'shorthand_property_identifier') {
    const binding = model.bindingOf(at);
    if (binding === undefined) return model.textOf(at);
    if (binding.kind === 'import') return imported(binding);
    const value = binding.nodes.length === 1 ? child(binding.nodes[0]!, 'value') : undefined;
    // `const { readFileSync } = fs` and `const wait = timers.setTimeout`.
    if (binding.nodes[0]?.parent?.type === 'object_pattern') {
      const from = child(binding.nodes[0].parent.parent!, 'value');
      const base = from === undefined ? undefined : dottedName(model, from, steps - 1);
      const key = child(binding.nodes[0], 'key') ?? binding.nodes[0];
      const name = model.textOf(key);
      return base === undefined ? undefined : isGlobal(base) ? name : `${base}.${name}`;
    }
    if (value === undefined || binding.nodes[0]?.type !== 'variable_declarator') return undefined;
    return /^(?:member_expression|identifier)$/.test(value.type) &&
      binding.name !== model.textOf(value)
      ? dottedName(model, value, steps - 1)
      : undefined;
  }
  if (at.type === 'member_expression' || at.type === 'subscript_expression') {
    const object = child(at, 'object');
    const name = memberName(model, at);
    const base =
      object === undefined || name === undefined ? undefined : dottedName(model, object, steps - 1);
    if (base === undefined) return undefined;
    return `${base.replace(/^(?:globalThis|window|self)\.?/, '')}.${name}`.replace(/^\./, '');
  }
  // `(await import('fs')).promises`
  const awaited = at.type === 'await_expression' ? inner(at) : undefined;
  if (awaited !== undefined) return loaded(model, awaited, 'import');
  if (at.type === 'call_expression') return loaded(model, at, 'require');
  return at.type === 'import' ? 'import' : undefined;
}

/** The module that `require('x')` or `import('x')` loads. */
function loaded(model: JavascriptModel, at: JsNode, by: string): string | undefined {
  if (at.type === 'call_expression') {
    const callee = child(at, 'function');
    const name = argumentsOf(at)[0];
    if (callee !== undefined && model.textOf(callee) === by && name?.type === 'string')
      return model
        .textOf(name)
        .slice(1, -1)
        .replace(/^node:/, '');
  }
  return undefined;
}

function isGlobal(name: string): boolean {
  return /^(?:globalThis|window|self)$/.test(name);
}

/** `b` of `a.b`, `a['b']` and of a template without holes in the brackets; undefined when it is computed. */
export function memberName(model: JavascriptModel, node: JsNode): string | undefined {
  if (node.type === 'member_expression') {
    const property = child(node, 'property');
    return property === undefined ? undefined : model.textOf(property);
  }
  const index = node.type === 'subscript_expression' ? child(node, 'index') : undefined;
  if (index?.type === 'identifier') return constantText(model, index);
  const isPlain =
    index?.type === 'string' ||
    (index?.type === 'template_string' &&
      index.children.every((each) => each.type !== 'template_substitution'));
  if (isPlain) return model.textOf(index!).slice(1, -1);
  const isSymbol = index?.type === 'member_expression' && /^Symbol\.\w+$/.test(model.textOf(index));
  return isSymbol ? `[${model.textOf(index)}]` : undefined;
}

function imported(binding: Binding): string {
  const module = binding.module!;
  if (binding.imported === '*' || binding.imported === 'default') return module;
  return `${module}.${binding.imported}`;
}

/** The name of a property; undefined when it is computed, but `[Symbol.iterator]` and `[Level.HIGH]` are names too. */
export function keyOf(model: JavascriptModel, key: JsNode): string | undefined {
  const text = model.textOf(key);
  if (key.type === 'string') return text.slice(1, -1);
  if (key.type !== 'computed_property_name') return text;
  const name = inner(key);
  if (name?.type === 'string') return model.textOf(name).slice(1, -1);
  if (name?.type === 'identifier') return constantText(model, name);
  return name?.type === 'member_expression' ? text : undefined;
}

/** The text that a `const` stands for. */
function constantText(model: JavascriptModel, name: JsNode): string | undefined {
  const node = model.bindingOf(name)?.nodes[0];
  const value = node?.type === 'variable_declarator' ? child(node, 'value') : undefined;
  if (value === undefined || node?.parent === undefined) return undefined;
  const plain = bare(value, true);
  const isConstant = model.text.startsWith('const', node.parent.start);
  return isConstant && plain.type === 'string' ? model.textOf(plain).slice(1, -1) : undefined;
}

/** `name?:`. */
export function hasMark(model: JavascriptModel, node: JsNode): boolean {
  const key = child(node, 'name') ?? child(node, 'pattern');
  return key !== undefined && model.text.slice(key.end, key.end + 1) === '?';
}
