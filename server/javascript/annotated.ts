// Where the type of a declaration is written: as an annotation, or in the JSDoc before it.
import type { Doc } from './jsdoc.ts';
import type { JavascriptModel } from './model.ts';
import { child, isFunction } from './node.ts';
import type { JsNode } from './parser.ts';

/** The annotation of a variable, a field, a property or a parameter. */
export function annotationOf(model: JavascriptModel, node: JsNode): JsNode | undefined {
  const annotation = child(node, 'type');
  if (annotation !== undefined || model.docs === undefined) return annotation;
  return declaration(model, docOf(model, node)?.type ?? parameterDoc(model, node));
}

/** The type that a function says it gives. */
export function resultOf(model: JavascriptModel, fn: JsNode): JsNode | undefined {
  const annotation = child(fn, 'return_type');
  if (annotation !== undefined || model.docs === undefined) return annotation;
  return declaration(model, docOf(model, fn)?.returns);
}

/** `/** @type {T} *\/ (x)`. */
export function castIn(model: JavascriptModel, brackets: JsNode): JsNode | undefined {
  return declaration(model, model.docs?.at.get(brackets.start)?.type);
}

function declaration(model: JavascriptModel, name: string | undefined): JsNode | undefined {
  const node =
    name === undefined ? undefined : model.declaredIn(model.root, name, 'types')?.nodes[0];
  return child(node, 'value');
}

/** `@param` of the function around, or a comment before the parameter itself. */
function parameterDoc(model: JavascriptModel, node: JsNode): string | undefined {
  const list = node.parent;
  const fn = list?.type === 'formal_parameters' ? list.parent : list;
  if (fn === undefined || !isFunction(fn)) return undefined;
  return docOf(model, fn)?.parameters.get(model.textOf(child(node, 'pattern') ?? node));
}

/** Parts that stand for the whole declaration which a comment is written before. */
const VALUES: ReadonlySet<string> = new Set([
  'variable_declarator',
  'pair',
  'public_field_definition',
  'assignment_expression',
]);
const AROUND = /^(?:(?:lexical|variable)_declaration|export_statement|expression_statement)$/;

function docOf(model: JavascriptModel, node: JsNode): Doc | undefined {
  let at = node;
  for (;;) {
    const doc = model.docs?.at.get(at.start);
    if (doc !== undefined) return doc;
    const up = at.parent;
    if (up === undefined) return undefined;
    const isValue = VALUES.has(up.type) && /^(?:value|right)$/.test(at.field);
    const isFirst = AROUND.test(up.type) && firstIn(up) === at;
    if (!isValue && !isFirst) return undefined;
    at = up;
  }
}

function firstIn(node: JsNode): JsNode | undefined {
  return node.children.find((each) => each.field !== 'kind');
}
