// The modules of the workspace that a JavaScript file imports: their models, and what they export is.
import type { Workspace } from '../workspace.ts';
import { declaredType } from './annotations.ts';
import { exportedMember } from './commonjs.ts';
import { type Exports, exportsOf } from './exports.ts';
import { buildModel, type JavascriptModel } from './model.ts';
import { child, isFunction } from './node.ts';
import type { JavascriptParser, JsNode } from './parser.ts';
import { readable } from './readable.ts';
import { Resolver } from './resolve.ts';
import type { Type } from './type.ts';

/** Files larger than this are generated; other files do not look into them. */
const LARGEST_IMPORTED = 400_000;
/** Units of text whose models are kept; a model takes some twenty times its text. */
const MOST_TEXT = 1_000_000;
/** How many units more one file may read before some are let go. */
const MORE_TEXT = 2_000_000;
/** Modules that hand on what others hand on. */
const HOPS = 20;

interface Entry {
  readonly path: string;
  readonly text: string;
  readonly model: JavascriptModel;
  readonly resolver: Resolver;
  exports: Exports | undefined;
  /** What its names stand for, once that was asked. */
  readonly values: Map<string, Type | undefined>;
  readonly types: Map<string, Type | undefined>;
}

/** Where an exported name is declared; without a name or a value it is the module as a whole. */
interface Place {
  readonly entry: Entry;
  readonly local?: string;
  readonly value?: JsNode;
}

export class Modules {
  readonly #workspace: Workspace;
  readonly #parserFor: (path: string) => JavascriptParser | undefined;
  readonly #entries = new Map<string, Entry>();
  /** By folder and specifier. */
  readonly #found = new Map<string, string | undefined>();
  readonly #names = new Map<string, readonly string[]>();
  /** By the root of each model. */
  readonly #homes = new WeakMap<JsNode, Resolver>();
  /** The file that is looked at. */
  #current: Entry | undefined;
  /** Others looked into it, so their models keep its own. */
  #isLent = false;
  readonly #speaking = new Map<string, boolean>();
  #textSize = 0;
  #hops = 0;
  #cancelled: () => boolean = () => false;
  #isIncomplete = false;

  constructor(workspace: Workspace, parserFor: (path: string) => JavascriptParser | undefined) {
    this.#workspace = workspace;
    this.#parserFor = parserFor;
  }

  /** Runs what may read other modules for a file. Undefined when it was given up between two of them. */
  reading<T>(
    resolver: Resolver,
    text: string,
    cancelled: () => boolean,
    run: () => T | undefined,
  ): T | undefined {
    const { model } = resolver;
    this.#current = entryOf(model.path, text, resolver);
    this.#cancelled = cancelled;
    this.#isIncomplete = false;
    this.#isLent = false;
    const found = run();
    this.#current = undefined;
    if (!this.#isIncomplete) return found;
    // What was made of half of the modules must not last.
    this.#forgetDerived();
    return undefined;
  }

  resolverFor(model: JavascriptModel): Resolver {
    const resolver = new Resolver(model, this);
    this.#homes.set(model.root, resolver);
    return resolver;
  }

  /** Who knows the names around a node; undefined for nodes of no model that was told of. */
  homeOf(node: JsNode): Resolver | undefined {
    let root = node;
    while (root.parent !== undefined) root = root.parent;
    return this.#homes.get(root);
  }

  /** What an imported name stands for; undefined for libraries and for what nobody exports. */
  exported(module: string, name: string, from: string): Type | undefined {
    const entry = this.#module(module, from);
    if (entry === undefined) return undefined;
    return this.#once(entry.values, entry, name, () => this.#exportedBy(entry, name));
  }

  #exportedBy(entry: Entry, name: string): Type | undefined {
    const place = name === '*' ? { entry } : this.#placeOf(entry, name);
    if (place === undefined) return exportedMember(entry.resolver, name);
    const { resolver, model } = place.entry;
    if (place.value !== undefined) return typeOfValue(resolver, place.value);
    if (place.local === undefined) return this.#whole(place.entry);
    const binding = model.declaredIn(model.root, place.local, 'bindings');
    return binding === undefined ? undefined : resolver.bindingType(binding);
  }

  #whole(entry: Entry): Type {
    const { model, resolver } = entry;
    const all = model.byType.has('export_statement')
      ? undefined
      : exportedMember(resolver, 'default');
    if (all?.kind === 'function' || all?.kind === 'class') return all;
    return { kind: 'object', member: (key) => this.#hop(() => this.#exportedBy(entry, key)) };
  }

  /** What an imported type is. */
  exportedType(
    module: string,
    name: string,
    from: string,
    args: readonly Type[],
  ): Type | undefined {
    const entry = this.#module(module, from);
    if (entry === undefined) return undefined;
    if (args.length > 0) return this.#hop(() => this.#typeIn(entry, name, args));
    return this.#once(entry.types, entry, name, () => this.#typeIn(entry, name, args));
  }

  #typeIn(entry: Entry, name: string, args: readonly Type[]): Type | undefined {
    const dot = name.indexOf('.');
    if (dot !== -1) return this.#typeInside(entry, name.slice(0, dot), name.slice(dot + 1), args);
    const place = this.#placeOf(entry, name);
    if (place?.local === undefined) {
      const isClass = place?.value !== undefined && /^class/.test(place.value.type);
      return isClass ? place.entry.resolver.instanceOf(place.value!, args) : undefined;
    }
    const { resolver, model } = place.entry;
    const binding = model.declaredIn(model.root, place.local, 'types');
    if (binding !== undefined) return declaredType(resolver, binding, 0, args);
    const other = model.declaredIn(model.root, place.local, 'bindings');
    return other?.kind === 'import' ? resolver.importedType(other, args) : undefined;
  }

  /** `space.Name` of a namespace, or of a module that is handed on under a name. */
  #typeInside(entry: Entry, space: string, name: string, args: readonly Type[]): Type | undefined {
    const place = this.#placeOf(entry, space);
    if (place === undefined || place.value !== undefined) return undefined;
    if (place.local === undefined) return this.#typeIn(place.entry, name, args);
    const { model, resolver } = place.entry;
    const node = model.declaredIn(model.root, place.local, 'bindings')?.nodes[0];
    const body = node?.type === 'internal_module' ? child(node, 'body') : undefined;
    const binding = body === undefined ? undefined : model.declaredIn(body, name, 'types');
    return binding === undefined ? undefined : declaredType(resolver, binding, 0, args);
  }

  /** Annotations are read again and again. */
  #once(
    table: Map<string, Type | undefined>,
    entry: Entry,
    name: string,
    find: () => Type | undefined,
  ): Type | undefined {
    if (table.has(name)) return table.get(name);
    const found = this.#hop(find);
    // What asks for itself on the way, or too far away, is not known for good.
    if (this.#hops === 0 && entry !== this.#current) table.set(name, found);
    return found;
  }

  #hop<T>(run: () => T | undefined): T | undefined {
    if (this.#hops > HOPS) return undefined;
    this.#hops++;
    try {
      return run();
    } finally {
      this.#hops--;
    }
  }

  #placeOf(entry: Entry, name: string, seen = new Set<string>()): Place | undefined {
    const key = `${entry.path}\n${name}`;
    if (seen.has(key)) return undefined;
    seen.add(key);
    entry.exports ??= exportsOf(entry.model);
    const found = entry.exports.byName.get(name);
    if (found !== undefined) {
      if (!('module' in found)) return { entry, ...found };
      const next = this.#module(found.module, entry.path);
      if (next === undefined) return undefined;
      return found.imported === '*' ? { entry: next } : this.#placeOf(next, found.imported, seen);
    }
    if (name === 'default') return undefined;
    for (const star of entry.exports.stars) {
      const next = this.#module(star, entry.path);
      const place = next === undefined ? undefined : this.#placeOf(next, name, seen);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #module(specifier: string, from: string): Entry | undefined {
    const path = this.#find(specifier, from);
    if (path === undefined) return undefined;
    // What others in a circle take from the file that is looked at stands until it is saved.
    if (path === this.#current?.path) {
      if (!this.#isLent) this.#textSize += this.#current.text.length;
      this.#isLent = true;
      return this.#current;
    }
    return this.#entries.get(path) ?? this.#opened(path);
  }

  #opened(path: string): Entry | undefined {
    const parser = this.#parserFor(path);
    if (parser === undefined || !this.#speaks(path, HANDED_ON)) return undefined;
    if (this.#textSize > MOST_TEXT + MORE_TEXT) return undefined;
    if (this.#cancelled()) {
      this.#isIncomplete = true;
      return undefined;
    }
    const text = this.#read(path);
    const written = readable(path, text);
    const tree = parser.parse(written.parsed);
    try {
      const model = buildModel(path, written, parser.read(tree));
      return this.#keep(path, text, this.resolverFor(model));
    } finally {
      tree.delete();
    }
  }

  #keep(path: string, text: string, resolver: Resolver): Entry {
    const entry = entryOf(path, text, resolver);
    this.#entries.set(path, entry);
    this.#textSize += text.length;
    return entry;
  }

  /** All of them at once: what names stand for leads from model to model, and one that stayed would keep many. */
  #letGo(): void {
    for (const { resolver } of this.#entries.values()) resolver.forget();
    this.#entries.clear();
    this.#textSize = 0;
  }

  /** What was made of exactly this text because another file imports it. */
  known(path: string, text: string): Resolver | undefined {
    const entry = this.#entries.get(path);
    return entry?.text === text ? entry.resolver : undefined;
  }

  /** The text of a module; empty when it can't be read or is generated. */
  #read(path: string): string {
    const text = this.#entries.get(path)?.text ?? this.#workspace.readFile(path) ?? '';
    return text.length > LARGEST_IMPORTED ? '' : text;
  }

  /** Whether a module has to do with promises, or hands on what has. */
  #speaks(path: string, hops: number): boolean {
    let known = this.#speaking.get(path);
    if (known === undefined) {
      const text = this.#read(path);
      // A circle of modules adds nothing to what its members say themselves.
      this.#speaking.set(path, false);
      known = SPEAKS.test(text) || (hops > 0 && this.#handsOn(path, text, hops - 1));
      this.#speaking.set(path, known);
    }
    return known;
  }

  #handsOn(path: string, text: string, hops: number): boolean {
    // `import { a } from './a'; export { a };` hands on as well.
    const pattern = /\bexport\s*(?:type\s*)?\{[^}]*\}(?!\s*from)/.test(text) ? IMPORTS : HANDS_ON;
    return [...text.matchAll(pattern)].some(([, specifier]) => {
      const next = this.#find(specifier!, path);
      return next !== undefined && this.#speaks(next, hops);
    });
  }

  #find(specifier: string, from: string): string | undefined {
    if (!/^(?:\.{1,2}(?:\/|$)|[@~]\/)/.test(specifier)) return undefined;
    const key = `${from.slice(0, from.lastIndexOf('/') + 1)}\n${specifier}`;
    let path = this.#found.get(key);
    if (path === undefined && !this.#found.has(key)) {
      path = this.#workspace.findScript(specifier, from);
      this.#found.set(key, path);
    }
    return path;
  }

  /** Whether a text has a name of something that gives promises in a module of the workspace which it imports. */
  importsPromises(path: string, text: string): boolean {
    for (const [, specifier] of text.matchAll(IMPORTS)) {
      const found = this.#find(specifier!, path);
      if (found === undefined || found === path) continue;
      if (this.#promisesIn(found, HANDED_ON).some((name) => hasWord(text, name))) return true;
    }
    return false;
  }

  #promisesIn(path: string, hops: number): readonly string[] {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const names = new Set<string>();
    this.#names.set(path, []);
    const text = this.#read(path);
    if (ASYNC.test(text))
      for (const match of text.matchAll(PROMISES)) names.add(match.slice(1).find(Boolean)!);
    for (const [, specifier] of hops > 0 ? text.matchAll(HANDS_ON) : []) {
      const next = this.#find(specifier!, path);
      for (const name of next === undefined ? [] : this.#promisesIn(next, hops - 1))
        names.add(name);
    }
    const all = [...names];
    this.#names.set(path, all);
    return all;
  }

  /** What a file holds now. */
  tell(path: string, text: string): void {
    if (this.#textSize > MOST_TEXT) this.#letGo();
    const seen = this.#entries.get(path)?.text;
    if (seen === undefined || seen === text) return;
    this.#names.delete(path);
    this.#speaking.delete(path);
    this.#take(path);
  }

  /** Forgets a file that changed or vanished, so that it is read again when next asked for. */
  forget(path: string): void {
    this.#found.clear();
    this.#names.clear();
    this.#speaking.clear();
    this.#take(path);
  }

  #take(path: string): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      entry.resolver.forget();
      this.#entries.delete(path);
      this.#textSize -= entry.text.length;
    }
    this.#forgetDerived();
  }

  /** What others took from a file may be stale. */
  #forgetDerived(): void {
    for (const entry of this.#entries.values()) {
      entry.resolver.forget();
      entry.values.clear();
      entry.types.clear();
    }
  }
}

/** How many modules further on names are looked for that are only handed on. */
const HANDED_ON = 2;

const IMPORTS =
  /(?:\bfrom|\bimport|\b(?:require|import)\s*\()\s*['"]((?:\.{1,2}\/|[@~]\/)[^'"\n]+)['"]/g;
const HANDS_ON = /\bexport\b[^'";]*\bfrom\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;
/** Promises, and functions that give nothing where one might be given that gives a promise. */
const SPEAKS = /\basync\b|\bPromise\b|\.then\(|=>\s*void\b|\bVoidFunction\b/;
const ASYNC = /\basync\b|\bPromise\b/;
/** Names that are declared with the word `async`, or to give a promise. */
const PROMISES =
  /\basync\s+(?:function\s*\*?\s*)?([\w$]+)\s*[<(]|([\w$]+)\s*(?::[^=;\n]*)?[=:]\s*async\b|([\w$]+)\??\s*(?:<[^<>]*>)?\([^()]*\)\s*:\s*Promise\b|([\w$]+)[?!]?\s*:\s*(?:\([^()]*\)\s*=>\s*)?Promise\b/g;

function hasWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (!/[\w$]/.test(text[at - 1] ?? '') && !/[\w$]/.test(text[at + name.length] ?? ''))
      return true;
  return false;
}

function entryOf(path: string, text: string, resolver: Resolver): Entry {
  const { model } = resolver;
  return {
    path,
    text,
    model,
    resolver,
    exports: undefined,
    values: new Map(),
    types: new Map(),
  };
}

function typeOfValue(resolver: Resolver, node: JsNode): Type {
  if (/^(?:abstract_)?class/.test(node.type)) return { kind: 'class', node };
  return isFunction(node) ? resolver.functionType(node) : resolver.typeOf(node);
}
