'use strict';
/**
 * Work that Node hands to libuv's threads: files, dns.lookup, key derivation. Its submit and its end are seen, and when it
 * began follows from how many are out and how many threads there are: libuv takes work in order.
 */
const { AsyncResource, createHook } = require('node:async_hooks');
const { stat } = require('node:fs');
const { KIND } = require('./kinds.cjs');
const { CONTROL, nowNs } = require('./shared.cjs');
const { stackHere } = require('./stacks.cjs');

/** What Node calls them, and what a person does. */
const WORK = new Map(
  Object.entries({
    FSREQCALLBACK: 'fs',
    FSREQPROMISE: 'fs.promises',
    GETADDRINFOREQWRAP: 'dns.lookup',
    GETNAMEINFOREQWRAP: 'dns.lookupService',
    PBKDF2REQUEST: 'crypto.pbkdf2',
    SCRYPTREQUEST: 'crypto.scrypt',
    HKDFREQUEST: 'crypto.hkdf',
    RANDOMBYTESREQUEST: 'crypto.randomBytes',
    RANDOMPRIMEREQUEST: 'crypto.generatePrime',
    CHECKPRIMEREQUEST: 'crypto.checkPrime',
    KEYGENREQUEST: 'crypto.generateKey',
    KEYPAIRGENREQUEST: 'crypto.generateKeyPair',
    HASHREQUEST: 'crypto.subtle.digest',
    CIPHERREQUEST: 'crypto.subtle.encrypt',
    SIGNREQUEST: 'crypto.sign',
    DERIVEBITSREQUEST: 'crypto.subtle.deriveBits',
    ARGON2REQUEST: 'crypto.argon2',
  }),
);
/** A stream of zlib's has one number for all that it hands in, piece by piece. */
const ZLIB = 'ZLIB';
/** Work of native addons is called as its author likes, or by one of these. */
const ADDON = /^(?:generic|napi_rs_async_work|nan:\w*|[\w.-]+:\w*Worker|sqlite3[.:][\w.:]*)$/;
const SHORT = /^fs|^dns/;
/** Told of one by one each second, and stacks taken; the rest is only counted among what is out. */
const MOST_ITEMS = 1000;
const MOST_STACKS = 200;
const MOST_OPEN = 20_000;
/** Where Node knows this, promises are left out, which are dear to follow. */
const OPTIONS = { trackPromises: false };

/** @typedef {{ readonly item: number, readonly target: string, lane: number }} Item */

class Pool {
  /** @param {import('./threads.cjs').ProgramThread} thread @param {{ object: number, lanes: readonly number[] }} pool */
  constructor(thread, pool) {
    this.thread = thread;
    this.object = pool.object;
    this.lanes = pool.lanes;
    /** By Node's number of the request. @type {Map<number, Item>} */
    this.open = new Map();
    /** Not begun, as far as is known. @type {Item[]} */
    this.queue = [];
    this.second = 0;
    this.items = 0;
    this.stacks = 0;
    /** @type {Map<string, number>} */
    this.known = new Map();
    this.hook = createHook({
      init: (id, type, _, resource) => {
        try {
          if (type === ZLIB) return this.#followZlib(resource);
          const target = WORK.get(type) ?? addonOf(type, resource);
          if (target !== undefined) this.#submitted(id, target, this.#stack(target));
        } catch {
          // An exception here would end the program: none may get out.
        }
      },
      before: (id) => {
        const item = this.open.get(id);
        if (item === undefined) return;
        try {
          this.#done(id, item);
        } catch {
          // As above: none may get out.
        }
      },
      ...OPTIONS,
    });
    this.on = false;
    this.isDefined = false;
    this.turn = 0;
    this.isCalibrated = false;
    /** Threads of the pool that this thread has defined. @type {Set<number>} */
    this.defined = new Set();
    /** What stood where zlib's streams have their `write`. @type {Map<object, PropertyDescriptor>} */
    this.places = new Map();
    /** The line that a stream of zlib's was first written to from: later pieces come from within Node. @type {WeakMap<object, number>} */
    this.writers = new WeakMap();
  }

  /** On while it is wanted: it costs, and shows in the stacks of errors. */
  follow() {
    const { words } = this.thread.shared;
    const wanted = Atomics.load(words, CONTROL.poolHot) !== 0;
    if (wanted === this.on) return;
    this.on = wanted;
    if (wanted) {
      // What stands in the queue now came before we looked; when this has come through, all of that has begun.
      const turn = ++this.turn;
      this.isCalibrated = false;
      stat(__filename, () => {
        if (turn === this.turn) this.isCalibrated = true;
      });
      this.hook.enable();
    } else {
      this.hook.disable();
      for (const [prototype, place] of this.places)
        Object.defineProperty(prototype, 'write', place);
      this.places.clear();
      Atomics.sub(words, CONTROL.poolOut, this.open.size);
      this.open.clear();
      this.queue = [];
    }
  }

  /** Sees each piece that streams of this kind hand in from now on. @param {object} stream */
  #followZlib(stream) {
    const prototype = Object.getPrototypeOf(stream);
    const place = Object.getOwnPropertyDescriptor(prototype, 'write');
    if (place === undefined || this.places.has(prototype)) return;
    const { value: original } = place;
    const written = (/** @type {{ getAsyncId(): number }} */ one) => {
      try {
        const stack = this.writers.get(one) ?? this.#stack('zlib');
        this.writers.set(one, stack);
        this.#submitted(one.getAsyncId(), 'zlib', stack);
      } catch {
        // The piece is handed in all the same.
      }
    };
    this.places.set(prototype, place);
    // It says that it is native code, as the original does.
    const value = new Proxy(original, {
      apply: (target, one, args) => {
        written(one);
        return Reflect.apply(target, one, args);
      },
    });
    Object.defineProperty(prototype, 'write', { ...place, value });
  }

  /** @param {number} id @param {string} target @param {number} stack */
  #submitted(id, target, stack) {
    if (this.open.size >= MOST_OPEN) return;
    if (!this.isDefined) {
      this.isDefined = true;
      this.thread.definitions.say({
        def: 'object',
        id: this.object,
        type: 'ThreadPool',
        library: 'libuv',
        stack: 0,
        capacity: this.lanes.length,
        name: 'the libuv pool',
      });
    }
    const { thread, lanes } = this;
    const { shared } = thread;
    const at = nowNs();
    const out = Atomics.add(shared.words, CONTROL.poolOut, 1) + 1;
    if (at - this.second > 1e9) {
      this.second = at;
      this.items = 0;
      this.stacks = 0;
    }
    // How long it stood in the queue and how long it ran is not known then; a look at a file is short.
    const isBlurred = !this.isCalibrated;
    const isTold = ++this.items <= MOST_ITEMS && !(isBlurred && !SHORT.test(target));
    if (!isTold) thread.toldPartly();
    const item = { item: isTold ? shared.next(CONTROL.items) : 0, target, lane: -1 };
    this.open.set(id, item);
    if (isTold) shared.write(KIND.submit, thread.actor, at, this.object, stack, item.item);
    if (isBlurred && isTold) return;
    if (out <= lanes.length) this.#begin(item, at);
    else this.queue.push(item);
  }

  /** Where it was submitted; with very many a second the line where such work came from last. @param {string} target */
  #stack(target) {
    if (++this.stacks <= MOST_STACKS || !this.known.has(target))
      this.known.set(target, this.thread.definitions.stack(stackHere()));
    return this.known.get(target) ?? 0;
  }

  /** @param {number} id @param {Item} item */
  #done(id, item) {
    const { shared } = this.thread;
    const at = nowNs();
    this.open.delete(id);
    Atomics.sub(shared.words, CONTROL.poolOut, 1);
    // Work of another thread was before it: when it began is not known, only that it has.
    if (item.lane < 0) {
      const place = this.queue.indexOf(item);
      if (place >= 0) this.queue.splice(place, 1);
      this.#begin(item, at);
    }
    if (item.item !== 0)
      shared.write(KIND.itemEnd, this.#actor(item), at, this.object, 0, item.item);
    this.#release(item.lane);
    // What was not known to have begun gives no thread back.
    const next = this.#isFree() ? this.queue.shift() : undefined;
    if (next !== undefined) this.#begin(next, at);
  }

  /** @param {Item} item @param {number} at */
  #begin(item, at) {
    const { shared, definitions } = this.thread;
    item.lane = this.#lane();
    if (item.item === 0) return;
    this.#define(Math.max(0, item.lane));
    const target = definitions.string(item.target);
    shared.write(KIND.itemStart, this.#actor(item), at, this.object, target, item.item);
  }

  /** @param {Item} item */
  #actor({ lane }) {
    return this.lanes[Math.max(0, lane)] ?? 0;
  }

  #isFree() {
    const { words } = this.thread.shared;
    const end = Math.min(CONTROL.lanesEnd, CONTROL.lanes + this.lanes.length);
    for (let word = CONTROL.lanes; word < end; word++) {
      if (Atomics.load(words, word) === 0) return true;
    }
    return false;
  }

  /** @param {number} lane */
  #define(lane) {
    if (this.defined.has(lane)) return;
    this.defined.add(lane);
    this.thread.definitions.say({
      def: 'thread',
      id: this.lanes[lane],
      name: `libuv ${lane + 1}`,
      daemon: true,
      main: false,
      pool: this.object,
    });
  }

  /** Nobody says which of its threads libuv takes: the first that has nothing to do; -1 where none is known to be free. */
  #lane() {
    const { words } = this.thread.shared;
    for (let lane = 0; lane < this.lanes.length; lane++) {
      const word = CONTROL.lanes + lane;
      if (word >= CONTROL.lanesEnd) break;
      if (Atomics.compareExchange(words, word, 0, 1) === 0) return lane;
    }
    return -1;
  }

  /** @param {number} lane */
  #release(lane) {
    if (lane >= 0 && CONTROL.lanes + lane < CONTROL.lanesEnd)
      Atomics.store(this.thread.shared.words, CONTROL.lanes + lane, 0);
  }
}

/** `bcrypt`, of `bcrypt:EncryptAsyncWorker`; what the program names so itself is none. @param {string} type @param {unknown} resource */
function addonOf(type, resource) {
  if (!ADDON.test(type) || resource instanceof AsyncResource) return undefined;
  return type.startsWith('g') || type.startsWith('na')
    ? 'a native addon'
    : type.replace(/[.:].*/, '');
}

/** @typedef {InstanceType<typeof Pool>} PoolOfThread */

/** Numbers for the pool of the process, and for each of its threads; they are defined when there is work for them. @param {import('./threads.cjs').ProgramThread} thread @param {number} size */
function numberPool({ shared }, size) {
  const object = shared.next(CONTROL.objects);
  return { object, lanes: Array.from({ length: size }, () => shared.next(CONTROL.threads)) };
}

module.exports = { Pool, numberPool };
