// What is known of Node's modules and the language's own objects: which functions give promises, which stop the loop.

import { functionTo, NULLISH, PLAIN, type Type, union, VOID } from './type.ts';

/** Modules all of whose functions give promises. */
const PROMISE_MODULES =
  /^(?:fs\/promises|fs\.promises|timers\/promises|stream\/promises|dns\/promises|dns\.promises)\.\w+$/;

const NO_PROMISE = new Set([
  'timers/promises.setInterval',
  'fs/promises.watch',
  'fs.promises.watch',
  'fs.promises.constants',
  'fs/promises.constants',
]);

const GIVES_PROMISE = new Set([
  'fetch',
  'import',
  'events.once',
  'Promise.all',
  'Promise.allSettled',
  'Promise.any',
  'Promise.race',
  'Promise.resolve',
  'Promise.reject',
  'Promise.try',
  'Array.fromAsync',
  'WebAssembly.compile',
  'WebAssembly.instantiate',
  'node-fetch',
  'node-fetch.default',
  'crypto.subtle.digest',
  'crypto.subtle.encrypt',
  'crypto.subtle.decrypt',
  'crypto.subtle.sign',
  'crypto.subtle.verify',
  'crypto.webcrypto.subtle.digest',
  'navigator.clipboard.writeText',
  'navigator.clipboard.readText',
  'scheduler.wait',
]);

/** Whether a call of a function known by its dotted name gives a promise. */
export function givesPromiseByName(name: string): boolean {
  if (GIVES_PROMISE.has(name)) return true;
  return PROMISE_MODULES.test(name) && !NO_PROMISE.has(name) && !name.endsWith('Sync');
}

const SYNC_CRYPTO = new Set([
  'pbkdf2Sync',
  'scryptSync',
  'generateKeyPairSync',
  'generatePrimeSync',
  'checkPrimeSync',
  'hkdfSync',
]);
const SYNC_MODULES = new Set([
  'Deno',
  'fs',
  'fs-extra',
  'graceful-fs',
  'child_process',
  'zlib',
  'crypto',
  'bcrypt',
  'bcryptjs',
]);
/** Named like the others, but quick: they look at nothing outside the process, or at next to nothing. */
const QUICK = new Set(['generateKeySync']);

/** Functions of Node under names that mean nothing else, for files that get them from nowhere to be seen. */
const BARE =
  /^(?:(?:read|write|append|copy|truncate)File|readdir|readlink|realpath|rename|unlink|rmdir|mkdir|mkdtemp|l?stat|exists|exec|execFile|spawn)Sync$/;

/** Whether a dotted name is a library function that blocks until its work is done. */
export function blocksByName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  const module = name.slice(0, dot).replace(/\.default$/, '');
  const last = name.slice(dot + 1);
  if (!last.endsWith('Sync') || QUICK.has(last)) return false;
  if (dot === -1) return BARE.test(last);
  return module === 'crypto' ? SYNC_CRYPTO.has(last) : SYNC_MODULES.has(module);
}

/** Methods of arrays whose callback's result is taken for true or false. */
export const PREDICATES: ReadonlySet<string> = new Set([
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'every',
  'some',
]);

/** A map with what its keys and values are. */
export function mapOf(key: () => Type, value: () => Type): Type {
  const pair = (): Type => {
    const items = [key(), value()];
    return { kind: 'array', of: union(items), items };
  };
  const visitor: Type = {
    kind: 'function',
    returns: () => VOID,
    parameter: (index) => (index === 0 ? value() : index === 1 ? key() : undefined),
  };
  const members: Readonly<Record<string, Type>> = {
    get: functionTo(() => union([value(), NULLISH])),
    values: functionTo(() => ({ kind: 'array', of: value() })),
    keys: functionTo(() => ({ kind: 'array', of: key() })),
    entries: functionTo(() => ({ kind: 'array', of: pair() })),
    set: {
      kind: 'function',
      returns: () => PLAIN,
      parameter: (index) => (index === 1 ? value() : undefined),
    },
    forEach: {
      kind: 'function',
      returns: () => VOID,
      parameter: (index) => (index === 0 ? visitor : undefined),
    },
  };
  return {
    kind: 'object',
    member: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
    rounds: pair,
  };
}
