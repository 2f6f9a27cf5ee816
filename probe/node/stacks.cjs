'use strict';
/** Takes the running thread's stack, whoever runs, and leaves no trace in how the program's own errors look. */

/** @typedef {readonly [file: string, line: number, name: string]} Frame */

const DEEPEST = 64;
const OWN = __dirname;
const { captureStackTrace } = Error;

/**
 * Innermost first, without the probe's own frames.
 * @param {number} most
 * @returns {Frame[]}
 */
function stackHere(most = DEEPEST) {
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  /** @type {{ stack?: unknown }} */
  const holder = {};
  /** @type {unknown} */
  let sites;
  try {
    set('stackTraceLimit', most);
    set('prepareStackTrace', (/** @type {unknown} */ _, /** @type {unknown} */ found) => found);
    captureStackTrace(holder);
    sites = holder.stack;
  } finally {
    restore('stackTraceLimit', before);
    restore('prepareStackTrace', prepare);
  }
  return Array.isArray(sites) ? framesOf(sites) : [];
}

/** @param {string} key @param {unknown} value */
function set(key, value) {
  Object.defineProperty(Error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

/** @param {string} key @param {PropertyDescriptor | undefined} descriptor */
function restore(key, descriptor) {
  if (descriptor === undefined) Reflect.deleteProperty(Error, key);
  else Object.defineProperty(Error, key, descriptor);
}

/** @param {readonly NodeJS.CallSite[]} sites */
function framesOf(sites) {
  /** @type {Frame[]} */
  const frames = [];
  for (const site of sites) {
    const file = site.getFileName() ?? (site.isEval() ? site.getEvalOrigin() : undefined);
    if (typeof file !== 'string' || file === '' || file.startsWith(OWN)) continue;
    // The expression that asks for the stack has neither file nor name.
    frames.push([file, site.getLineNumber() ?? 0, nameOf(site)]);
  }
  return frames;
}

/** @param {NodeJS.CallSite} site */
function nameOf(site) {
  const name = site.getFunctionName() ?? site.getMethodName();
  if (name) return String(name).slice(0, 200);
  return site.isToplevel() ? '<module>' : '<anonymous>';
}

/** The program's first words, before its loop turns: a top-level module that runs. @param {readonly Frame[]} frames */
function isLoading(frames) {
  const outermost = frames.at(-1)?.[0] ?? '';
  return /^node:internal\/(?:main|modules)\b/.test(outermost);
}

/** The frames of an error that was made already. @param {string} text */
function framesOfText(text) {
  /** @type {Frame[]} */
  const frames = [];
  for (const line of text.split('\n')) {
    const [, name = '', file = '', number = ''] =
      /^ {4}at (?:(.*) \()?(.*?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (file === '' || file.startsWith(OWN)) continue;
    frames.push([file, Number(number), name === '' ? '<anonymous>' : name.replace(/^async /, '')]);
  }
  return frames;
}

module.exports = { framesOfText, isLoading, stackHere };
