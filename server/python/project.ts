// All Python files of a workspace as far as the lints need them: models are made when first asked for and kept.
import type { Workspace } from '../workspace.ts';
import { WORTH_IMPORTING } from './library.ts';
import { buildModel, type PythonModel } from './model.ts';
import type { PythonParser } from './parser.ts';
import { Resolver } from './resolve.ts';

/** Files smaller than this are read whatever they contain: they may only pass calls on. */
const SMALL = 20_000;

/** Files larger than this are generated; other files do not look into them. */
const LARGEST_IMPORTED = 400_000;

interface Entry {
  readonly text: string;
  readonly resolver: Resolver;
}

export class Project {
  readonly #workspace: Workspace;
  readonly #parser: PythonParser;
  readonly #entries = new Map<string, Entry>();
  readonly #found = new Map<string, string | undefined>();
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
    this.#entries.set(path, { text, resolver });
    return resolver;
  }

  /** What was made of exactly this text before. */
  known(path: string, text: string): Resolver | undefined {
    const entry = this.#entries.get(path);
    return entry?.text === text ? entry.resolver : undefined;
  }

  parse(path: string, text: string): PythonModel {
    const tree = this.#parser.parse(text);
    try {
      return buildModel(path, text, this.#parser.read(tree, text));
    } finally {
      tree.delete();
    }
  }

  /** A module of the workspace by its dotted name as written in `from`; undefined for libraries. */
  module(name: string, from: string): Resolver | undefined {
    const path = this.#find(name, from);
    if (path === undefined) return undefined;
    const known = this.#entries.get(path);
    if (known !== undefined) return known.resolver;
    if (this.#empty.has(path)) return undefined;
    const text = this.#workspace.readFile(path);
    const size = text?.length ?? LARGEST_IMPORTED + 1;
    if (size > LARGEST_IMPORTED || (size > SMALL && !WORTH_IMPORTING.test(text!))) {
      this.#empty.add(path);
      return undefined;
    }
    return this.open(path, text!);
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

  /** Path and text of a module without parsing it; undefined for libraries. */
  source(name: string, from: string): { path: string; text: string } | undefined {
    const path = this.#find(name, from);
    if (path === undefined) return undefined;
    const text = this.#entries.get(path)?.text ?? this.#workspace.readFile(path);
    return text === undefined ? undefined : { path, text };
  }

  /** Forgets a file that changed or vanished, so that it is read again when next asked for. */
  forget(path: string): void {
    this.#entries.delete(path);
    this.#found.clear();
    this.#empty.clear();
  }

  /** Names other files saw before an edit may be stale: everything derived from them is made anew. */
  forgetDerived(): void {
    for (const { resolver } of this.#entries.values()) resolver.clear();
  }
}
