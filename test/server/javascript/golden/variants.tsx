// Promises by other roads: names in brackets, tagged templates, classes, generics, overloads, destructuring, namespaces.
import * as fs from 'fs';
import { promises as disk } from 'fs';
import * as util from 'node:util';
import React, { useCallback, useLayoutEffect as useIt } from 'react';

type Task = () => Promise<void>;
type Handler = (event: string) => void;
type Maybe<T> = T | undefined;
interface Loader<T> {
  load(): Promise<T>;
  onDone?: Handler;
}
abstract class Queue<T> {
  abstract push(item: T): Promise<void>;
  protected list: Promise<T>[] = [];
  static instance: Queue<string>;
  drain() {
    this.list; // lint: floating-promise
    this.list.map((each) => each); // lint: floating-promise
    this.push(this.list as never); // lint: floating-promise
    super.toString();
  }
}
declare const queue: Queue<number>;
declare const task: Task;
declare const tasks: Task[];
declare const maybe: Maybe<Promise<string>>;
declare const loader: Loader<number>;
declare const pair: { first: Promise<number>; second: { deep: Task } };
declare function tag(strings: TemplateStringsArray): Promise<string>;
declare function pick(kind: 'a'): Promise<number>;
declare function pick(kind: 'b'): number;
declare const either: Promise<number> | number;
declare const callable: { (): Promise<void>; (n: number): Promise<number> };
declare const readonlyList: readonly Promise<number>[];
declare const record: Record<string, Promise<number>>;
declare const map: Map<string, Promise<number>>;

export async function statements(this: Loader<string>, given: Task, { run }: { run: Task }) {
  Promise['resolve'](1); // lint: floating-promise
  Promise[`reject`](1); // lint: floating-promise
  globalThis.Promise.resolve(1); // lint: floating-promise
  window.fetch('/'); // lint: floating-promise
  tag`x`; // lint: floating-promise
  queue.push(1); // lint: floating-promise
  queue?.push?.(1); // lint: floating-promise
  Queue.instance.push('x'); // lint: floating-promise
  task(); // lint: floating-promise
  tasks[0](); // lint: floating-promise
  tasks.map((each) => each()); // lint: floating-promise
  tasks.forEach((each) => each()); // lint: async-callback-ignored
  maybe; // lint: floating-promise
  maybe!; // lint: floating-promise
  loader.load(); // lint: floating-promise
  (loader as Loader<string>).load(); // lint: floating-promise
  pair.first; // lint: floating-promise
  pair.second.deep(); // lint: floating-promise
  pair['second']['deep'](); // lint: floating-promise
  given(); // lint: floating-promise
  run(); // lint: floating-promise
  this.load(); // lint: floating-promise
  callable(); // lint: floating-promise
  either; // lint: floating-promise
  readonlyList; // lint: floating-promise
  record.x; // lint: floating-promise
  map.get('x'); // lint: floating-promise
  disk.readFile('x'); // lint: floating-promise
  util.promisify(setTimeout)(1); // lint: floating-promise
  (await task)(); // lint: floating-promise
  (() => {})();
  (async () => {})().then(() => {}); // lint: floating-promise
  (true ? task : given)(); // lint: floating-promise
  new (class extends Promise<number> {})(() => {}); // lint: floating-promise
  if (given) task(); // lint: floating-promise
  else run(); // lint: floating-promise
  switch (1) {
    case 1:
      task(); // lint: floating-promise
  }
  label: task(); // lint: floating-promise
  try {
    task(); // lint: floating-promise
  } finally {
    task(); // lint: floating-promise
  }
  Promise.resolve().then(() => {})['catch'](() => {});
  Promise.resolve()['catch'](); // lint: floating-promise
  task().then(...[]);
  void task(), void run();
  !task(); // lint: async-callback-ignored
  delete record.x;
  typeof task();
}

async function* counting(given: AsyncGenerator<number>) {
  yield 1;
  given.next(); // lint: floating-promise
  counting(given);
  counting(given).return(1); // lint: floating-promise
  for await (const each of counting(given)) given.throw(each); // lint: floating-promise
}

task().then(() => {}); // lint: floating-promise
const { push } = { push: async () => {} };
push(); // lint: floating-promise
let assigned = async () => {};
assigned(); // lint: floating-promise
const wrapped = (async () => {}) as () => void;
wrapped();
namespace Inner {
  export async function go() {}
  go(); // lint: floating-promise
}

declare function takes(options: { handlers: Handler[]; nested: { done: () => void } }): void;
declare function generic<T>(value: T, callback: (value: T) => void): void;
declare class Emitter {
  constructor(listener: () => void);
  on(name: string, listener: (...args: any[]) => void): this;
  each: Handler;
}
takes({ handlers: [async () => {}], nested: { done: async () => {} } }); // lint: async-callback-ignored, async-callback-ignored
generic(1, async () => {}); // lint: async-callback-ignored
new Emitter(async () => {}); // lint: async-callback-ignored
new Emitter(() => {}).on('x', async () => {}); // lint: async-callback-ignored
const emitter = new Emitter(task); // lint: async-callback-ignored
emitter.each = async () => {}; // lint: async-callback-ignored
loader.onDone = async () => {}; // lint: async-callback-ignored
const full: Loader<number> = {
  load: async () => 1,
  onDone: async () => {}, // lint: async-callback-ignored
};
export const handler: Handler = async function named() {}; // lint: async-callback-ignored
export const listOf: Array<Handler> = [task, () => {}]; // lint: async-callback-ignored
export function gives(): Handler {
  if (full) return task; // lint: async-callback-ignored
  return () => task(); // lint: async-callback-ignored
}
export const arrow = (): Handler => task; // lint: async-callback-ignored
class Parent {
  run(): void {}
  stop: () => void = () => {};
}
class Child extends Parent {
  run = async () => {}; // lint: async-callback-ignored
  async stop() {} // lint: async-callback-ignored
  keep() {
    return this.run();
  }
}
export default class extends Child {}
const View = (props: { onTap: () => void; children?: unknown }) => <div onClick={props.onTap} />;
export const shown = [
  <View onTap={task} />, // lint: async-callback-ignored
  <View onTap={() => {}}>x</View>,
  <View onTap={useCallback(() => {}, [])} />,
];
export function Component() {
  useIt(async () => {}, []); // lint: async-callback-ignored
  React.useEffect(async () => {}); // lint: async-callback-ignored
  return null;
}

export function conditions(flag: boolean) {
  if (flag || task()) return 1; // lint: async-callback-ignored
  if (flag && (flag || task())) return 2; // lint: async-callback-ignored
  if (!(flag && task())) return 3; // lint: async-callback-ignored
  const a = task() ? 1 : 2; // lint: async-callback-ignored
  const b = flag ? task() : undefined;
  if (maybe) return 4;
  if (either) return 5;
  if (tasks) return 6;
  if (queue.push(1)) return 7; // lint: async-callback-ignored
  for (let i = 0; task(); i++) return i; // lint: async-callback-ignored
  if ((flag, task())) return 8; // lint: async-callback-ignored
  return [a, b];
}

export async function reading(name: string) {
  fs['readFileSync'](name); // lint: sync-io-in-async
  fs[`writeFileSync`](name, ''); // lint: sync-io-in-async
  fs.readFileSync.call(fs, name); // lint: sync-io-in-async
  fs?.statSync(name); // lint: sync-io-in-async
  const { existsSync: there } = fs;
  there(name); // lint: sync-io-in-async
  require('fs').readFileSync(name); // lint: sync-io-in-async
  require('node:child_process').execFileSync(name); // lint: sync-io-in-async
}

export function plainly(name: string) {
  return fs.readFileSync(name); // lint: sync-io-in-async
}
