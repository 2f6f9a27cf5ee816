// Promises as statements: declared, constructed, chained, in lists, behind operators.
import { readFile } from 'node:fs/promises';
import fs from 'node:fs';
import { setTimeout as pause } from 'timers/promises';
import { promisify } from 'util';
import { exec } from 'node:child_process';

declare const pending: Promise<number>;
declare const perhaps: Promise<number> | undefined;
declare const like: PromiseLike<number>;
declare const merged: Promise<number> & { tag: string };
declare const several: Promise<number>[];
declare const pair: [Promise<number>, string];
declare const unsure: string | (() => void);
declare function load(name: string): Promise<string>;
declare const flag: boolean;
declare const anything: any;

const run = promisify(exec);
class Later extends Promise<number> {}
class Deepest extends Later {}
declare const later: Later;

class Store {
  ready = Promise.resolve(1);
  static async open() {
    return new Store();
  }
  async save() {}
  write = async () => {};
  get loaded(): Promise<void> {
    return Promise.resolve();
  }
  all(): void {
    this.save(); // lint: floating-promise
    this.write(); // lint: floating-promise
    this.ready; // lint: floating-promise
    this.loaded; // lint: floating-promise
    void this.save();
    this.save().catch(() => {});
  }
}

async function work() {
  await pause(1);
}

function gives() {
  return work();
}

export async function statements() {
  work(); // lint: floating-promise
  gives(); // lint: floating-promise
  pending; // lint: floating-promise
  perhaps; // lint: floating-promise
  perhaps?.then(() => {}); // lint: floating-promise
  merged; // lint: floating-promise
  later; // lint: floating-promise
  new Deepest(() => {}); // lint: floating-promise
  new Promise(() => {}); // lint: floating-promise
  Promise.resolve(1); // lint: floating-promise
  Promise.reject(new Error('x')); // lint: floating-promise
  Promise.all([work(), work()]); // lint: floating-promise
  Promise.allSettled([work()]); // lint: floating-promise
  load('a'); // lint: floating-promise
  load?.('a'); // lint: floating-promise
  fetch('/'); // lint: floating-promise
  readFile('a'); // lint: floating-promise
  fs.promises.writeFile('a', ''); // lint: floating-promise
  pause(10); // lint: floating-promise
  run('ls'); // lint: floating-promise
  import('./elsewhere.js'); // lint: floating-promise
  Store.open(); // lint: floating-promise
  const store = new Store();
  store.save(); // lint: floating-promise
  store?.save(); // lint: floating-promise
  store['save'](); // lint: floating-promise
  (work()); // lint: floating-promise
  work()!; // lint: floating-promise
  work() as Promise<void>; // lint: floating-promise
  work(), 1; // lint: floating-promise
  flag ? work() : 1; // lint: floating-promise
  flag ? 1 : work(); // lint: floating-promise
  flag && work(); // lint: floating-promise
  flag || work(); // lint: floating-promise
  perhaps ?? work(); // lint: floating-promise
  (async () => {})(); // lint: floating-promise
  (async function () {})(); // lint: floating-promise
  (() => work())(); // lint: floating-promise
  work().then(() => 1); // lint: floating-promise
  work().then(() => 1).finally(() => {}); // lint: floating-promise
  work().finally(() => {}); // lint: floating-promise
  work().catch(); // lint: floating-promise
  work().catch(undefined); // lint: floating-promise
  work().catch(null); // lint: floating-promise
  work().catch('x'); // lint: floating-promise
  work().catch(unsure); // lint: floating-promise
  work().then(() => {}, undefined); // lint: floating-promise
  work().then(() => {}, unsure); // lint: floating-promise
  work().catch(() => {}).then(() => {}); // lint: floating-promise
  several; // lint: floating-promise
  pair; // lint: floating-promise
  [1, 2].map(async (n) => n + 1); // lint: floating-promise
  anything.map(async (n: number) => n); // lint: floating-promise
  [work(), work()]; // lint: floating-promise
  several.map((each) => each.then(() => 1)); // lint: floating-promise
  several.forEach((each) => {
    each; // lint: floating-promise
  });
  for (const each of several) each; // lint: floating-promise
}

export async function fine() {
  await work();
  void work();
  work().catch(() => {});
  work().then(() => {}, () => {});
  work().then(() => {}, console.error);
  work().catch(() => {}).finally(() => {});
  work().finally(() => {}).catch(() => {});
  const kept = work();
  await kept;
  await Promise.all([1, 2].map(async (n) => n));
  like;
  anything;
  anything();
  anything.then(load);
  flag ? await work() : 1;
  flag && (await work());
  flag && work().catch(() => {});
  let other: Promise<void>;
  other = work();
  await other;
  void (async () => {})();
  (async () => {})().catch(() => {});
  [1, 2].map((n) => n + 1);
  [1, 2].filter((n) => n > 1);
  // interleave: ignore[floating-promise]
  work();
  return work();
}

function shadowed(Promise: { resolve(): number }) {
  Promise.resolve();
}

function overloaded(a: string): void;
function overloaded(a: number): void;
function overloaded(): void {}

export function plain() {
  overloaded('x');
  shadowed({ resolve: () => 1 });
}

const helpers = {
  async first() {},
  second: async () => {},
  third: () => 3,
};
helpers.first(); // lint: floating-promise
helpers.second(); // lint: floating-promise
helpers.third();

interface Api {
  ask(): Promise<string>;
  tell: () => Promise<void>;
  quick(): number;
}
export function withApi(api: Api, { ask }: Api, maybe?: Api) {
  api.ask(); // lint: floating-promise
  api.tell(); // lint: floating-promise
  ask(); // lint: floating-promise
  maybe?.ask(); // lint: floating-promise
  api.quick();
}

export function generic<T extends Promise<number>>(value: T, list: Array<Promise<number>>) {
  value; // lint: floating-promise
  list; // lint: floating-promise
}

function either(name: string, done?: (error: unknown) => void) {
  if (done === undefined) return fetch(name);
  done(1);
}
either('x'); // lint: floating-promise
either('x', () => {});
