// Says what an expression is: by declaration, annotation, construction or a known library, never by a name alone.
import { castIn, resultOf } from './annotated.ts';
import { parameterType, readAnnotation, signature } from './annotations.ts';
import { listMember } from './arrays.ts';
import { callResult, chainStep, constructed } from './calls.ts';
import { classMember } from './classes.ts';
import { ownExport } from './commonjs.ts';
import { canEnd } from './completion.ts';
import { declared } from './declared.ts';
import { expectedType } from './expected.ts';
import { generated } from './generators.ts';
import { filledIn, inferred, type TypeSources, typeArguments } from './generics.ts';
import { functionByName, givesPromiseByName, isPromiseByName } from './library.ts';
import type { Binding, JavascriptModel } from './model.ts';
import type { Modules } from './modules.ts';
import { dottedName, memberName } from './names.ts';
import { narrowed } from './narrowing.ts';
import { bare, child, inner, isAsync, isFunction, isGenerator, parts, within } from './node.ts';
import { objectType } from './objects.ts';
import type { JsNode } from './parser.ts';
import { passedOn } from './passedOn.ts';
import { aboveType, selfType } from './self.ts';
import {
  alternatives,
  elementOf,
  type FunctionType,
  functionTo,
  type Given,
  isAlwaysTrue,
  itemOf,
  literalType,
  mayBe,
  memberOf,
  NULLISH,
  PLAIN,
  promiseOf,
  promiseOfLater,
  promiseWith,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
  withoutNullish,
} from './type.ts';

export class Resolver implements TypeSources {
  readonly model: JavascriptModel;
  readonly read = readAnnotation;
  readonly #modules: Modules | undefined;
  readonly #instances = new Map<JsNode, Type>();
  readonly #bodies = new Map<JsNode, Type>();

  constructor(model: JavascriptModel, modules?: Modules) {
    this.model = model;
    this.#modules = modules;
  }

  /** Whose class a node is: types wander from module to module. */
  homeOf(node: JsNode): Resolver {
    return this.#modules?.homeOf(node) ?? this;
  }

  importedType({ module, imported }: Binding, args: readonly Type[]): Type | undefined {
    if (module === undefined || imported === undefined) return undefined;
    return this.#modules?.exportedType(module, imported, this.model.path, args);
  }

  /** What a module of the workspace exports under a name. */
  imported(module: string, name: string): Type | undefined {
    return this.#modules?.exported(module, name, this.model.path);
  }

  /** Lets go of what was found so far. */
  forget(): void {
    this.#instances.clear();
    this.#bodies.clear();
    for (const nodes of this.model.byType.values())
      for (const node of nodes) node.known = undefined;
  }

  typeOf(node: JsNode): Type {
    const known = node.known;
    if (known !== undefined) return known;
    // What asks for itself on the way is not known.
    node.known = UNKNOWN;
    const type = this.#evaluate(node);
    node.known = type;
    return type;
  }

  /** The dotted name of a library's or the platform's object, with imports resolved: `fs.readFileSync`. */
  dotted(node: JsNode): string | undefined {
    if (node.dotted === undefined) node.dotted = dottedName(this.model, node) ?? null;
    return node.dotted ?? undefined;
  }

  /** What the place an expression stands at is declared to take. */
  expected(node: JsNode): Type {
    return expectedType(this, node);
  }

  instanceOf(node: JsNode, args: readonly Type[] = []): Type {
    const home = this.homeOf(node);
    if (home !== this) return home.instanceOf(node, args);
    const isGeneric = args.length > 0 && child(node, 'type_parameters') !== undefined;
    const known = isGeneric ? undefined : this.#instances.get(node);
    if (known !== undefined) return known;
    if (!isGeneric) this.#instances.set(node, UNKNOWN);
    const sources = filledIn(this, node, args);
    const base = this.baseInstance(node, sources);
    const type: Type =
      base?.kind === 'promise'
        ? promiseWith(base, (name) => classMember(this, node, name, false, sources))
        : {
            kind: 'object',
            member: (name) =>
              classMember(this, node, name, false, sources) ?? (base && memberOf(base, name)),
          };
    if (!isGeneric) this.#instances.set(node, type);
    return type;
  }

  /** An instance of the class that another one extends. */
  baseInstance(node: JsNode, sources: TypeSources = this): Type | undefined {
    const home = this.homeOf(node);
    if (home !== this) return home.baseInstance(node);
    const clause = extendsClause(node);
    const value = child(clause, 'value');
    if (clause === undefined || value === undefined) return undefined;
    const type = this.typeOf(bare(value, true));
    if (type.kind === 'class') return this.instanceOf(type.node, typeArguments(sources, clause));
    return constructed(this, clause, value);
  }

  /** The class that another one extends, when this file has it. */
  baseClass(node: JsNode): JsNode | undefined {
    const value = child(extendsClause(node), 'value');
    const home = this.homeOf(node);
    const type = value === undefined ? UNKNOWN : home.typeOf(bare(value, true));
    return type.kind === 'class' ? type.node : undefined;
  }

  /** The members of a class under a name, from its own body. */
  classMember(node: JsNode, name: string): Type | undefined {
    return classMember(this.homeOf(node), node, name, false);
  }

  /** A static member of a class or of what it extends. */
  staticMember(node: JsNode, name: string): Type | undefined {
    for (let at: JsNode | undefined = node, seen = 0; at !== undefined && seen < 10; seen++) {
      const home = this.homeOf(at);
      const own = classMember(home, at, name, true);
      if (own !== undefined) return own;
      const value = child(extendsClause(at), 'value');
      if (value !== undefined && givesPromiseByName(`${home.dotted(value)}.${name}`))
        return functionTo(() => promiseOf(UNKNOWN));
      at = this.baseClass(at);
    }
    return undefined;
  }

  /** What `new` of a class takes, its own constructor or an inherited one. */
  constructorOf(node: JsNode): Type | undefined {
    for (let at: JsNode | undefined = node, seen = 0; at !== undefined && seen < 10; seen++) {
      const own = classMember(this.homeOf(at), at, 'constructor', false);
      if (own !== undefined) return own;
      at = this.baseClass(at);
    }
    return undefined;
  }

  functionType(fn: JsNode): FunctionType {
    return {
      kind: 'function',
      node: fn,
      returns: (given) => this.#returns(fn, given),
      parameter: (index, given) =>
        parameterType(given === undefined ? this : inferred(this, fn, given), fn, index),
    };
  }

  bindingType(binding: Binding): Type {
    const node = binding.nodes[0]!;
    if (binding.kind === 'function') {
      const all = binding.nodes.map((each) => this.#callable(each));
      const signatures = binding.nodes.filter((each) => each.type === 'function_signature');
      // Where there are overloads the body's own signature is not seen from outside.
      const seen = signatures.length > 0 ? signatures.map((each) => this.#callable(each)) : all;
      return union(seen);
    }
    if (binding.kind === 'class') return { kind: 'class', node };
    if (binding.kind === 'import')
      return this.imported(binding.module ?? '', binding.imported ?? '*') ?? UNKNOWN;
    if (binding.kind === 'type') return UNKNOWN;
    return declared(this, binding, node);
  }

  #callable(node: JsNode): FunctionType {
    return isFunction(node) ? this.functionType(node) : signature(this, node);
  }

  #returns(fn: JsNode, given?: Given): Type {
    const annotation = resultOf(this.model, fn);
    if (annotation !== undefined && !isGenerator(fn)) {
      const type = readAnnotation(inferred(this, fn, given), annotation);
      return isAsync(fn) && type.kind === 'unknown' ? promiseOf(UNKNOWN) : type;
    }
    if (isGenerator(fn)) return generated(this, fn, annotation);
    if (isAsync(fn)) return promiseOfLater(() => this.#result(fn));
    const own = this.#result(fn);
    const isKnown = alternatives(own).some((each) => each.kind !== 'unknown');
    return isKnown || given === undefined ? own : passedOn(this.model, fn, given);
  }

  /** What the body of a function gives, for an async one what its promise resolves to. */
  #result(fn: JsNode): Type {
    const known = this.#bodies.get(fn);
    if (known !== undefined) return known;
    this.#bodies.set(fn, UNKNOWN);
    const type = this.#bodyType(child(fn, 'body'));
    const result = isAsync(fn) ? settled(type) : type;
    this.#bodies.set(fn, result);
    return result;
  }

  #bodyType(body: JsNode | undefined): Type {
    if (body === undefined) return UNKNOWN;
    if (body.type !== 'statement_block') return this.typeOf(body);
    const results: Type[] = [];
    for (const each of within(body)) {
      if (each.type !== 'return_statement') continue;
      const value = inner(each);
      results.push(value === undefined ? VOID : this.typeOf(value));
    }
    // What runs off its end gives nothing; what only throws gives never anything.
    if (canEnd(body)) results.push(VOID);
    return results.length === 0 ? UNKNOWN : union(results);
  }

  #evaluate(node: JsNode): Type {
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier': {
        const binding =
          this.model.bindingOf(node) ?? this.model.lookup(this.model.textOf(node), node);
        if (binding === undefined) return functionByName(this.model.textOf(node));
        return this.#told(node, this.bindingType(binding));
      }
      case 'undefined':
      case 'null':
        return NULLISH;
      case 'this':
        return selfType(this, node);
      case 'super':
        return aboveType(this, node);
      case 'parenthesized_expression':
      case 'sequence_expression': {
        const cast = castIn(this.model, node);
        if (cast !== undefined) return readAnnotation(this, cast);
        const last = parts(node).at(-1);
        return last === undefined ? UNKNOWN : this.typeOf(last);
      }
      case 'non_null_expression': {
        const value = inner(node);
        return value === undefined ? UNKNOWN : withoutNullish(this.typeOf(value));
      }
      case 'as_expression': {
        const type = node.children[1];
        if (type === undefined || this.model.textOf(node).endsWith(' const'))
          return this.typeOf(node.children[0]!);
        return readAnnotation(this, type);
      }
      case 'satisfies_expression':
      case 'instantiation_expression':
        return this.typeOf(node.children[0]!);
      case 'type_assertion':
        return readAnnotation(
          this,
          child(node, 'type_arguments')?.children[0] ?? node.children[0]?.children[0],
        );
      case 'await_expression': {
        const value = inner(node);
        return value === undefined ? UNKNOWN : settled(this.typeOf(value));
      }
      case 'assignment_expression': {
        const right = child(node, 'right');
        return right === undefined ? UNKNOWN : this.typeOf(right);
      }
      case 'ternary_expression': {
        const sides = [child(node, 'consequence'), child(node, 'alternative')];
        return union(sides.map((each) => (each === undefined ? UNKNOWN : this.typeOf(each))));
      }
      case 'binary_expression':
      case 'augmented_assignment_expression':
        return this.#binary(node);
      case 'unary_expression':
        return this.model.textOf(child(node, 'operator') ?? node) === 'void' ? NULLISH : PLAIN;
      case 'array':
        return this.#list(node);
      case 'object':
        return objectType(this, node);
      case 'arrow_function':
      case 'function_expression':
      case 'generator_function':
        return this.functionType(node);
      case 'class':
        return { kind: 'class', node };
      case 'new_expression':
        return constructed(this, node, child(node, 'constructor'));
      case 'member_expression':
        return this.#member(node);
      case 'subscript_expression':
        return this.#element(node);
      case 'call_expression':
        return callResult(this, node);
      case 'string':
      case 'number':
      case 'true':
      case 'false':
        return literalType(this.model.textOf(node));
      case 'regex':
      case 'template_string':
      case 'update_expression':
        return PLAIN;
      default:
        return UNKNOWN;
    }
  }

  #list(node: JsNode): Type {
    let isPlain = true;
    const items = parts(node).map((each) => {
      if (each.type !== 'spread_element') return this.typeOf(each);
      isPlain = false;
      return elementOf(this.typeOf(inner(each) ?? each));
    });
    const of = items.length === 0 ? UNKNOWN : union(items);
    return isPlain && items.length > 0 ? { kind: 'array', of, items } : { kind: 'array', of };
  }

  #binary(node: JsNode): Type {
    const operator = this.model.textOf(child(node, 'operator') ?? node);
    if (!/^(?:&&|\|\||\?\?)=?$/.test(operator)) return PLAIN;
    const left = this.typeOf(child(node, 'left')!);
    const right = this.typeOf(child(node, 'right') ?? node);
    const all = alternatives(left);
    if (operator.startsWith('&&')) {
      const falsy = all.filter((each) => !isAlwaysTrue(each));
      return union([...falsy, right]);
    }
    const isThere = all.every((each) => isAlwaysTrue(each));
    return isThere ? left : union([withoutNullish(left), right]);
  }

  #member(node: JsNode): Type {
    const object = child(node, 'object');
    const name = memberName(this.model, node);
    if (object === undefined || name === undefined) return UNKNOWN;
    const exported = ownExport(this, object, name);
    if (exported !== undefined) return exported;
    const type = this.typeOf(object);
    if (type.kind === 'class') return this.staticMember(type.node, name) ?? UNKNOWN;
    const promise = alternatives(type).find((each) => each.kind === 'promise');
    if (promise?.kind === 'promise' && /^(?:then|catch|finally)$/.test(name))
      return chainStep(promise, name);
    if (name === 'ready' && isPromiseByName(this.dotted(node) ?? '')) return promiseOf(UNKNOWN);
    const found = listMember(this.model, type, name) ?? memberOf(type, name);
    return this.mayEndEarly(node) ? union([found, NULLISH]) : this.#told(node, found);
  }

  /** With what conditions around say of it; what is written to is asked for what it may hold. */
  #told(node: JsNode, type: Type): Type {
    const isUnion = type.kind === 'union' || type.kind === 'unknown';
    if (!isUnion) return type;
    return node.field === 'left' && /assignment_expression$/.test(node.parent?.type ?? '')
      ? type
      : narrowed(this, node, type);
  }

  /** Whether a chain of members and calls has a `?.` behind something that may be nothing. */
  mayEndEarly(node: JsNode): boolean {
    let at: JsNode | undefined = node;
    while (at !== undefined && CHAINED.has(at.type)) {
      const below: JsNode | undefined = child(
        at,
        at.type === 'call_expression' ? 'function' : 'object',
      );
      if (below === undefined) return false;
      const isOptional = this.model.text.startsWith('?.', below.end);
      if (isOptional && mayBe(this.typeOf(below), 'nullish')) return true;
      at = below;
    }
    return false;
  }

  #element(node: JsNode): Type {
    const object = child(node, 'object');
    const index = child(node, 'index');
    if (object === undefined) return UNKNOWN;
    if (memberName(this.model, node) !== undefined) return this.#member(node);
    const type = this.typeOf(object);
    if (index?.type === 'number') {
      const key = this.model.textOf(index);
      const item = mayBe(type, 'array') ? itemOf(type, Number(key)) : memberOf(type, key);
      if (item.kind !== 'unknown') return item;
    }
    if (index?.type === 'member_expression') {
      const item = memberOf(type, `[${this.model.textOf(index)}]`);
      if (item.kind !== 'unknown') return item;
    }
    const keys = index === undefined ? [] : alternatives(this.typeOf(index));
    const named = keys.flatMap((each) =>
      each.kind === 'plain' && each.literal?.startsWith('"') === true
        ? memberOf(type, each.literal.slice(1, -1))
        : [],
    );
    if (named.length > 0 && named.length === keys.length) return union(named);
    const element = elementOf(type);
    if (element.kind !== 'unknown') return element;
    const each = alternatives(type).flatMap((part) =>
      part.kind === 'object' ? (part.each?.() ?? []) : [],
    );
    return each.length === 0 ? UNKNOWN : union(each);
  }
}

const CHAINED = new Set(['member_expression', 'subscript_expression', 'call_expression']);

function extendsClause(node: JsNode): JsNode | undefined {
  const heritage = node.children.find((each) => each.type === 'class_heritage');
  return heritage?.children.find((each) => each.type === 'extends_clause');
}
