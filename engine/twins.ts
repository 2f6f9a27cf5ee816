/**
 * Tells objects of one name apart. Made on one line they have numbers in order of creation, `Account.lock #2`, on
 * several lines the line, `lock at app.py:12`, in several processes the process, `lock of process 4242`; one that is
 * alone has its plain name. It goes by what is defined, not by what has been named: live and afterwards names are the same.
 */
import { isLibrary, place, sitesOf, userSite } from './frames.ts';
import type { TracedObject } from './ingest/object.ts';
import type { Stream } from './ingest/stream.ts';
import { sourceName } from './sourceNames.ts';
import type { SourceLine, Trace } from './trace.ts';

/** What makes locks in the name of its caller: numbers of the probe are by the line behind it. */
const MAKERS = /[\\/](?:threading|queue|(?:asyncio|multiprocessing|concurrent)[\\/].*)\.py$/;

export class Twins {
  /** Grows whenever objects that had a name may have got another. */
  version = 0;
  #seen = 0;
  readonly #homes = new Map<TracedObject, Home>();
  readonly #namesakes = new Map<string, Namesakes>();

  /** Takes in what was defined, or is known better, since the last call. */
  catchUp(trace: Trace, sourceLine: SourceLine): void {
    const { renamed } = trace;
    for (; this.#seen < renamed.length; this.#seen++)
      this.#settle(trace, renamed[this.#seen]!, sourceLine);
  }

  nameOf(object: TracedObject): string {
    const home = this.#homes.get(object);
    if (home === undefined) return `${object.type} ${object.id}`;
    const { name, line, made, namesakes } = home;
    const inProcess = namesakes.get(processOf(object))!;
    const where = inProcess.size > 1 && line !== '' && !name.endsWith(line) ? ` at ${line}` : '';
    const number = made.count > 1 ? ` #${made.numberOf(object)}` : '';
    const isOfOne = namesakes.size > 1 && processOf(object) !== SHARED;
    const whose = isOfOne ? ` of process ${object.stream.pid}` : '';
    return `${name}${where}${number}${whose}`;
  }

  #settle(trace: Trace, object: TracedObject, sourceLine: SourceLine): void {
    const { name, slot, of } = sourceName(trace, object, sourceLine);
    // What a library makes for a thing of the program, such as a queue's mutex, goes by the name of that thing.
    const part = object.internal || object.partOf !== undefined;
    const namesakes = at(this.#namesakes, `${part} ${name}`, (): Namesakes => new Map());
    const site = userSite(trace, object.stack);
    const line = site === undefined ? '' : place(site);
    const inProcess = at(namesakes, processOf(object), () => new Map<string, MadeOnLine>());
    const made = at(inProcess, `${site?.file}:${site?.line}`, () => new MadeOnLine());
    const before = this.#homes.get(object);
    if (before !== undefined && before.made !== made) this.#leave(before, object);
    made.add(object, isNumbered(trace, object), slot, of);
    this.#homes.set(object, { name, line, made, namesakes });
    if (before !== undefined || namesakes.size > 1 || inProcess.size > 1 || made.count > 1)
      this.version++;
  }

  #leave({ made, namesakes }: Home, object: TracedObject): void {
    made.delete(object);
    if (made.size > 0) return;
    const inProcess = namesakes.get(processOf(object))!;
    for (const [line, one] of inProcess) if (one === made) inProcess.delete(line);
    if (inProcess.size === 0) namesakes.delete(processOf(object));
  }
}

interface Home {
  readonly name: string;
  /** `app.py:12`, empty where nobody saw the making. */
  readonly line: string;
  readonly made: MadeOnLine;
  readonly namesakes: Namesakes;
}

/** All of one name: by process, then by the line that made them. */
type Namesakes = Map<Stream | typeof SHARED, Map<string, MadeOnLine>>;

/** What processes share is of none of them, whoever comes to speak of it first. */
const SHARED = 'shared';

function processOf(object: TracedObject): Stream | typeof SHARED {
  return object.shared === '' ? object.stream : SHARED;
}

class MadeOnLine {
  /** How many were made there, told of or not. */
  #most = 0;
  #numbered = true;
  #of = 1;
  readonly #members = new Set<TracedObject>();
  readonly #byNumber = new Map<string, TracedObject>();
  #order: Map<TracedObject, number> | undefined;

  get size(): number {
    return this.#members.size;
  }

  get count(): number {
    return this.#numbered ? this.#most : this.#members.size;
  }

  /** The line makes `of` things under names of their own, of which this is number `slot`. */
  add(object: TracedObject, numbered: boolean, slot: number, of: number): void {
    // Two of one number come from two processes that have counted each by itself.
    const number = `${object.type} ${object.nth}`;
    const other = this.#byNumber.get(number);
    const isTaken = object.shared !== '' && other !== undefined && other !== object;
    this.#byNumber.set(number, object);
    this.#members.add(object);
    this.#numbered &&= numbered && !isTaken;
    this.#of = of;
    const most = Math.max(object.nth, object.among);
    this.#most = Math.max(this.#most, Math.ceil((most - slot) / of));
    this.#order = undefined;
  }

  delete(object: TracedObject): void {
    this.#members.delete(object);
    const number = `${object.type} ${object.nth}`;
    if (this.#byNumber.get(number) === object) this.#byNumber.delete(number);
    this.#order = undefined;
  }

  /** As the probe has counted; where it has not, in the order in which they were first told of. */
  numberOf(object: TracedObject): number {
    if (this.#numbered) return Math.ceil(object.nth / this.#of);
    if (this.#order === undefined) {
      const inOrder = [...this.#members].sort((one, other) => one.id - other.id);
      this.#order = new Map(inOrder.map((one, index) => [one, index + 1]));
    }
    return this.#order.get(object) ?? 1;
  }
}

/** The probe counts by the line that calls the standard library, which may be an installed package's and nobody's own. */
function isNumbered(trace: Trace, object: TracedObject): boolean {
  if (object.nth === 0) return false;
  const caller = sitesOf(trace, object.stack).find((site) => !MAKERS.test(site.file));
  return caller !== undefined && !isLibrary(caller.file);
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
