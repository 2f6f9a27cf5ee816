'use strict';
/** The main thread's part: makes the stream, starts the watcher, follows workers and children, and says goodbye. */
const fs = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { Worker, setEnvironmentData } = require('node:worker_threads');
const { HEADER_BYTES, KIND } = require('./kinds.cjs');
const { Definitions } = require('./definitions.cjs');
const { atExit } = require('./goodbye.cjs');
const { keepOut, shutOut } = require('./inspectors.cjs');
const { numberPool } = require('./pool.cjs');
const { Shared, CONTROL, SHARED_BYTES, nowNs } = require('./shared.cjs');
const { Sink, shareOf } = require('./sink.cjs');
const { SHARED_KEY, Thread } = require('./threads.cjs');
const { followWorkers } = require('./workers.cjs');

// The program may have another thing of that name later.
const { process } = globalThis;

const LONGEST_GOODBYE_MS = 200;
const INSPECTS =
  'The program uses the inspector of Node itself: from then on no stacks are taken, and no block of an event loop is told of.';

function startProcess() {
  const folder = String(process.env.INTERLEAVE_RECORDING);
  const options = optionsOf(process.env.INTERLEAVE_OPTIONS ?? '');
  const startedAt = Math.floor(nowNs());
  const name = `${process.pid}-${startedAt.toString(16)}`;
  const share = shareOf(folder, Number(options.get('budget')) || 256 * 1024 * 1024);
  const parent = streamOf(folder, process.ppid);
  const ring = fs.openSync(join(folder, `${name}.ring`), 'wx');
  const shared = new Shared(new SharedArrayBuffer(SHARED_BYTES));
  const { words } = shared;
  words[CONTROL.definitionLimit] = Math.min(2 ** 31 - 1, share / 2);
  const definitionsFile = join(folder, `${name}.defs`);
  const definitions = new Definitions(shared, fs.openSync(definitionsFile, 'ax'));
  const file = { fd: ring, limit: Math.max(share, HEADER_BYTES * 2), pid: process.pid, startedAt };
  const sink = new Sink(shared, file);
  const looks = mayLook();
  words[CONTROL.debugged] = looks ? 0 : 1;
  /** @type {Record<string, unknown>} */
  let introduction = {
    def: 'process',
    pid: process.pid,
    ppid: process.ppid,
    runtime: 'node',
    version: process.versions.node,
    executable: process.execPath,
    argv: [...process.execArgv, ...process.argv.slice(1)].slice(0, 64),
    core: 'node',
    detail: options.get('detail') === 'full' ? 'full' : 'default',
    blind: blindness(looks),
    gil: false,
    cores: availableParallelism?.() ?? 1,
    ...(parent === undefined ? {} : { parent }),
    how: parent === undefined ? 'main' : 'subprocess',
    clock: { monotonic: Math.floor(nowNs()), wall: Date.now() * 1e6 },
  };
  definitions.say(introduction);
  sink.writeHeader(0);

  const poolSize = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  const thread = new Thread(shared, definitions, { main: true, name: 'main' });
  const pool = numberPool(thread, Math.min(1024, Math.max(1, poolSize)));
  setEnvironmentData(SHARED_KEY, { buffer: shared.buffer, definitionsFile, pool });
  const watcher = startWatcher({
    buffer: shared.buffer,
    file,
    definitionsFile,
    main: thread.actor,
    sampleMs: Math.max(50, Number(options.get('sample')) || 0),
  });
  let hasSignals = false;
  let isPartly = false;
  let inspects = false;
  const tellOfInspector = () => {
    if (inspects || !looks || Atomics.load(words, CONTROL.inspects) === 0) return;
    inspects = true;
    introduction = { ...introduction, blind: [...blindness(true), INSPECTS] };
    definitions.say(introduction);
  };
  thread.onCensus = () => {
    words[CONTROL.debugged] = mayLook() ? 0 : 1;
    tellOfInspector();
    if (!isPartly && Atomics.load(words, CONTROL.partly) !== 0) {
      isPartly = true;
      introduction = { ...introduction, partly: ['items'] };
      definitions.say(introduction);
    }
    // A signal may come at any time, and wake whoever waits.
    if (hasSignals || !process.eventNames().some((name) => /^SIG/.test(String(name)))) return;
    hasSignals = true;
    introduction = { ...introduction, signals: true };
    definitions.say(introduction);
  };
  thread.start(followWorkers(thread), pool);
  keepOut(words);
  atExit(thread, (code) => {
    thread.stop();
    tellOfInspector();
    shared.write(KIND.exit, thread.actor, nowNs(), code >>> 0, 0, 0, 1);
    // Node waits for sessions of the inspector before it goes, and says so on stderr: ours ends first.
    Atomics.store(words, CONTROL.ended, 1);
    if (watcher !== undefined) shutOut(words);
    const until = nowNs() + LONGEST_GOODBYE_MS * 1e6;
    // Whoever copies now is done in a moment; what is copied twice is the same.
    while (!sink.drain(true) && nowNs() < until);
    sink.writeHeader(Math.floor(nowNs()));
  });
}

/** Undefined when there can be none: then what the threads tell themselves is written at the end. @param {object} workerData */
function startWatcher(workerData) {
  const nextTick = Object.getOwnPropertyDescriptor(process, 'nextTick');
  try {
    // Node tells the program of every new worker in its next tick: not of this one, and hooks are called for no tick of ours.
    Object.defineProperty(process, 'nextTick', { ...nextTick, value: () => undefined });
    const watcher = new Worker(join(__dirname, 'watcher.cjs'), {
      workerData,
      // It is none of the program's: it takes none of its options, and nothing of it comes out of its pipes.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      trackUnmanagedFds: false,
    });
    watcher.unref();
    watcher.on('error', () => undefined);
    return watcher;
  } catch {
    return undefined;
  } finally {
    if (nextTick !== undefined) Object.defineProperty(process, 'nextTick', nextTick);
  }
}

/** @param {string} text */
function optionsOf(text) {
  return new Map(
    text.split(';').map((pair) => {
      const [key = '', value = ''] = pair.split('=');
      return /** @type {const} */ ([key, value]);
    }),
  );
}

/** The newest stream of a process, if it has one. @param {string} folder @param {number} pid */
function streamOf(folder, pid) {
  const names = fs
    .readdirSync(folder)
    .filter((file) => file.startsWith(`${pid}-`) && file.endsWith('.ring'));
  return names
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
    .at(-1)
    ?.slice(0, -5);
}

/**
 * Node makes no inspector where it only starts others, and aborts when it is asked for one all the same: the runner of tests,
 * the watcher of files. Nobody says so but the options, which may stand in a file, too.
 */
const NO_INSPECTOR =
  /(?:^|\s)--(?:test|watch|experimental-(?:default-)?config-file|disable-inspector)/;

/** With a debugger there, a thread that stands still may stand at a breakpoint. */
function mayLook() {
  try {
    const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
    if (options.some((word) => NO_INSPECTOR.test(word))) return false;
    return require('node:inspector').url() === undefined;
  } catch {
    return false;
  }
}

/** @param {boolean} looks */
function blindness(looks) {
  return [
    'Promises and async functions are not followed one by one: what awaits what is not known.',
    'A native call that blocks (…Sync, a long regular expression) lets nobody look before it returns: its line comes then.',
    'The libuv pool is followed from when it came late on, and as long as it is: following it costs.',
    'CPU time of a thread is taken from how busy its event loop was.',
    ...(looks
      ? []
      : [
          'No stacks are taken, and no block of an event loop is told of: a debugger is attached, or Node runs with --test or --watch.',
        ]),
  ];
}

module.exports = { startProcess };
