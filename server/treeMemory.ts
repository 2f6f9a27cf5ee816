// Reads a parse tree where it lies: in the memory of tree-sitter's wasm runtime, without a call into it.
//
// A cursor costs seven calls a node, each marshalled through memory; for a whole library that was as much as half the
// parsing. The layout below is that of the runtime's own structs (subtree.h, tree.h, parser.h) in 32 bits. It changes only
// with the runtime, which is part of the bundle; a test compares every node with what a cursor says.
import type { Language, Tree } from 'web-tree-sitter';

/** What becomes of the nodes of one type. */
export type Fate =
  /** Kept with what is below it. */
  | 'keep'
  /** Kept without what is below it: its text says all. */
  | 'leaf'
  | 'drop'
  /** Kept as a leaf when its parent has a field for it, as for operators. */
  | 'field'
  /** Kept; only the text tells whether anything of interest is below it. */
  | 'ask';

/** The nodes of a tree in source order, parents before their children. Valid until the next tree is read. */
export interface FlatTree {
  readonly count: number;
  /** The grammar's numbers of types; broken code is `ERROR`. */
  readonly type: Uint16Array;
  /** The grammar's number of the field a node is of its parent; 0 for none. */
  readonly field: Uint16Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** The first node behind this one and all that is below it. */
  readonly next: Uint32Array;
}

/** The number of the type of what could not be parsed. */
export const ERROR = 0xffff;

/**
 * What is nested deeper counts as not parsed: everybody who walks a tree does so by recursion, and one sum of thousands of
 * parts must not take a file's lints away.
 */
const DEEPEST = 600;

/** The runtime as `Parser.init` fills it in; memory that grows is a new buffer. */
export interface Runtime {
  HEAPU8?: Uint8Array;
}

const FATES: readonly Fate[] = ['keep', 'leaf', 'drop', 'field', 'ask'];
const LEAF = FATES.indexOf('leaf');
const DROP = FATES.indexOf('drop');
const FIELD = FATES.indexOf('field');
const ASK = FATES.indexOf('ask');

/** Text is UTF-16 to the runtime, and it counts bytes. */
const UNIT = 2;

// A subtree is 8 bytes: a pointer, or, with the lowest bit set, a small leaf itself.
const SUBTREE = 8;
const INLINE = 1;
const INLINE_SYMBOL = 1;
const INLINE_PADDING = 6;
const INLINE_SIZE = 7;
// A subtree on the heap has its children before itself. Offsets in bytes:
const PADDING = 4;
const SIZE = 16;
const CHILD_COUNT = 36;
const SYMBOL = 40;
const FLAGS = 44;
const VISIBLE_CHILDREN = 48;
const PRODUCTION = 66;
// Bits of both forms, once the lowest bit of an inline one is gone.
const VISIBLE = 1;
const EXTRA = 4;

export class TreeMemory {
  readonly #runtime: Runtime;
  readonly #tables: Tables;
  readonly #fates: Uint8Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #halves: Uint16Array = new Uint16Array(0);
  #words: Uint32Array = new Uint32Array(0);
  #out = space(4096);
  #count = 0;
  #depth = 0;
  #isLeaf: (start: number) => boolean = () => false;

  constructor(
    runtime: Runtime,
    language: Language,
    fateOf: (type: string, isNamed: boolean) => Fate,
  ) {
    this.#runtime = runtime;
    this.#look();
    this.#tables = this.#readTables(addressOf(language), language.fieldCount);
    this.#fates = new Uint8Array(ERROR + 1);
    for (let id = 0; id < language.nodeTypeCount; id++) {
      const type = language.nodeTypeForId(id) ?? 'ERROR';
      this.#fates[id] = FATES.indexOf(fateOf(type, language.nodeTypeIsNamed(id)));
    }
  }

  /** Copies a tree that was not edited since it was parsed. `isLeaf` is asked where nodes of the fate `ask` start. */
  read(tree: Tree, isLeaf: (start: number) => boolean = () => false): FlatTree {
    this.#look();
    this.#count = 0;
    this.#depth = 0;
    this.#isLeaf = isLeaf;
    const root = this.#words[addressOf(tree) >> 2]!;
    const start = this.#words[(root + PADDING) >> 2]!;
    const symbol = this.#halves[(root + SYMBOL) >> 1]!;
    this.#node(
      root,
      this.#tables.publicSymbols[symbol]!,
      0,
      start,
      this.#words[(root + SIZE) >> 2]!,
    );
    return { count: this.#count, ...this.#out };
  }

  #look(): void {
    const { buffer } = this.#runtime.HEAPU8!;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.#words = new Uint32Array(buffer);
  }

  /** Writes a node down and, where `heap` is its address and not 0, what is below it. Positions are in bytes. */
  #node(heap: number, type: number, field: number, start: number, size: number): void {
    const at = this.#count++;
    if (at === this.#out.type.length) this.#out = grown(this.#out);
    const out = this.#out;
    out.type[at] = type;
    out.field[at] = field;
    out.start[at] = start / UNIT;
    out.end[at] = (start + size) / UNIT;
    if (heap !== 0 && this.#depth < DEEPEST) {
      this.#depth++;
      this.#children(heap, start, 0);
      this.#depth--;
    } else if (heap !== 0) out.type[at] = ERROR;
    this.#out.next[at] = this.#count;
  }

  /** `outerField` is the field of a hidden parent, which is that of its parts as far as they have none of their own. */
  #children(parent: number, parentStart: number, outerField: number): void {
    // Nothing in here makes the runtime's memory grow: what is asked for with every node is looked up once.
    const bytes = this.#bytes;
    const halves = this.#halves;
    const words = this.#words;
    const { aliases, aliasWidth, fields, fieldWidth, publicSymbols } = this.#tables;
    const count = words[(parent + CHILD_COUNT) >> 2]!;
    if (count === 0) return;
    const production = halves[(parent + PRODUCTION) >> 1]!;
    let start = parentStart;
    let structural = 0;
    for (let index = 0; index < count; index++) {
      const place = parent - (count - index) * SUBTREE;
      const first = words[place >> 2]!;
      const isInline = (first & INLINE) !== 0;
      const heap = isInline ? 0 : first;
      const flags = isInline ? bytes[place]! >> 1 : bytes[first + FLAGS]!;
      const size = isInline ? bytes[place + INLINE_SIZE]! : words[(first + SIZE) >> 2]!;
      if (index > 0)
        start += isInline ? bytes[place + INLINE_PADDING]! : words[(first + PADDING) >> 2]!;
      let alias = 0;
      let field = 0;
      if ((flags & EXTRA) === 0) {
        if (production !== 0 && structural < aliasWidth)
          alias = aliases[production * aliasWidth + structural]!;
        if (structural < fieldWidth) field = fields[production * fieldWidth + structural]!;
        if (field === 0) field = outerField;
        structural++;
      }
      if ((flags & VISIBLE) !== 0 || alias !== 0) {
        const own = isInline ? bytes[place + INLINE_SYMBOL]! : halves[(first + SYMBOL) >> 1]!;
        this.#visible(heap, publicSymbols[alias === 0 ? own : alias]!, field, start, size);
      } else if (heap !== 0 && this.#hasVisible(heap)) this.#children(heap, start, field);
      start += size;
    }
  }

  #visible(heap: number, type: number, field: number, start: number, size: number): void {
    const fate = this.#fates[type]!;
    if (fate === DROP || (fate === FIELD && field === 0)) return;
    const isLeaf = fate === LEAF || fate === FIELD || (fate === ASK && this.#isLeaf(start / UNIT));
    this.#node(isLeaf ? 0 : heap, type, field, start, size);
  }

  #hasVisible(heap: number): boolean {
    return (
      this.#words[(heap + CHILD_COUNT) >> 2]! > 0 &&
      this.#words[(heap + VISIBLE_CHILDREN) >> 2]! > 0
    );
  }

  /** The grammar's tables that say how a production's parts are called, copied once. */
  #readTables(language: number, fieldCount: number): Tables {
    const word = (offset: number) => this.#words[(language + offset) >> 2]!;
    const productions = word(28);
    const aliasWidth = this.#halves[(language + 36) >> 1]!;
    const [slices, entries, symbols, sequences] = [word(64), word(68), word(76), word(84)];
    const half = (address: number) => this.#halves[address >> 1]!;
    const found: { production: number; child: number; field: number }[] = [];
    for (let production = 0; fieldCount > 0 && production < productions; production++) {
      const from = half(slices + production * 4);
      const length = half(slices + production * 4 + 2);
      for (let index = from; index < from + length; index++) {
        const entry = entries + index * 4;
        const isInherited = this.#bytes[entry + 3] !== 0;
        const [field, child] = [half(entry), this.#bytes[entry + 2]!];
        if (!isInherited) found.push({ production, child, field });
      }
    }
    const fieldWidth = 1 + Math.max(-1, ...found.map(({ child }) => child));
    const fields = new Uint16Array(productions * fieldWidth);
    // The first field of a part counts.
    for (const { production, child, field } of found.reverse())
      fields[production * fieldWidth + child] = field;
    const aliases = this.#halves.slice(sequences >> 1, (sequences >> 1) + productions * aliasWidth);
    const publicSymbols = new Uint16Array(ERROR + 1).fill(ERROR);
    publicSymbols.set(this.#halves.subarray(symbols >> 1, (symbols >> 1) + word(4) + word(8)));
    return { aliases, aliasWidth, fields, fieldWidth, publicSymbols };
  }
}

interface Tables {
  /** By production and part: what the part is called instead of its own type, and its field. */
  readonly aliases: Uint16Array;
  readonly aliasWidth: number;
  readonly fields: Uint16Array;
  readonly fieldWidth: number;
  /** By symbol: the type that it is to everybody outside. */
  readonly publicSymbols: Uint16Array;
}

type Space = Omit<FlatTree, 'count'>;

function space(size: number): Space {
  return {
    type: new Uint16Array(size),
    field: new Uint16Array(size),
    start: new Uint32Array(size),
    end: new Uint32Array(size),
    next: new Uint32Array(size),
  };
}

function grown(old: Space): Space {
  const next = space(old.type.length * 2);
  next.type.set(old.type);
  next.field.set(old.field);
  next.start.set(old.start);
  next.end.set(old.end);
  next.next.set(old.next);
  return next;
}

/** Where in memory what an object of the runtime stands for lies; it is no part of the declared types. */
function addressOf(handle: object): number {
  return (handle as { readonly 0: number })[0];
}
