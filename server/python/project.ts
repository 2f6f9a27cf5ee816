// All Python files of a workspace as far as the lints need them: models are made when first asked for and kept.
import { LineIndex } from '../lines.ts';
import type { NamesIn } from '../needs.ts';
import type { Workspace } from '../workspace.ts';
import type { Node } from './ast.ts';
import { importedIn } from './imports.ts';
import { KNOWN_MODULES, WORTH_IMPORTING } from './library.ts';
import { buildModel, type PythonModel } from './model.ts';
import type { PythonParser } from './parser.ts';
import { Resolver } from './resolve.ts';

/** Files smaller than this are read when they may pass calls on to a module that has something to say. */
const SMALL = 20_000;
/** How many modules further on that may be. */
const HOPS = 2;

/** Files larger than this are generated; other files do not look into them. */
const LARGEST_IMPORTED = 400_000;

/** What a look at a module's text says, without parsing it. */
interface Facts {
  readonly speaks: boolean;
  /** Modules that may be of the workspace; only of small files that say nothing themselves. */
  readonly imports: readonly string[];
  /** By the number of imports that may be followed. */
  readonly worth: boolean[];
}

/**
 * Units of text whose models are kept: enough for what one file imports, three modules deep, and for what an editor has open.
 * A model takes some twenty times its text, and the garbage of making it as much again.
 */
const MOST_TEXT = 8_000_000;

function forgetMeaning(node: Node): void {
  node.stands = undefined;
  node.known = 0;
}

function hasWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (!/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + name.length] ?? '')) return true;
  return false;
}

interface Entry {
  readonly text: string;
  readonly resolver: Resolver;
}

const EMPTY = { path: '', text: '', modules: [] };

export class Project {
  readonly #workspace: Workspace;
  readonly #parser: PythonParser;
  readonly #entries = new Map<string, Entry>();
  readonly #found = new Map<string, string | undefined>();
  readonly #facts = new Map<string, Facts>();
  /** By what finds them: names in the texts of modules. */
  readonly #names = new Map<NamesIn, Map<string, readonly string[]>>();
  readonly #imports = new Map<string, readonly string[]>();
  /** Of files that others may import: each of them asks for its text more than once. */
  readonly #texts = new Map<string, string>();
  #textSize = 0;
  #last: { path: string; text: string; modules: readonly string[] } = EMPTY;
  /** Files that were looked at and hold nothing for those that import them. */
  readonly #empty = new Set<string>();

  constructor(workspace: Workspace, parser: PythonParser) {
    this.#workspace = workspace;
    this.#parser = parser;
  }

  /** The model and names of a text, which becomes what other files see of `path`. */
  open(path: string, text: string, model?: PythonModel): Resolver {
    const known = this.#entries.get(path);
    if (known !== undefined && known.text === text) return known.resolver;
    const resolver = new Resolver(model ?? this.parse(path, text), this);
    for (const names of this.#names.values()) names.delete(path);
    this.#imports.delete(path);
    this.#entries.delete(path);
    this.#entries.set(path, { text, resolver });
    this.#letGo();
    return resolver;
  }

  /** Of a large workspace only the models read last are kept. */
  #letGo(): void {
    let size = 0;
    for (const { text } of this.#entries.values()) size += text.length;
    if (size <= MOST_TEXT) return;
    for (const [path, { text, resolver }] of this.#entries) {
      if (size <= MOST_TEXT / 2 || this.#entries.size === 1) break;
      this.#entries.delete(path);
      size -= text.length;
      // What its names stood for would keep the models of others, and those more.
      resolver.model.nodes.forEach(forgetMeaning);
    }
  }

  /** What was made of exactly this text before. */
  known(path: string, text: string): Resolver | undefined {
    const entry = this.#entries.get(path);
    return entry?.text === text ? entry.resolver : undefined;
  }

  parse(path: string, text: string): PythonModel {
    const tree = this.#parser.parse(text);
    try {
      return buildModel(path, this.#parser.read(tree, text));
    } finally {
      tree.delete();
    }
  }

  /** A module of the workspace by its dotted name as written in `from`; undefined for libraries. */
  module(name: string, from: string): Resolver | undefined {
    const path = this.#find(name, from);
    if (path === undefined) return undefined;
    const known = this.#entries.get(path);
    if (known !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, known);
      return known.resolver;
    }
    if (this.#empty.has(path)) return undefined;
    const text = this.#read(path);
    if (text === undefined || text.length > LARGEST_IMPORTED || !this.#isWorth(path, text, HOPS)) {
      this.#empty.add(path);
      return undefined;
    }
    return this.open(path, text);
  }

  /** Whether a module says something of concurrency itself, or is a small one that imports what does. */
  #isWorth(path: string, text: string, hops: number): boolean {
    const facts = this.#factsOf(path, text);
    if (facts.worth[hops] !== undefined) return facts.worth[hops];
    // A circle of imports adds nothing to what its members say themselves.
    facts.worth[hops] = facts.speaks;
    if (facts.speaks || hops === 0) return facts.speaks;
    for (const name of facts.imports) {
      const next = this.#find(name, path);
      const other = next === undefined || next === path ? undefined : this.#lookAt(next);
      if (other === undefined || !this.#isWorth(next!, other, hops - 1)) continue;
      facts.worth[hops] = true;
      break;
    }
    return facts.worth[hops];
  }

  /** What a file holds now; it is what others see of it until it is told anew. */
  tell(path: string, text: string): void {
    this.#textSize += text.length - (this.#texts.get(path)?.length ?? 0);
    this.#texts.set(path, text);
    if (this.#textSize <= MOST_TEXT) return;
    this.#texts.clear();
    this.#textSize = 0;
  }

  #read(path: string): string | undefined {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.#workspace.readFile(path);
    if (text !== undefined) this.tell(path, text);
    return text;
  }

  /** The text of a module that is not yet known, or an empty one for a module that was looked at before. */
  #lookAt(path: string): string | undefined {
    if (this.#facts.has(path)) return '';
    const text = this.#read(path);
    return text === undefined || text.length > LARGEST_IMPORTED ? undefined : text;
  }

  #factsOf(path: string, text: string): Facts {
    let facts = this.#facts.get(path);
    if (facts === undefined) {
      const speaks = WORTH_IMPORTING.test(text);
      const imports = new Set<string>();
      if (!speaks && text.length <= SMALL) {
        for (const name of importedIn(text)) {
          if (!KNOWN_MODULES.has(name.split('.')[0]!)) imports.add(name);
        }
      }
      facts = { speaks, imports: [...imports], worth: [] };
      this.#facts.set(path, facts);
    }
    return facts;
  }

  /** Whether a text has one of the names that an expression finds in the modules of the workspace which it imports. */
  imports(path: string, text: string, names: NamesIn): boolean {
    // Asked for one expression after another.
    if (this.#last.text !== text || this.#last.path !== path)
      this.#last = { path, text, modules: this.#importedBy(path, text) };
    for (const module of this.#last.modules) {
      if (this.#namesIn(module, names).some((name) => hasWord(text, name))) return true;
      // A package hands on what it imports itself.
      if (!module.endsWith('__init__.py')) continue;
      for (const inner of this.#importsOf(module))
        if (this.#namesIn(inner, names).some((name) => hasWord(text, name))) return true;
    }
    return false;
  }

  /** The modules of the workspace that a file imports. */
  #importsOf(path: string): readonly string[] {
    let modules = this.#imports.get(path);
    if (modules === undefined) {
      modules = this.#importedBy(path, this.#textOf(path));
      this.#imports.set(path, modules);
    }
    return modules;
  }

  #importedBy(path: string, text: string): readonly string[] {
    const modules = new Set<string>();
    for (const name of importedIn(text)) {
      if (KNOWN_MODULES.has(name.split('.')[0]!)) continue;
      const found = this.#find(name, path);
      if (found !== undefined && found !== path) modules.add(found);
    }
    return [...modules];
  }

  #namesIn(path: string, names: NamesIn): readonly string[] {
    let known = this.#names.get(names);
    if (known === undefined) {
      known = new Map();
      this.#names.set(names, known);
    }
    let found = known.get(path);
    if (found === undefined) {
      found = names(this.#textOf(path));
      known.set(path, found);
    }
    return found;
  }

  /** The text of a module; empty when it can't be read or is generated. */
  #textOf(path: string): string {
    const text = this.#entries.get(path)?.text ?? this.#read(path) ?? '';
    return text.length > LARGEST_IMPORTED ? '' : text;
  }

  #find(name: string, from: string): string | undefined {
    const key = `${name.startsWith('.') ? from : from.slice(0, from.lastIndexOf('/'))}\n${name}`;
    let path = this.#found.get(key);
    if (path === undefined && !this.#found.has(key)) {
      path = this.#workspace.findModule(name, from);
      this.#found.set(key, path);
    }
    return path;
  }

  /** Which file a node is of, and its line, which counts from 1; undefined for files that were forgotten. */
  placeOf(node: Node): { path: string; line: number } | undefined {
    let root = node;
    while (root.kind !== 'Module') root = root.parent;
    for (const [path, { text, resolver }] of this.#entries) {
      if (resolver.model.module === root)
        return { path, line: new LineIndex(text).lineAt(node.start) + 1 };
    }
    return undefined;
  }

  /** Whether a module is part of the workspace at all. */
  has(name: string, from: string): boolean {
    return this.#find(name, from) !== undefined;
  }

  /** Path and text of a module without parsing it; undefined for libraries. */
  source(name: string, from: string): { path: string; text: string } | undefined {
    const path = this.#find(name, from);
    if (path === undefined) return undefined;
    const text = this.#entries.get(path)?.text ?? this.#read(path);
    return text === undefined ? undefined : { path, text };
  }

  /** Forgets a file that changed or vanished, so that it is read again when next asked for. */
  forget(path: string): void {
    this.#entries.delete(path);
    this.#texts.clear();
    this.#textSize = 0;
    this.#found.clear();
    this.#empty.clear();
    this.#facts.clear();
    this.#names.clear();
    this.#imports.clear();
    this.#last = EMPTY;
  }

  /** Names other files saw before an edit may be stale: everything derived from them is made anew. */
  forgetDerived(): void {
    for (const { resolver } of this.#entries.values()) resolver.clear();
  }
}
