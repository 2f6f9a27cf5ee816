// JSDoc's types are types in JavaScript, and `using` heads a loop.

/** @typedef {{ load(): Promise<void>, name: string }} Row */

/**
 * @typedef {Object} Job
 * @property {Promise<void>} done when it is
 * @property {() => Promise<void>} [stop]
 */

/**
 * Saves.
 * @param {string} id the row
 * @returns {Promise<boolean>} whether it is there
 */
const save = (id) => store.save(id);
save('a'); // lint: floating-promise

/** @return {Promise<void>} */
export function gone() {
  return other();
}
gone(); // lint: floating-promise

/** @type {Promise<number>} */
const p = load();
p; // lint: floating-promise
p.then(() => {}); // lint: floating-promise

/** @type {() => Promise.<void>} */
let later;
later(); // lint: floating-promise

/** @type {function(): Promise} */
let old;
old(); // lint: floating-promise

/** @type {?Promise<void>} */
let open = null;
open; // lint: floating-promise

/** @type {Row} */
const row = make();
row.load(); // lint: floating-promise
row.name;

/**
 * @param {Job} job
 * @param {() => Promise<void>} [then]
 * @param {*} more
 */
function run(job, then, more) {
  job.done; // lint: floating-promise
  job.stop?.(); // lint: floating-promise
  then?.(); // lint: floating-promise
  more();
}

/** @param {Promise<void>} one */
const single = (one) => {
  one; // lint: floating-promise
};

function inline(/** @type {Promise<void>} */ one, two) {
  one; // lint: floating-promise
  two;
}

class Queue {
  /** @type {Promise<void>} */
  idle;

  /** @returns {Promise<void>} */
  drain() {
    return this.idle;
  }

  /** @type {() => void} */
  stop = () => {};

  go() {
    this.idle; // lint: floating-promise
    this.drain(); // lint: floating-promise
    this.stop();
  }
}

const made = {
  /** @returns {Promise<void>} */
  first() {
    return load();
  },
  /** @type {Promise<void>} */
  second: load(),
};
made.first(); // lint: floating-promise
made.second; // lint: floating-promise

const cast = /** @type {Promise<void>} */ (load());
cast; // lint: floating-promise

/**
 * @template T
 * @param {Promise<T>} one
 * @returns {Promise<T>}
 */
function pass(one) {
  return one;
}
pass(1); // lint: floating-promise

/** @returns {void} */
function nothing() {}
nothing();
/** @type {{ unclosed: Promise<void>} */
let odd;
odd;
/** Promise of `@type {Promise<void>}` in a sentence. */
let named;
named();

async function close(/** @type {Disposable[]} */ all) {
  for (using each of all) {
    close(each); // lint: floating-promise
  }
  for (await using each of all) {
    await each.done; // lint: await-in-loop
  }
}
export { Queue, close, inline, run, single };
