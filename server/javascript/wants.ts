// Places that are declared to take a function without result, and are given one that gives a promise.

import { annotationOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { catchesItself } from './completion.ts';
import { attributesOf, expectedResult, isComponent, parametersOfCall } from './expected.ts';
import { hasTypes } from './model.ts';
import { keyOf } from './names.ts';
import { tagIs } from './narrowing.ts';
import {
  argumentsOf,
  bare,
  child,
  functionAround,
  hasWord,
  inner,
  isFunction,
  parts,
} from './node.ts';
import type { JsNode } from './parser.ts';
import { type Context, shown } from './rule.ts';
import {
  alternatives,
  givesPromise,
  itemOf,
  memberOf,
  type Type,
  union,
  wantsNothing,
} from './type.ts';

/** What may have an annotation and a value, and what it is called. */
const HOLDERS = [
  ['variable_declarator', 'variable'],
  ['public_field_definition', 'field'],
  ['required_parameter', 'parameter'],
] as const;

/** Reports variables, properties, results, attributes and overriding methods whose promise nobody will look at. */
export function declaredWants(context: Context): void {
  const { model, resolver } = context;
  if (hasTypes(model) || model.docs !== undefined) holders(context);
  // Without types nobody has declared anything, and a method that gives nothing may be awaited all the same.
  if (!hasTypes(model)) return;
  for (const type of ['assignment_expression', 'augmented_assignment_expression']) {
    for (const node of model.byType.get(type) ?? []) {
      const left = child(node, 'left');
      const right = child(node, 'right');
      if (left === undefined || right === undefined) continue;
      if (left.type === 'identifier' && !isDeclaredFunction(context, left)) continue;
      given(context, wantedBy(context, left), right, 'variable');
    }
  }
  for (const type of ['as_expression', 'satisfies_expression', 'type_assertion']) {
    for (const node of model.byType.get(type) ?? []) {
      const isBefore = type === 'type_assertion';
      const [first, second] = node.children;
      const value = isBefore ? second : first;
      const annotation = isBefore ? first?.children[0] : second;
      // The elements of a list that is cast are taken at its word.
      const isList = type === 'satisfies_expression' && bare(value ?? node).type === 'array';
      if (value !== undefined && (isList || bare(value).type === 'object'))
        given(context, readAnnotation(resolver, annotation), value, 'property');
    }
  }
  for (const node of model.byType.get('return_statement') ?? []) {
    const value = inner(node);
    const fn = functionAround(node);
    if (value !== undefined && fn !== undefined)
      given(context, expectedResult(resolver, fn), value, 'result');
  }
  for (const node of model.byType.get('arrow_function') ?? []) {
    const body = child(node, 'body');
    if (body !== undefined && body.type !== 'statement_block')
      given(context, expectedResult(resolver, node), body, 'result');
  }
  for (const type of ['call_expression', 'new_expression'])
    for (const node of model.byType.get(type) ?? []) objectArguments(context, node);
  for (const node of model.byType.get('jsx_attribute') ?? []) attribute(context, node);
  for (const node of model.byType.get('spread_element') ?? []) spreadAttributes(context, node);
  for (const type of ['class_declaration', 'class', 'abstract_class_declaration'])
    for (const node of model.byType.get(type) ?? []) inherited(context, node);
  for (const node of model.byType.get('interface_declaration') ?? []) narrowed(context, node);
}

/** `const f: () => void = async …`. */
function holders(context: Context): void {
  const { model, resolver } = context;
  for (const [type, where] of HOLDERS) {
    for (const node of model.byType.get(type) ?? []) {
      const value = child(node, 'value');
      const annotation = value === undefined ? undefined : annotationOf(model, node);
      if (value !== undefined && annotation !== undefined)
        given(context, readAnnotation(resolver, annotation), value, where);
    }
  }
}

/** A variable with an annotation, or one that starts as a function which gives nothing. */
function isDeclaredFunction({ model }: Context, name: JsNode): boolean {
  return (
    model.bindingOf(name)?.nodes.some((each) => {
      if (child(each, 'type') !== undefined) return true;
      const value = child(each, 'value');
      return value !== undefined && isFunction(bare(value));
    }) === true
  );
}

/** What may be assigned to a name or a member: its annotation, else what it was at first. */
function wantedBy({ model, resolver }: Context, left: JsNode): Type {
  const declaration = left.type === 'identifier' ? model.bindingOf(left)?.nodes[0] : undefined;
  const value = child(declaration, 'value');
  const isOpen = declaration !== undefined && child(declaration, 'type') === undefined;
  return isOpen && value !== undefined ? resolver.typeOf(value) : resolver.typeOf(left);
}

function given(context: Context, wanted: Type, value: JsNode, where: string): void {
  const { model, resolver, report } = context;
  const plain = bare(value);
  // What was declared to be something else is taken at its word.
  const isCast = plain.type === 'as_expression' || plain.type === 'type_assertion';
  const at = isCast ? plain : bare(value, true);
  if (at.type === 'object') {
    const meant = tagged(context, wanted, at);
    for (const each of at.children) {
      if (each.type === 'spread_element') {
        const spread = inner(each);
        if (spread !== undefined && bare(spread).type === 'object')
          given(context, meant, spread, 'property');
        continue;
      }
      const key =
        child(each, each.type === 'pair' ? 'key' : 'name') ??
        (each.type === 'shorthand_property_identifier' ? each : undefined);
      const name = key === undefined ? undefined : keyOf(model, key);
      if (key === undefined || name === undefined) continue;
      const member = memberOf(meant, name);
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
    const list = alternatives(wanted).find((each) => each.kind === 'array');
    if (list !== undefined)
      for (const [index, each] of parts(at).entries())
        given(context, itemOf(list, index), each, 'element');
    return;
  }
  if (at.type === 'ternary_expression') {
    for (const side of ['consequence', 'alternative']) {
      const each = child(at, side);
      if (each !== undefined) given(context, wanted, each, where);
    }
    return;
  }
  if (at.type === 'binary_expression') {
    const right = child(at, 'right');
    const left = child(at, 'left');
    const operator = model.textOf(child(at, 'operator') ?? at);
    if (left !== undefined && /^(?:\|\||\?\?)$/.test(operator)) given(context, wanted, left, where);
    if (right !== undefined) given(context, wanted, right, where);
    return;
  }
  if (!wantsNothing(wanted) || !givesPromise(resolver.typeOf(at))) return;
  report(wordOf(at), message(undefined, where), {
    ...(isFunction(at) && catchesItself(at) ? { severity: 'info' } : {}),
  });
}

/** Of a union the alternatives that an object can be by its literal values: `{ kind: 'a', … }`. */
function tagged({ model }: Context, wanted: Type, object: JsNode): Type {
  const all = alternatives(wanted);
  if (all.length < 2) return wanted;
  const isLeft = (type: Type) =>
    object.children.every((each) => {
      const key = each.type === 'pair' ? child(each, 'key') : undefined;
      const value = child(each, 'value');
      if (key === undefined || value === undefined) return true;
      if (!/^(?:string|number|true|false)$/.test(value.type)) return true;
      return tagIs(type, keyOf(model, key) ?? '', model.textOf(value)) !== false;
    });
  return union(all.filter(isLeft));
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
  const args = argumentsOf(call);
  const values = args.map((each) => bare(each, true));
  if (!values.some((each) => each.type === 'object' || each.type === 'array')) return;
  const wanted = parametersOfCall(context.resolver, call);
  if (wanted === undefined) return;
  for (const [index, value] of values.entries()) {
    if (value.type !== 'object' && value.type !== 'array') continue;
    const type = wanted(index);
    // What is cast is looked at where the cast stands.
    const isCast = args[index] !== value && bare(args[index]!) !== value;
    if (type !== undefined && !isCast) given(context, type, value, 'property');
  }
}

function attribute({ resolver, ...context }: Context, node: JsNode): void {
  const expression = node.children[1];
  const value = expression?.type === 'jsx_expression' ? inner(expression) : undefined;
  if (value === undefined) return;
  const wanted = resolver.expected(value);
  if (wanted.kind !== 'unknown') given({ resolver, ...context }, wanted, value, 'attribute');
}

/** `<button onClick={async …}>`: an element of the page; what React's handlers give is looked at by nobody. */
export function elementHandlers({ model, resolver, report }: Context): void {
  for (const node of model.byType.get('jsx_attribute') ?? []) {
    const [key, expression] = node.children;
    const name = node.parent === undefined ? undefined : child(node.parent, 'name');
    const value = expression?.type === 'jsx_expression' ? inner(expression) : undefined;
    if (key === undefined || name === undefined || value === undefined) continue;
    if (!/^[a-z][\w-]*$/.test(model.textOf(name)) || !/^on[A-Z]/.test(model.textOf(key))) continue;
    const at = bare(value);
    if (!givesPromise(resolver.typeOf(at))) continue;
    report(
      wordOf(at),
      `${model.textOf(key)} does not look at what this function gives: when its promise fails nobody hears of it.`,
      { severity: 'hint' },
    );
  }
}

/** Methods of React's classes that are called and not looked at. */
const LIFECYCLE =
  /^(?:UNSAFE_)?component(?:WillMount|DidMount|WillReceiveProps|WillUpdate|DidUpdate|WillUnmount|DidCatch)$/;

/** `async componentDidMount()` of a class that extends React's. */
export function lifecycles({ model, resolver, report }: Context): void {
  if (!model.text.includes('component')) return;
  for (const type of ['class_declaration', 'class'])
    for (const node of model.byType.get(type) ?? []) {
      const heritage = node.children.find((each) => each.type === 'class_heritage');
      const clause = heritage?.children.find((each) => each.type === 'extends_clause');
      const value = child(clause, 'value');
      if (value === undefined || !isComponent(resolver.dotted(value))) continue;
      for (const each of child(node, 'body')?.children ?? []) {
        const key = child(each, 'name');
        if (key === undefined || !LIFECYCLE.test(model.textOf(key))) continue;
        if (each.type !== 'method_definition' || !givesPromise(resolver.functionType(each)))
          continue;
        report(
          key,
          `React does not look at what ${shown(model, key)} gives: when its promise fails nobody hears of it.`,
          { severity: 'hint' },
        );
      }
    }
}

/** `<Button {...{ onClick: async … }} />`. */
function spreadAttributes(context: Context, node: JsNode): void {
  const spread = node.parent?.type === 'jsx_expression' ? node.parent : undefined;
  const element = spread?.parent;
  const value = inner(node);
  if (element === undefined || value === undefined || bare(value).type !== 'object') return;
  if (!/^jsx_(?:self_closing_element|opening_element)$/.test(element.type)) return;
  given(context, attributesOf(context.resolver, element), value, 'attribute');
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
    const base =
      type.kind === 'class' ? resolver.instanceOf(type.node) : resolver.baseInstance(node);
    if (base !== undefined) bases.push(base);
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
