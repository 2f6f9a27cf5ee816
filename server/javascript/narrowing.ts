// What a name can still be where it stands, by the conditions on the way there: typeof, instanceof, null, tags, guards.
import { readAnnotation } from './annotations.ts';
import { canEnd } from './completion.ts';
import type { JavascriptModel } from './model.ts';
import { memberName } from './names.ts';
import { argumentsOf, bare, child, FUNCTIONS, isInside } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Resolver } from './resolve.ts';
import {
  alternatives,
  isAlwaysTrue,
  literalType,
  memberOf,
  promiseOf,
  type Type,
  UNKNOWN,
  union,
} from './type.ts';

/** Of each file the names that `instanceof` asks about; undefined where a function may tell of any. */
const asked = new WeakMap<JavascriptModel, { readonly names: ReadonlySet<string> | undefined }>();

/** Whether a condition could tell more of such a value than its declaration does. */
function isOpen({ model }: Resolver, node: JsNode, type: Type): boolean {
  if (type.kind === 'union') return type.of.some((each) => TOLD.has(each.kind));
  if (type.kind !== 'unknown') return false;
  let known = asked.get(model);
  if (known === undefined) {
    known = { names: /\bis Promise/.test(model.text) ? undefined : namesAsked(model) };
    asked.set(model, known);
  }
  if (known.names === undefined) return true;
  return known.names.size > 0 && known.names.has(model.textOf(node));
}

function namesAsked(model: JavascriptModel): ReadonlySet<string> {
  if (!model.text.includes('instanceof')) return new Set();
  return new Set(
    (model.byType.get('binary_expression') ?? []).flatMap((each) => {
      const operator = child(each, 'operator');
      const left = child(each, 'left');
      const isAsking = operator !== undefined && model.textOf(operator) === 'instanceof';
      return isAsking && left !== undefined ? model.textOf(bare(left)) : [];
    }),
  );
}

const TOLD: ReadonlySet<Type['kind']> = new Set(['promise', 'function', 'object', 'array']);

/** `node` is a name or a member; `type` is what it was declared to be. */
export function narrowed(resolver: Resolver, node: JsNode, type: Type): Type {
  if (!isOpen(resolver, node, type)) return type;
  // What is written to is asked for what it may hold.
  const isTarget = node.field === 'left' && /assignment_expression$/.test(node.parent?.type ?? '');
  if (isTarget) return type;
  const found: Told[] = [];
  let at = node;
  for (let up = node.parent; up !== undefined && !FUNCTIONS.has(up.type); up = up.parent) {
    const condition = conditionOf(resolver, up, at);
    if (condition !== undefined) found.unshift(condition);
    if (up.type === 'statement_block' || up.type === 'program')
      found.unshift(...passed(up, at, node));
    at = up;
  }
  const { model } = resolver;
  const text = model.textOf(node);
  const told = found.filter(({ condition }) => model.textOf(condition).includes(text));
  if (told.length === 0) return type;
  const isWritten = (after: number) => writes(resolver, node, after);
  return told.reduce((left, { condition, holds, cases, asserts }) => {
    if (isWritten(condition.end)) return left;
    if (asserts) return asserted(resolver, text, left, condition);
    if (cases === undefined) return applied(resolver, text, left, condition, holds);
    const each = (one: JsNode) => compared(resolver, text, left, condition, one, true);
    return union(cases.map(each));
  }, type);
}

/** A condition on the way; of a `switch` what it asks about, and the values that lead here. */
interface Told {
  readonly condition: JsNode;
  readonly holds: boolean;
  readonly cases?: readonly JsNode[];
  /** A call that would not have come back otherwise. */
  readonly asserts?: true;
}

const BRANCHES: ReadonlySet<string> = new Set([
  'if_statement',
  'ternary_expression',
  'while_statement',
]);

/** The condition that `up` puts before its part `at`. */
function conditionOf(resolver: Resolver, up: JsNode, at: JsNode): Told | undefined {
  if (up.type === 'switch_case') return at.field === 'value' ? undefined : caseOf(up);
  if (BRANCHES.has(up.type)) {
    const condition = child(up, 'condition');
    if (condition === undefined || at.field === 'condition') return undefined;
    return { condition, holds: at.field !== 'alternative' };
  }
  if (up.type !== 'binary_expression' || at.field !== 'right') return undefined;
  const operator = resolver.model.textOf(child(up, 'operator') ?? up);
  const left = child(up, 'left');
  if (left === undefined || !/^(?:&&|\|\|)$/.test(operator)) return undefined;
  return { condition: left, holds: operator === '&&' };
}

/** The values of a case and of those before it that go on into it. */
function caseOf(node: JsNode): Told | undefined {
  const condition = child(node.parent?.parent, 'value');
  const all = node.parent?.children ?? [];
  const cases: JsNode[] = [];
  for (let index = all.indexOf(node); index >= 0; index--) {
    const each = all[index]!;
    if (each !== node && leaves(each.children.at(-1)) && each.children.length > 1) break;
    const value = child(each, 'value');
    if (value === undefined) return undefined;
    cases.push(value);
  }
  return condition === undefined ? undefined : { condition: bare(condition), holds: true, cases };
}

/** Conditions before a statement that would have left the block, and calls that may assert something. */
function passed(block: JsNode, statement: JsNode, node: JsNode): Told[] {
  const all: Told[] = [];
  for (const each of block.children) {
    if (each === statement || each.start > node.start) break;
    if (each.type === 'expression_statement' && each.children[0]?.type === 'call_expression')
      all.push({ condition: each.children[0], holds: true, asserts: true });
    if (each.type !== 'if_statement') continue;
    const condition = child(each, 'condition');
    const other = child(each, 'alternative');
    if (condition === undefined) continue;
    if (leaves(child(each, 'consequence'))) all.push({ condition, holds: false });
    else if (other !== undefined && leaves(other.children[0])) all.push({ condition, holds: true });
  }
  return all;
}

function leaves(node: JsNode | undefined): boolean {
  if (node === undefined) return false;
  const last = node.type === 'statement_block' ? node.children.at(-1) : node;
  return !canEnd(node) || /^(?:break|continue)_statement$/.test(last?.type ?? '');
}

/** Whether the name, or what its member is read from, is written between a place and the use. */
function writes({ model }: Resolver, node: JsNode, after: number): boolean {
  let root = node;
  while (root.type === 'member_expression') root = child(root, 'object') ?? root.children[0]!;
  const isWrite = (use: JsNode) => {
    let at = use;
    while (at.parent?.type === 'member_expression' && at.field === 'object') at = at.parent;
    const writer = at.parent;
    return (
      at.field === 'left' &&
      /assignment_expression$/.test(writer?.type ?? '') &&
      writer!.start >= after &&
      !isInside(node, writer!) &&
      use.start < node.start
    );
  };
  const uses = model.bindingOf(root)?.uses ?? [];
  if (uses.length > 0) return uses.some(isWrite);
  const start = model.textOf(node);
  return (model.byType.get('assignment_expression') ?? []).some(
    (each) =>
      each.start >= after &&
      each.start < node.start &&
      start.startsWith(model.textOf(child(each, 'left') ?? each)),
  );
}

/** What is left of a type when a condition holds, or does not. */
function applied(
  resolver: Resolver,
  text: string,
  type: Type,
  condition: JsNode,
  holds: boolean,
): Type {
  const { model } = resolver;
  const at = bare(condition);
  const isIt = (each: JsNode) => model.textOf(bare(each)) === text;
  const keep = (test: (each: Type) => boolean) => kept(type, test);
  if (isIt(at)) return keep((each) => (holds ? !isNothing(each) : !isAlwaysTrue(each)));
  if (at.type === 'unary_expression') {
    const value = child(at, 'argument');
    return value !== undefined && model.textOf(at).startsWith('!')
      ? applied(resolver, text, type, value, !holds)
      : type;
  }
  if (at.type === 'call_expression') {
    const guarded = guard(resolver, text, at, 'type_predicate_annotation');
    if (guarded === undefined) return type;
    return holds ? narrowedTo(guarded, type) : keep((each) => each.kind !== guarded.kind);
  }
  if (at.type !== 'binary_expression') return type;
  const left = child(at, 'left');
  const right = child(at, 'right');
  const operator = model.textOf(child(at, 'operator') ?? at);
  if (left === undefined || right === undefined) return type;
  if (operator === '&&' || operator === '||') {
    if (holds !== (operator === '&&')) return type;
    return applied(resolver, text, applied(resolver, text, type, left, holds), right, holds);
  }
  if (operator === 'instanceof') {
    if (!isIt(left)) return type;
    const made = resolver.dotted(right) === 'Promise' ? undefined : resolver.typeOf(right);
    if (made !== undefined)
      return holds && made.kind === 'class' ? resolver.instanceOf(made.node) : type;
    if (!holds) return keep((each) => each.kind !== 'promise');
    const known = alternatives(type).filter((each) => each.kind === 'promise');
    return known.length === 0 ? promiseOf(UNKNOWN) : union(known);
  }
  if (!/^[!=]==?$/.test(operator)) return type;
  const isSame = holds === operator.startsWith('=');
  const [value, other] = isLiteral(left) ? [right, left] : [left, right];
  return compared(resolver, text, type, value, other, isSame, operator.length === 2);
}

/** `assertPromise(x);`, of a function that says `asserts x is Promise`. */
function asserted(resolver: Resolver, text: string, type: Type, call: JsNode): Type {
  const guarded = guard(resolver, text, call, 'asserts_annotation');
  return guarded === undefined ? type : narrowedTo(guarded, type);
}

function narrowedTo(guarded: Type, type: Type): Type {
  const same = alternatives(type).filter((each) => each.kind === guarded.kind);
  return same.length === 0 ? guarded : union(same);
}

/** What is left of a type when a value is the same as another, or is not. */
function compared(
  { model }: Resolver,
  text: string,
  type: Type,
  value: JsNode,
  other: JsNode,
  isSame: boolean,
  isLoose = false,
): Type {
  const keep = (test: (each: Type) => boolean) => kept(type, test);
  const isIt = (each: JsNode | undefined) =>
    each !== undefined && model.textOf(bare(each)) === text;
  const said = model.textOf(bare(other));
  if (isIt(value)) {
    if (said !== 'null' && said !== 'undefined') return type;
    if (isSame) return keep(isNothing);
    // `!==` rules out only one of null and undefined.
    const isAll = isLoose || alternatives(type).filter(isNothing).length === 1;
    return isAll ? keep((each) => !isNothing(each)) : type;
  }
  const asked = value.type === 'unary_expression' ? child(value, 'argument') : undefined;
  if (isIt(asked) && model.textOf(value).startsWith('typeof'))
    return keep((each) => kindIs(each, said.slice(1, -1)) !== !isSame);
  const owner = child(value, 'object');
  const tag = memberName(model, value);
  if (tag === undefined || !isIt(owner)) return type;
  return keep((each) => tagIs(each, tag, said) !== !isSame);
}

/** The alternatives that a test leaves; where it leaves none nothing is known. */
function kept(type: Type, test: (each: Type) => boolean): Type {
  const left = alternatives(type).filter((each) => each.kind === 'unknown' || test(each));
  return left.length === 0 ? UNKNOWN : union(left);
}

function isNothing(type: Type): boolean {
  return type.kind === 'nullish' || type.kind === 'void';
}

function isLiteral(node: JsNode): boolean {
  return /^(?:string|number|true|false|null|undefined)$/.test(bare(node).type);
}

/** Whether `typeof` gives a word; undefined when it may or may not. */
function kindIs(type: Type, word: string): boolean | undefined {
  switch (type.kind) {
    case 'promise':
    case 'array':
    case 'object':
      return word === 'object';
    case 'function':
    case 'class':
      return word === 'function';
    case 'void':
      return word === 'undefined';
    case 'nullish':
      return word === 'undefined' || word === 'object' ? undefined : false;
    case 'plain':
      return /^(?:object|function|undefined)$/.test(word) ? false : undefined;
    default:
      return undefined;
  }
}

/** Whether the member that tells alternatives apart has a value; undefined when it is not known. */
export function tagIs(type: Type, tag: string, value: string): boolean | undefined {
  const member = memberOf(type, tag);
  const all = alternatives(member);
  if (all.some((each) => each.kind !== 'plain' || each.literal === undefined)) return undefined;
  const wanted = literalType(value);
  const isValue = (each: Type) =>
    each.kind === 'plain' && wanted.kind === 'plain' && each.literal === wanted.literal;
  if (!all.some(isValue)) return false;
  return all.every(isValue) ? true : undefined;
}

/** `isPromise(x)` of a function that says `x is Promise`: what it tells of `text`. */
function guard(
  resolver: Resolver,
  text: string,
  call: JsNode,
  how: 'type_predicate_annotation' | 'asserts_annotation',
): Type | undefined {
  const callee = child(call, 'function');
  const node = callee === undefined ? undefined : resolver.model.bindingOf(callee)?.nodes[0];
  const value = child(node, 'value');
  const fn = value !== undefined && FUNCTIONS.has(value.type) ? value : node;
  const said = child(fn, 'return_type');
  const inside = said?.type === how ? said.children[0] : undefined;
  const predicate = inside?.type === 'asserts' ? inside.children[0] : inside;
  const name = child(predicate, 'name');
  const list = child(fn, 'parameters');
  if (predicate === undefined || name === undefined || list === undefined) return undefined;
  const { model } = resolver;
  const index = list.children.findIndex(
    (each) => model.textOf(child(each, 'pattern') ?? each) === model.textOf(name),
  );
  const type = readAnnotation(resolver, child(predicate, 'type'));
  const argument = index === -1 ? undefined : argumentsOf(call)[index];
  if (argument === undefined || model.textOf(bare(argument)) !== text) return undefined;
  return type.kind === 'unknown' || type.kind === 'union' ? undefined : type;
}
