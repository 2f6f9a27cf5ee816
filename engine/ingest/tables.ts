/** What the streams name by number, interned across streams: strings, sites, stacks and chains. Index 0 is "none". */

/** A source line. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

/** A lock held when another was taken. */
export interface HeldLock {
  /** Index into `trace.objects`. */
  readonly object: number;
  /** Stack of its acquire. */
  readonly stack: number;
}

class InternTable<T> {
  readonly #values: T[];
  readonly #byKey = new Map<string, number>();

  constructor(none: T) {
    this.#values = [none];
  }

  get length(): number {
    return this.#values.length;
  }

  /** The value of "none" for an index out of range. */
  get(index: number): T {
    return this.#values[index] ?? this.#values[0]!;
  }

  intern(key: string, make: () => T): number {
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.#values.length;
      this.#values.push(make());
      this.#byKey.set(key, index);
    }
    return index;
  }
}

export class StringTable {
  readonly #table = new InternTable<string>('');
  get length(): number {
    return this.#table.length;
  }
  get(index: number): string {
    return this.#table.get(index);
  }
  add(text: string): number {
    return this.#table.intern(text, () => text);
  }
}

export class SiteTable {
  readonly #table = new InternTable<Site>({ file: '', line: 0, function: '' });
  get length(): number {
    return this.#table.length;
  }
  get(index: number): Site {
    return this.#table.get(index);
  }
  add(site: Site): number {
    return this.#table.intern(`${site.line}\0${site.function}\0${site.file}`, () => site);
  }
}

export class StackTable {
  readonly #table = new InternTable<readonly number[]>([]);
  get length(): number {
    return this.#table.length;
  }
  /** Site indexes, innermost first. */
  get(index: number): readonly number[] {
    return this.#table.get(index);
  }
  add(sites: readonly number[]): number {
    return this.#table.intern(sites.join(), () => sites);
  }
}

export class ChainTable {
  readonly #table = new InternTable<readonly HeldLock[]>([]);
  get length(): number {
    return this.#table.length;
  }
  /** Locks held, outermost first. */
  get(index: number): readonly HeldLock[] {
    return this.#table.get(index);
  }
  add(held: readonly HeldLock[]): number {
    return this.#table.intern(held.map((one) => `${one.object}:${one.stack}`).join(), () => held);
  }
}
