// Places that are declared to take a function without result, and are given one that gives a promise.
import { keyOf, readAnnotation } from './annotations.ts';
import { bare, child, functionAround, hasWord, inner, isAsync, isFunction, parts } from './node.ts';
import type { JsNode } from './parser.ts';
import { type Context, shown } from './rule.ts';
import { alternatives, givesPromise, memberOf, type Type, UNKNOWN, wantsNothing } from './type.ts';

/** Reports variables, properties, results, attributes and overriding methods whose promise nobody will look at. */
export function declaredWants(context: Context): void {
  const { model, resolver } = context;
  for (const node of model.byType.get('variable_declarator') ?? []) {
    const value = child(node, 'value');
    const annotation = child(node, 'type');
    if (value === undefined || annotation === undefined) continue;
    given(context, readAnnotation(resolver, annotation), value, 'variable');
  }
  for (const node of model.byType.get('public_field_definition') ?? []) {
    const value = child(node, 'value');
    const annotation = child(node, 'type');
    if (value !== undefined && annotation !== undefined)
      given(context, readAnnotation(resolver, annotation), value, 'field');
  }
  for (const node of model.byType.get('assignment_expression') ?? []) {
    const left = child(node, 'left');
    const right = child(node, 'right');
    if (left === undefined || right === undefined) continue;
    if (left.type === 'identifier' && !hasAnnotation(context, left)) continue;
    given(context, resolver.typeOf(left), right, 'variable');
  }
  for (const node of model.byType.get('return_statement') ?? []) {
    const value = inner(node);
    const fn = functionAround(node);
    const annotation = fn === undefined ? undefined : child(fn, 'return_type');
    if (value !== undefined && annotation !== undefined && !isAsync(fn!))
      given(context, readAnnotation(resolver, annotation), value, 'result');
  }
  for (const node of model.byType.get('arrow_function') ?? []) {
    const annotation = child(node, 'return_type');
    const body = child(node, 'body');
    if (
      annotation !== undefined &&
      body !== undefined &&
      body.type !== 'statement_block' &&
      !isAsync(node)
    )
      given(context, readAnnotation(resolver, annotation), body, 'result');
  }
  for (const node of model.byType.get('call_expression') ?? []) objectArguments(context, node);
  for (const node of model.byType.get('jsx_attribute') ?? []) attribute(context, node);
  for (const type of ['class_declaration', 'class', 'abstract_class_declaration'])
    for (const node of model.byType.get(type) ?? []) inherited(context, node);
  for (const node of model.byType.get('interface_declaration') ?? []) narrowed(context, node);
}

function hasAnnotation({ model }: Context, name: JsNode): boolean {
  return model.bindingOf(name)?.nodes.some((each) => child(each, 'type') !== undefined) === true;
}

function given(context: Context, wanted: Type, value: JsNode, where: string): void {
  const { model, resolver, report } = context;
  const plain = bare(value);
  // What was declared to be something else is taken at its word.
  const isCast = plain.type === 'as_expression' || plain.type === 'type_assertion';
  const at = isCast ? plain : bare(value, true);
  if (at.type === 'object') {
    for (const each of at.children) {
      const key =
        child(each, each.type === 'pair' ? 'key' : 'name') ??
        (each.type === 'shorthand_property_identifier' ? each : undefined);
      const name = key === undefined ? undefined : keyOf(model, key);
      if (key === undefined || name === undefined) continue;
      const member = memberOf(wanted, name);
      if (each.type === 'pair') given(context, member, child(each, 'value') ?? each, 'property');
      else if (
        wantsNothing(member) &&
        givesPromise(
          each.type === 'method_definition' ? resolver.functionType(each) : resolver.typeOf(each),
        )
      )
        report(
          each.type === 'method_definition' ? wordOf(each) : each,
          message(shown(model, key), 'property'),
        );
    }
    return;
  }
  if (at.type === 'array') {
    const element = alternatives(wanted).find((each) => each.kind === 'array');
    if (element?.kind === 'array')
      for (const each of parts(at)) given(context, element.of, each, 'element');
    return;
  }
  if (at.type === 'ternary_expression') {
    for (const side of ['consequence', 'alternative']) {
      const each = child(at, side);
      if (each !== undefined) given(context, wanted, each, where);
    }
    return;
  }
  if (!wantsNothing(wanted) || !givesPromise(resolver.typeOf(at))) return;
  report(wordOf(at), message(undefined, where));
}

function wordOf(value: JsNode): { start: number; end: number } {
  return isFunction(value)
    ? (value.children.find((each) => each.type === 'async') ?? child(value, 'name') ?? value)
    : value;
}

function message(name: string | undefined, where: string): string {
  return `${name ?? `This ${where}`} is declared as a function that gives nothing; the promise of this one is dropped.`;
}

function objectArguments(context: Context, call: JsNode): void {
  const { resolver } = context;
  const callee = child(call, 'function');
  const list = child(call, 'arguments');
  if (callee === undefined || list?.type !== 'arguments') return;
  for (const [index, arg] of parts(list).entries()) {
    const value = bare(arg, true);
    if (value.type !== 'object' && value.type !== 'array') continue;
    for (const each of alternatives(resolver.typeOf(callee))) {
      const wanted = each.kind === 'function' ? each.parameter(index) : undefined;
      if (wanted !== undefined) given(context, wanted, value, 'property');
    }
  }
}

/** `<Button onClick={async () => …} />` where Button's properties are declared in this file. */
function attribute(context: Context, node: JsNode): void {
  const { model, resolver } = context;
  const [key, expression] = node.children;
  const value = expression?.type === 'jsx_expression' ? inner(expression) : undefined;
  const name = node.parent === undefined ? undefined : child(node.parent, 'name');
  if (key === undefined || value === undefined || name === undefined) return;
  const component = resolver.typeOf(name);
  for (const each of alternatives(component)) {
    if (each.kind !== 'function') continue;
    const wanted = memberOf(each.parameter(0) ?? UNKNOWN, model.textOf(key));
    if (wanted.kind !== 'unknown') given(context, wanted, value, 'attribute');
  }
}

/** Methods that give a promise where the class or interface they come from gives nothing. */
function inherited(context: Context, node: JsNode): void {
  const { model, resolver, report } = context;
  const heritage = node.children.find((each) => each.type === 'class_heritage');
  if (heritage === undefined) return;
  const bases: Type[] = [];
  for (const clause of heritage.children) {
    if (clause.type === 'implements_clause')
      bases.push(...parts(clause).map((each) => readAnnotation(resolver, each)));
    const value = clause.type === 'extends_clause' ? child(clause, 'value') : undefined;
    if (value === undefined) continue;
    const type = resolver.typeOf(value);
    if (type.kind === 'class') bases.push(resolver.instanceOf(type.node));
  }
  for (const each of child(node, 'body')?.children ?? []) {
    const key = child(each, 'name');
    const name = key === undefined ? undefined : keyOf(model, key);
    if (
      key === undefined ||
      name === undefined ||
      name === 'constructor' ||
      hasWord(each, 'static')
    )
      continue;
    const own = resolver.classMember(node, name);
    if (own === undefined || !givesPromise(own)) continue;
    if (bases.some((base) => wantsNothing(memberOf(base, name))))
      report(
        key,
        `${shown(model, key)} gives a promise, but what it overrides is declared to give nothing: callers will not wait.`,
      );
  }
}

/** Members of an interface that are declared to give a promise where the one it extends gives nothing. */
function narrowed({ model, resolver, report }: Context, node: JsNode): void {
  const clauses = node.children.filter((each) => each.type === 'extends_type_clause');
  const bases = clauses.flatMap(parts).map((each) => readAnnotation(resolver, each));
  const body = child(node, 'body');
  if (bases.length === 0 || body === undefined) return;
  const own = readAnnotation(resolver, body);
  for (const each of body.children) {
    const key = child(each, 'name');
    const name = key === undefined ? undefined : keyOf(model, key);
    if (key === undefined || name === undefined || !givesPromise(memberOf(own, name))) continue;
    if (bases.some((base) => wantsNothing(memberOf(base, name))))
      report(
        key,
        `${shown(model, key)} gives a promise, but what it overrides is declared to give nothing: callers will not wait.`,
      );
  }
}
