// Says what an expression is: by declaration, annotation, construction or a known library, never by a name alone.
import {
  keyOf,
  parameterType,
  readAnnotation,
  signature,
  type TypeSources,
} from './annotations.ts';
import { arrayMethod } from './arrays.ts';
import { classMember } from './classes.ts';
import { givesPromiseByName } from './library.ts';
import type { Binding, JavascriptModel } from './model.ts';
import { dottedName } from './names.ts';
import {
  bare,
  child,
  classAround,
  hasWord,
  inner,
  isAsync,
  isFunction,
  isGenerator,
  parts,
  within,
} from './node.ts';
import type { JsNode } from './parser.ts';
import {
  ASYNC_GENERATOR,
  alternatives,
  elementOf,
  type FunctionType,
  mayBe,
  memberOf,
  NULLISH,
  PLAIN,
  promiseOf,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
} from './type.ts';

const CALLBACKS = new Set([
  'map',
  'forEach',
  'filter',
  'some',
  'every',
  'find',
  'findIndex',
  'flatMap',
  'findLast',
]);

export class Resolver implements TypeSources {
  readonly model: JavascriptModel;
  readonly #instances = new Map<JsNode, Type>();

  constructor(model: JavascriptModel) {
    this.model = model;
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
    return dottedName(this.model, node);
  }

  instanceOf(node: JsNode): Type {
    const known = this.#instances.get(node);
    if (known !== undefined) return known;
    this.#instances.set(node, UNKNOWN);
    const heritage = node.children.find((each) => each.type === 'class_heritage');
    const clause = heritage?.children.find((each) => each.type === 'extends_clause');
    const value = clause === undefined ? undefined : child(clause, 'value');
    const base = value === undefined ? undefined : this.#constructed(value);
    const type: Type =
      base?.kind === 'promise'
        ? base
        : {
            kind: 'object',
            member: (name) =>
              classMember(this, node, name, false) ?? (base && memberOf(base, name)),
          };
    this.#instances.set(node, type);
    return type;
  }

  /** The members of a class under a name, from its own body. */
  classMember(node: JsNode, name: string): Type | undefined {
    return classMember(this, node, name, false);
  }

  functionType(fn: JsNode): FunctionType {
    return {
      kind: 'function',
      returns: () => this.#returns(fn),
      parameter: (index) => parameterType(this, fn, index),
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
    if (binding.kind === 'import' || binding.kind === 'type') return UNKNOWN;
    return this.#declared(binding, node);
  }

  #callable(node: JsNode): FunctionType {
    return isFunction(node) ? this.functionType(node) : signature(this, node);
  }

  #declared(binding: Binding, node: JsNode): Type {
    if (node.type === 'enum_declaration') return PLAIN;
    const annotation = child(node, 'type');
    const isPattern =
      child(node, 'name')?.type === 'object_pattern' ||
      child(node, 'name')?.type === 'array_pattern';
    if (annotation !== undefined && annotation.type === 'type_annotation' && !isPattern) {
      return readAnnotation(this, annotation);
    }
    if (node.type === 'for_in_statement') {
      const right = child(node, 'right');
      if (
        right === undefined ||
        (!hasWord(node, 'of') && this.model.textOf(child(node, 'operator') ?? node) !== 'of')
      )
        return PLAIN;
      const element = elementOf(this.typeOf(right));
      return hasWord(node, 'await') ? settled(element) : element;
    }
    if (node.parent?.type === 'object_pattern' || node.parent?.type === 'array_pattern')
      return this.#fromPattern(node, node.parent);
    if (binding.kind === 'parameter') return this.#parameter(node);
    const value = child(node, 'value');
    const assigned = binding.uses
      .filter((use) => use.field === 'left' && use.parent?.type === 'assignment_expression')
      .map((use) => this.typeOf(child(use.parent!, 'right')!));
    const first = value === undefined ? [] : [this.typeOf(value)];
    const all = [...first, ...assigned];
    return all.length === 0 ? UNKNOWN : union(all);
  }

  #fromPattern(part: JsNode, pattern: JsNode): Type {
    const owner = pattern.parent;
    if (owner === undefined) return UNKNOWN;
    let source: Type = UNKNOWN;
    const annotation = child(owner, 'type');
    if (annotation !== undefined) source = readAnnotation(this, annotation);
    else if (owner.type === 'variable_declarator') {
      const value = child(owner, 'value');
      if (value !== undefined) source = this.typeOf(value);
    } else if (owner.parent?.type === 'object_pattern')
      source = this.#fromPattern(owner, owner.parent);
    if (pattern.type === 'array_pattern') return elementOf(source);
    const key = child(part, 'key') ?? child(part, 'left') ?? part;
    return memberOf(source, this.model.textOf(key));
  }

  /** A parameter without annotation: by its default, or by what the array holds that the function is called over. */
  #parameter(node: JsNode): Type {
    const value = child(node, 'value');
    if (value !== undefined) return this.typeOf(value);
    const fn = node.parent?.type === 'formal_parameters' ? node.parent.parent : node.parent;
    const call = fn?.parent?.type === 'arguments' ? fn.parent.parent : undefined;
    const callee = call === undefined ? undefined : child(call, 'function');
    if (callee?.type !== 'member_expression' || fn === undefined) return UNKNOWN;
    const list =
      fn.type === 'arrow_function' && child(fn, 'parameter') === node
        ? [node]
        : parts(node.parent!);
    const name = this.model.textOf(child(callee, 'property')!);
    if (!CALLBACKS.has(name) || list[0] !== node) return UNKNOWN;
    return elementOf(this.typeOf(child(callee, 'object')!));
  }

  #returns(fn: JsNode): Type {
    const annotation = child(fn, 'return_type');
    if (annotation !== undefined && !isGenerator(fn)) {
      const type = readAnnotation(this, annotation);
      return isAsync(fn) && type.kind === 'unknown' ? promiseOf(UNKNOWN) : type;
    }
    if (isGenerator(fn)) return isAsync(fn) ? ASYNC_GENERATOR : PLAIN;
    if (isAsync(fn)) return promiseOf(UNKNOWN);
    const body = child(fn, 'body');
    if (body === undefined) return UNKNOWN;
    const known = body.known;
    if (known !== undefined) return known;
    if (body.type !== 'statement_block') return this.typeOf(body);
    body.known = UNKNOWN;
    const results: Type[] = [];
    for (const each of within(body)) {
      if (each.type !== 'return_statement') continue;
      const value = inner(each);
      results.push(value === undefined ? VOID : this.typeOf(value));
    }
    const last = body.children.at(-1)?.type ?? '';
    // What runs off its end gives nothing.
    if (/^(?:expression_statement|lexical_declaration|variable_declaration)$/.test(last))
      results.push(VOID);
    const type = results.length === 0 ? VOID : union(results);
    body.known = type;
    return type;
  }

  #evaluate(node: JsNode): Type {
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier': {
        const binding =
          this.model.bindingOf(node) ?? this.model.lookup(this.model.textOf(node), node);
        return binding === undefined ? UNKNOWN : this.bindingType(binding);
      }
      case 'undefined':
      case 'null':
        return NULLISH;
      case 'this':
        return this.#self(node);
      case 'super': {
        const around = classAround(node);
        const clause = around?.children.find((each) => each.type === 'class_heritage')?.children[0];
        const value = clause === undefined ? undefined : child(clause, 'value');
        return value === undefined ? UNKNOWN : this.#constructed(value);
      }
      case 'parenthesized_expression':
      case 'sequence_expression': {
        const last = parts(node).at(-1);
        return last === undefined ? UNKNOWN : this.typeOf(last);
      }
      case 'non_null_expression': {
        const value = inner(node);
        const type = value === undefined ? UNKNOWN : this.typeOf(value);
        return union(alternatives(type).filter((each) => each.kind !== 'nullish'));
      }
      case 'as_expression': {
        const type = node.children[1];
        if (type === undefined || this.model.textOf(node).endsWith(' const'))
          return this.typeOf(node.children[0]!);
        return readAnnotation(this, type);
      }
      case 'satisfies_expression':
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
        return this.#binary(node);
      case 'unary_expression':
        return this.model.textOf(child(node, 'operator') ?? node) === 'void' ? NULLISH : PLAIN;
      case 'array': {
        const items = parts(node).map((each) =>
          each.type === 'spread_element'
            ? elementOf(this.typeOf(inner(each) ?? each))
            : this.typeOf(each),
        );
        return { kind: 'array', of: items.length === 0 ? UNKNOWN : union(items) };
      }
      case 'object':
        return { kind: 'object', member: (name) => this.#property(node, name) };
      case 'arrow_function':
      case 'function_expression':
      case 'generator_function':
        return this.functionType(node);
      case 'class':
        return { kind: 'class', node };
      case 'new_expression':
        return this.#constructed(child(node, 'constructor'));
      case 'member_expression':
        return this.#memberExpression(node);
      case 'subscript_expression': {
        const object = child(node, 'object');
        const index = child(node, 'index');
        if (object === undefined) return UNKNOWN;
        const type = this.typeOf(object);
        if (index?.type === 'string') return memberOf(type, this.model.textOf(index).slice(1, -1));
        return elementOf(type);
      }
      case 'call_expression':
        return this.#call(node);
      case 'string':
      case 'number':
      case 'true':
      case 'false':
      case 'regex':
      case 'template_string':
      case 'update_expression':
      case 'augmented_assignment_expression':
        return PLAIN;
      default:
        return UNKNOWN;
    }
  }

  #binary(node: JsNode): Type {
    const operator = this.model.textOf(child(node, 'operator') ?? node);
    if (!/^(?:&&|\|\||\?\?)$/.test(operator)) return PLAIN;
    const left = this.typeOf(child(node, 'left')!);
    const right = this.typeOf(child(node, 'right') ?? node);
    return operator === '&&' && left.kind === 'promise' ? right : union([left, right]);
  }

  #self(node: JsNode): Type {
    let at: JsNode | undefined = node.parent;
    while (at !== undefined) {
      if (at.type === 'method_definition') {
        if (at.parent?.type === 'object') return this.typeOf(at.parent);
        const owner = at.parent?.parent;
        if (owner === undefined) return UNKNOWN;
        return hasWord(at, 'static') ? { kind: 'class', node: owner } : this.instanceOf(owner);
      }
      if (at.type === 'public_field_definition') return this.instanceOf(at.parent!.parent!);
      if (isFunction(at) && at.type !== 'arrow_function') return this.#declaredSelf(at);
      at = at.parent;
    }
    return UNKNOWN;
  }

  /** `function f(this: T)`. */
  #declaredSelf(fn: JsNode): Type {
    const list = child(fn, 'parameters');
    const first = list === undefined ? undefined : parts(list)[0];
    const pattern = first === undefined ? undefined : child(first, 'pattern');
    return pattern?.type === 'this' ? readAnnotation(this, child(first, 'type')) : UNKNOWN;
  }

  #property(object: JsNode, name: string): Type | undefined {
    for (const each of object.children) {
      if (each.type === 'method_definition' && keyOf(this.model, child(each, 'name')!) === name)
        return hasWord(each, 'get') ? this.#returns(each) : this.functionType(each);
      if (each.type === 'pair' && keyOf(this.model, child(each, 'key')!) === name)
        return this.typeOf(child(each, 'value') ?? each);
      if (each.type === 'shorthand_property_identifier' && this.model.textOf(each) === name)
        return this.typeOf(each);
    }
    return undefined;
  }

  #constructed(callee: JsNode | undefined): Type {
    if (callee === undefined) return UNKNOWN;
    if (this.dotted(callee) === 'Promise') return promiseOf(UNKNOWN);
    const type = this.typeOf(bare(callee, true));
    return type.kind === 'class' ? this.instanceOf(type.node) : UNKNOWN;
  }

  #memberExpression(node: JsNode): Type {
    const object = child(node, 'object');
    const property = child(node, 'property');
    if (object === undefined || property === undefined) return UNKNOWN;
    const name = this.model.textOf(property);
    const type = this.typeOf(object);
    if (type.kind === 'class') return classMember(this, type.node, name, true) ?? UNKNOWN;
    if (mayBe(type, 'promise') && /^(?:then|catch|finally)$/.test(name))
      return { kind: 'function', returns: () => promiseOf(UNKNOWN), parameter: () => undefined };
    return memberOf(type, name);
  }

  #call(node: JsNode): Type {
    const callee = child(node, 'function');
    if (callee === undefined) return UNKNOWN;
    const name = this.dotted(callee);
    if (name !== undefined && givesPromiseByName(name)) return promiseOf(UNKNOWN);
    if (name === 'util.promisify')
      return { kind: 'function', returns: () => promiseOf(UNKNOWN), parameter: () => undefined };
    const plain = bare(callee, true);
    const type = this.typeOf(plain);
    const functions = alternatives(type).filter((each) => each.kind === 'function');
    if (functions.length > 0) return union(functions.map((each) => each.returns()));
    if (plain.type === 'member_expression') return arrayMethod(this, node, plain);
    return UNKNOWN;
  }
}
