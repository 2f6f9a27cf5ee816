'use strict';
/** Definitions: texts, lines, stacks, threads and objects, each written once by the thread that needs it first. */
const { writeSync } = require('node:fs');
const { fileURLToPath } = require('node:url');
const { CONTROL } = require('./shared.cjs');

const MOST_SITES = 32;
/** More than this and interning starts anew: what is said twice costs a line, what is kept for ever costs memory. */
const MOST_KEPT = 20_000;

class Definitions {
  /** @param {import('./shared.cjs').SharedMemory} shared @param {number} fd */
  constructor(shared, fd) {
    this.shared = shared;
    this.fd = fd;
    /** @type {Map<string, number>} */
    this.strings = new Map();
    /** @type {Map<string, number>} */
    this.sites = new Map();
    /** @type {Map<string, number>} */
    this.stacks = new Map();
  }

  /** False when there is no more room for definitions. @param {object} line */
  say(line) {
    const { words } = this.shared;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    const total = Atomics.add(words, CONTROL.definitionBytes, bytes.length) + bytes.length;
    if (total > Atomics.load(words, CONTROL.definitionLimit)) {
      Atomics.sub(words, CONTROL.definitionBytes, bytes.length);
      Atomics.add(words, CONTROL.definitionsLost, 1);
      return false;
    }
    try {
      // Opened for appending: lines of several threads do not mix.
      return writeSync(this.fd, bytes) === bytes.length;
    } catch {
      return false;
    }
  }

  /** @param {string} text */
  string(text) {
    return this.#intern(this.strings, text, CONTROL.strings, (id) => ({
      def: 'string',
      id,
      text: text.slice(0, 1000),
    }));
  }

  /** Innermost first. @param {readonly import('./stacks.cjs').Frame[]} frames */
  stack(frames) {
    if (frames.length === 0) return 0;
    const sites = frames.slice(0, MOST_SITES).map((frame) => this.#site(frame));
    return this.#intern(this.stacks, sites.join(), CONTROL.stacks, (id) => ({
      def: 'stack',
      id,
      sites,
    }));
  }

  /** @param {import('./stacks.cjs').Frame} frame */
  #site([file, line, name]) {
    return this.#intern(this.sites, `${line}\0${name}\0${file}`, CONTROL.sites, (id) => ({
      def: 'site',
      id,
      file: pathOf(file),
      line,
      function: name,
    }));
  }

  /** @param {Map<string, number>} known @param {string} key @param {number} counter @param {(id: number) => object} line */
  #intern(known, key, counter, line) {
    let id = known.get(key);
    if (id === undefined) {
      if (known.size >= MOST_KEPT) known.clear();
      id = this.shared.next(counter);
      if (!this.say(line(id))) id = 0;
      known.set(key, id);
    }
    return id;
  }
}

/** Modules tell of themselves by address. @param {string} file */
function pathOf(file) {
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file.replace(/[?#].*$/, ''));
  } catch {
    return file;
  }
}

/** @typedef {InstanceType<typeof Definitions>} DefinitionsOfThread */

module.exports = { Definitions };
