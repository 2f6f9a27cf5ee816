// What is known of Node's modules and the language's own objects: which functions give promises, which stop the loop.

import { functionTo, NULLISH, PLAIN, promiseOf, type Type, UNKNOWN, union, VOID } from './type.ts';

/** Modules all of whose functions give promises. */
const PROMISE_MODULES =
  /^(?:(?:fs|timers|stream|dns)[/.]promises|crypto\.(?:webcrypto\.)?subtle)\.\w+$/;

const NO_PROMISE = new Set([
  'timers/promises.setInterval',
  'timers.promises.setInterval',
  'fs/promises.watch',
  'fs.promises.watch',
  'fs.promises.constants',
  'fs/promises.constants',
]);

const GIVES_PROMISE = new Set([
  'fetch',
  'import',
  'events.once',
  'assert.rejects',
  'assert.doesNotReject',
  'assert.strict.rejects',
  'assert.strict.doesNotReject',
  'assert/strict.rejects',
  'assert/strict.doesNotReject',
  'navigator.locks.request',
  'navigator.storage.persist',
  'navigator.storage.estimate',
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
  'navigator.clipboard.writeText',
  'navigator.clipboard.readText',
  'navigator.clipboard.read',
  'navigator.clipboard.write',
  'navigator.serviceWorker.register',
  'navigator.serviceWorker.getRegistration',
  'navigator.mediaDevices.getUserMedia',
  'navigator.permissions.query',
  'navigator.share',
  'navigator.wakeLock.request',
  'caches.open',
  'caches.match',
  'caches.has',
  'caches.delete',
  'caches.keys',
  'document.fonts.load',
  'document.exitFullscreen',
  'document.documentElement.requestFullscreen',
  'document.body.requestFullscreen',
  'createImageBitmap',
  'customElements.whenDefined',
  'indexedDB.databases',
  'Notification.requestPermission',
  'WebAssembly.compileStreaming',
  'WebAssembly.instantiateStreaming',
  'scheduler.wait',
  'timers/promises.scheduler.wait',
  'events.EventEmitter.once',
]);

/** Whether a call of a function known by its dotted name gives a promise. */
export function givesPromiseByName(name: string): boolean {
  if (GIVES_PROMISE.has(name)) return true;
  return PROMISE_MODULES.test(name) && !NO_PROMISE.has(name) && !name.endsWith('Sync');
}

/** Methods of the platform's own objects that give promises. */
const METHODS: Readonly<Record<string, RegExp>> = {
  Response: /^(?:json|text|arrayBuffer|blob|formData|bytes)$/,
  Request: /^(?:json|text|arrayBuffer|blob|formData|bytes)$/,
  Blob: /^(?:text|arrayBuffer|bytes)$/,
  File: /^(?:text|arrayBuffer|bytes)$/,
  Image: /^decode$/,
  HTMLImageElement: /^decode$/,
  Audio: /^(?:play|setSinkId)$/,
  HTMLMediaElement: /^(?:play|setSinkId)$/,
  HTMLVideoElement: /^(?:play|setSinkId|requestPictureInPicture)$/,
  HTMLAudioElement: /^(?:play|setSinkId)$/,
  AudioContext: /^(?:close|resume|suspend|decodeAudioData)$/,
  CacheStorage: /^(?:open|match|has|delete|keys)$/,
  Cache: /^(?:add|addAll|match|matchAll|put|delete|keys)$/,
  FileHandle:
    /^(?:appendFile|chmod|chown|close|datasync|read|readFile|readv|stat|sync|truncate|utimes|write|writeFile|writev)$/,
  ReadlineInterface: /^question$/,
  ReadableStream: /^(?:cancel|pipeTo)$/,
  ReadableStreamDefaultReader: /^(?:read|cancel)$/,
  WritableStream: /^(?:abort|close)$/,
  WritableStreamDefaultWriter: /^(?:abort|close|write)$/,
  Clipboard: /^(?:read|readText|write|writeText)$/,
  FileSystemDirectoryHandle: /^(?:getDirectoryHandle|getFileHandle|removeEntry|resolve)$/,
  FileSystemFileHandle: /^(?:getFile|createWritable)$/,
  FileSystemWritableFileStream: /^(?:abort|close|seek|truncate|write)$/,
  FontFace: /^load$/,
  LockManager: /^(?:query|request)$/,
  MediaDevices: /^(?:enumerateDevices|getDisplayMedia|getUserMedia)$/,
  Permissions: /^query$/,
  PushManager: /^(?:getSubscription|permissionState|subscribe)$/,
  RTCPeerConnection:
    /^(?:addIceCandidate|createAnswer|createOffer|getStats|setLocalDescription|setRemoteDescription)$/,
  ServiceWorkerContainer: /^(?:getRegistrations?|register)$/,
  StorageManager: /^(?:estimate|getDirectory|persist|persisted)$/,
  SubtleCrypto:
    /^(?:decrypt|deriveBits|deriveKey|digest|encrypt|exportKey|generateKey|importKey|sign|unwrapKey|verify|wrapKey)$/,
  WakeLock: /^request$/,
  Animation: /^$/,
  ServiceWorkerRegistration: /^(?:update|unregister|showNotification|getNotifications)$/,
  'worker_threads.Worker': /^(?:terminate|getHeapSnapshot)$/,
};

/** Properties of the platform's own objects that are promises. */
const PROMISES: Readonly<Record<string, RegExp>> = {
  ServiceWorkerContainer: /^ready$/,
  ReadableStreamDefaultReader: /^closed$/,
  WritableStreamDefaultWriter: /^(?:closed|ready)$/,
  Animation: /^(?:finished|ready)$/,
  FontFace: /^loaded$/,
};
const PROMISE_NAMES = new Set(['navigator.serviceWorker.ready', 'document.fonts.ready']);

/** Whether a property of the platform known by its dotted name is a promise. */
export function isPromiseByName(name: string): boolean {
  return PROMISE_NAMES.has(name);
}

/** Classes of Node by their modules. */
const NODE_CLASSES = /^(?:(?:fs[/.]promises)\.(?=FileHandle$)|readline\/promises\.(?=Readline))/;

/** Methods of these objects that give another of them. */
const GIVES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Response: { clone: 'Response' },
  ReadableStream: { getReader: 'ReadableStreamDefaultReader' },
  WritableStream: { getWriter: 'WritableStreamDefaultWriter' },
};

/** What the functions of the platform that give one of these objects are called; the object is what is waited for. */
const MADE: Readonly<Record<string, string>> = {
  fetch: 'Response',
  'caches.open': 'Cache',
  'fs/promises.open': 'FileHandle',
  'fs.promises.open': 'FileHandle',
};

/** An object of the platform by the name of its class. */
export function platformObject(name: string): Type | undefined {
  const methods = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (methods === undefined)
    return NODE_CLASSES.test(name) ? platformObject(name.replace(NODE_CLASSES, '')) : undefined;
  const promises = Object.hasOwn(PROMISES, name) ? PROMISES[name] : undefined;
  return {
    kind: 'object',
    member(key) {
      const made = GIVES[name]?.[key];
      if (made !== undefined) return functionTo(() => platformObject(made) ?? UNKNOWN);
      if (promises?.test(key) === true) return promiseOf(UNKNOWN);
      return methods.test(key) ? functionTo(() => promiseOf(UNKNOWN)) : undefined;
    },
  };
}

/** What the promise of a function of the platform resolves to. */
export function awaitedByName(name: string): Type {
  const made = Object.hasOwn(MADE, name) ? MADE[name] : undefined;
  return (made === undefined ? undefined : platformObject(made)) ?? UNKNOWN;
}

/** A function of the platform that is not called but handed on: `{ fetch }`. */
export function functionByName(name: string): Type {
  return GIVES_PROMISE.has(name) ? functionTo(() => promiseOf(awaitedByName(name))) : UNKNOWN;
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

/** Whether no function of this name is worth a word, whoever it belongs to. */
export function isQuickByName(last: string): boolean {
  return QUICK.has(last);
}

/** Functions of Node under names that mean nothing else, for files that get them from nowhere to be seen. */
const BARE =
  /^(?:(?:read|write|append|copy|truncate)File|readdir|readlink|realpath|rename|unlink|rmdir|mkdir|mkdtemp|l?stat|exists|exec|execFile|spawn)Sync$/;

/** Whether a function of this name reads, writes or runs something, whoever it belongs to. */
export function isBlockingName(last: string): boolean {
  return BARE.test(last);
}

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
    values: functionTo(() => ({ kind: 'array', of: value(), loose: true })),
    keys: functionTo(() => ({ kind: 'array', of: key(), loose: true })),
    entries: functionTo(() => ({ kind: 'array', of: pair(), loose: true })),
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
