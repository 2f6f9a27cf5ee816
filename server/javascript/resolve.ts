// Says what an expression is: by declaration, annotation, construction or a known library, never by a name alone.
import { resultOf } from './annotated.ts';
import { readAnnotation } from './annotations.ts';
import { constructed } from './calls.ts';
import { classMember } from './classes.ts';
import { canEnd } from './completion.ts';
import { declared } from './declared.ts';
import { expectedType } from './expected.ts';
import { evaluate } from './expressions.ts';
import { generated } from './generators.ts';
import { filledIn, inferred, type TypeSources, typeArguments } from './generics.ts';
import { givesPromiseByName } from './library.ts';
import type { Binding, JavascriptModel } from './model.ts';
import type { Modules } from './modules.ts';
import { dottedName } from './names.ts';
import { bare, child, inner, isAsync, isFunction, isGenerator, within } from './node.ts';
import type { JsNode } from './parser.ts';
import { passedOn } from './passedOn.ts';
import { parameterType, signature } from './signatures.ts';
import {
  alternatives,
  type FunctionType,
  functionTo,
  type Given,
  memberOf,
  promiseOf,
  promiseOfLater,
  promiseWith,
  settled,
  type Type,
  UNKNOWN,
  union,
  VOID,
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
    const type = evaluate(this, node);
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
}

function extendsClause(node: JsNode): JsNode | undefined {
  const heritage = node.children.find((each) => each.type === 'class_heritage');
  return heritage?.children.find((each) => each.type === 'extends_clause');
}
