// Async functions where nobody looks at their promise, promises taken for true, spread promises.
import { EventEmitter } from 'node:events';
import { useEffect } from 'react';

declare const pending: Promise<boolean>;
declare const perhaps: Promise<boolean> | undefined;
declare const items: string[];
declare function takes(callback: () => void): void;
declare function takesEither(callback: (() => void) | (() => Promise<void>)): void;
declare function takesPromise(callback: () => Promise<void>): void;
declare function takesOptions(options: { done: () => void; name: string }): void;
declare function takesMany(...callbacks: Array<() => void>): void;
declare function takesUnknown(callback: () => unknown): void;
declare function takesOptional(first: number, callback?: (n: number) => void): void;
async function work() {
  return true;
}

export async function lists(unknown: any) {
  items.forEach(async (item) => { // lint: async-callback-ignored
    await save(item);
  });
  unknown.forEach(async (each: string) => save(each)); // lint: async-callback-ignored
  items.forEach(save); // lint: async-callback-ignored
  items?.forEach(async () => {}); // lint: async-callback-ignored
  items.filter(async (item) => item !== ''); // lint: async-callback-ignored
  if (items.some(async () => true)) return; // lint: async-callback-ignored
  if (items.every(() => pending)) return; // lint: async-callback-ignored
  items.find(async () => true); // lint: async-callback-ignored
  items.findIndex(async () => true); // lint: async-callback-ignored
  items.sort(async () => 1); // lint: async-callback-ignored
  await Promise.all(items.map(async (item) => save(item)));
  items.forEach((item) => void save(item));
  items.filter((item) => item);
}

async function save(_: string) {}

export async function conditions() {
  if (pending) return; // lint: async-callback-ignored
  if (perhaps) return;
  if (work()) return; // lint: async-callback-ignored
  if (!work()) return; // lint: async-callback-ignored
  if (items.length > 0 && work()) return; // lint: async-callback-ignored
  while (pending) {} // lint: async-callback-ignored
  do {} while (pending); // lint: async-callback-ignored
  for (; pending; ) {} // lint: async-callback-ignored
  const a = pending ? 1 : 2; // lint: async-callback-ignored
  const b = pending || 1; // lint: async-callback-ignored
  const c = pending && 1; // lint: async-callback-ignored
  const d = perhaps ?? pending;
  const e = items.length && pending;
  if (await work()) return;
  if (items.length > 0 && (await work())) return;
  return [a, b, c, d, e];
}

export function declared() {
  takes(async () => {}); // lint: async-callback-ignored
  takes(work); // lint: async-callback-ignored
  takes(() => work()); // lint: async-callback-ignored
  takes(() => Promise.resolve()); // lint: async-callback-ignored
  takes(() => {});
  takes(() => void work());
  takesEither(async () => {});
  takesPromise(async () => {});
  takesUnknown(async () => {});
  takesMany(() => {}, async () => {}); // lint: async-callback-ignored
  takesOptional(1, async () => {}); // lint: async-callback-ignored
  takesOptions({ done: async () => {}, name: 'x' }); // lint: async-callback-ignored
  takesOptions({
    async done() {}, // lint: async-callback-ignored
    name: 'y',
  });
  const callback: () => void = async () => {}; // lint: async-callback-ignored
  let other: () => void = () => {};
  other = async () => {}; // lint: async-callback-ignored
  const table: { go(): void; stop: () => void } = {
    go: work, // lint: async-callback-ignored
    stop: () => {},
  };
  const list: Array<() => void> = [async () => {}]; // lint: async-callback-ignored
  return [callback, other, table, list];
}

export function result(): () => void {
  return async () => {}; // lint: async-callback-ignored
}

class Base {
  run(): void {}
  async later(): Promise<void> {}
}
interface Runs {
  stop(): void;
}
export interface RunsLater extends Runs {
  stop(): Promise<void>; // lint: async-callback-ignored
}
export class Derived extends Base implements Runs {
  async run(): Promise<void> {} // lint: async-callback-ignored
  async later(): Promise<void> {}
  stop = async () => {}; // lint: async-callback-ignored
}

function Button(props: { onPress: () => void; load: () => Promise<void> }) {
  return <div onClick={() => props.onPress()} />;
}
export const page = (
  <Button
    onPress={async () => {}} // lint: async-callback-ignored
    load={async () => {}}
  />
);

export function spreads(x: boolean) {
  const a = { ...pending }; // lint: async-callback-ignored
  const b = { ...(x && pending) }; // lint: async-callback-ignored
  const c = { ...(x ? {} : work()) }; // lint: async-callback-ignored
  const d = [...items];
  return { ...a, ...b, ...c, d };
}

const emitter = new EventEmitter();
emitter.on('x', async () => {}); // lint: async-callback-ignored
emitter.on('y', () => {});
document.addEventListener('click', async () => {}); // lint: async-callback-ignored
process.on('SIGTERM', async () => {}); // lint: async-callback-ignored
export function Effects() {
  useEffect(async () => {}, []); // lint: async-callback-ignored
  useEffect(() => {
    void work();
  }, []);
  return null;
}

type Nothing = () => void;
const cast = (async () => {}) as Nothing;
takes((async () => {}) as Nothing);
const looked: { done: Nothing }['done'] = async () => {}; // lint: async-callback-ignored
setTimeout(async () => {}, 10); // lint: async-callback-ignored
queueMicrotask(async () => {}); // lint: async-callback-ignored
process.nextTick(work); // lint: async-callback-ignored
requestAnimationFrame(() => void work());
setTimeout(() => {}, 10);
export { cast, looked };
