'use strict';
/**
 * Asks other threads what they do now. The inspector hands a question to a thread in the middle of what it runs, also of
 * an endless loop: a few dozen microseconds, and no debugger is ever switched on.
 */
const { Session } = require('node:inspector');
const { CONTROL, GATE, nowNs } = require('./shared.cjs');

/**
 * @typedef {object} Answer
 * @property {number} asked when it was asked; who answers late stood in a native call all the while
 * @property {number} at
 * @property {number} from since when the thread has not been idle
 * @property {number} beat its latest heartbeat, 0 before the first
 * @property {number} id of the callback that runs
 * @property {boolean} hurry somebody is kept waiting
 * @property {string} waitsAt what it waits at in `Atomics.wait`: kind of array and index
 * @property {readonly import('./stacks.cjs').Frame[]} frames
 */

/** @typedef {{ result?: { value?: string, objectId?: string }, internalProperties?: { name: string, value?: { value?: number } }[] }} Reply */

const LOOK = 'globalThis[Symbol.for("interleave.look")]';
/** Nobody answers sooner who stands in a native call: one question is enough, but none is for ever. */
const PATIENCE_MS = 30_000;

/** Undefined for what is no JSON: a thread that is being ended says other things. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class Looker {
  /** @param {import('./shared.cjs').SharedMemory} shared */
  constructor(shared) {
    this.words = shared.words;
    /** @type {Session | undefined} */
    this.session = undefined;
    this.refused = false;
    this.attaching = false;
    /** Questions not answered yet: of a thread, since when. @type {Map<number, number>} */
    this.asked = new Map();
    /** Sessions of workers by Node's number of them. @type {Map<number, string>} */
    this.workers = new Map();
    /** @type {Map<string, (reply: Reply | undefined) => void>} */
    this.replies = new Map();
    this.count = 0;
  }

  /** What it does now. @param {number} thread Node's number of it @param {(answer: Answer) => void} take */
  ask(thread, take) {
    const since = this.asked.get(thread);
    const now = Date.now();
    const asked = nowNs();
    if (since !== undefined && now - since < PATIENCE_MS) return;
    const sent = this.#post(
      thread,
      'Runtime.evaluate',
      { expression: `${LOOK}?.()`, returnByValue: true },
      (reply) => {
        this.asked.delete(thread);
        const text = reply?.result?.value;
        const answer = text ? parsed(text) : undefined;
        if (answer !== undefined) take({ asked, ...answer });
      },
    );
    if (sent) this.asked.set(thread, now);
  }

  /**
   * The memory that it waits at, as a number that is the same in all threads.
   * @param {number} thread @param {(memory: number) => void} take 0 when it cannot be known
   */
  askMemory(thread, take) {
    const question = { expression: `${LOOK}?.memory()`, objectGroup: 'interleave' };
    this.#post(thread, 'Runtime.evaluate', question, (reply) => {
      const objectId = reply?.result?.objectId;
      if (objectId === undefined) return take(0);
      this.#post(
        thread,
        'Runtime.getProperties',
        { objectId, ownProperties: true },
        (properties) => {
          const data = properties?.internalProperties?.find(({ name }) =>
            /ArrayBufferData/.test(name),
          );
          take(Number(data?.value?.value) || 0);
          const group = { objectGroup: 'interleave' };
          this.#post(thread, 'Runtime.releaseObjectGroup', group, () => undefined);
        },
      );
    });
  }

  /**
   * False when it could not be sent.
   * @param {number} thread @param {string} method @param {object} params
   * @param {(reply: Reply | undefined) => void} take
   */
  #post(thread, method, params, take) {
    const session = this.#open();
    if (session === undefined) return false;
    if (thread === 0) {
      session.post(method, params, (error, reply) => take(error ? undefined : reply));
      return true;
    }
    const sessionId = this.workers.get(thread);
    if (sessionId === undefined) {
      this.#attach(session);
      return false;
    }
    const id = ++this.count;
    this.replies.set(`${sessionId}/${id}`, take);
    const message = JSON.stringify({ id, method, params });
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    return true;
  }

  /** Workers are asked through the main thread, which passes it on whatever it runs. @param {Session} session */
  #attach(session) {
    if (this.attaching) return;
    this.attaching = true;
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      const [, number] = /^\[worker (\d+)\]/.exec(workerInfo.title) ?? [];
      if (number !== undefined) this.workers.set(Number(number), sessionId);
    });
    session.on('NodeWorker.detachedFromWorker', ({ params: { sessionId } }) => {
      for (const [thread, known] of this.workers) {
        if (known !== sessionId) continue;
        this.workers.delete(thread);
        this.asked.delete(thread);
      }
      for (const key of this.replies.keys())
        if (key.startsWith(`${sessionId}/`)) this.replies.delete(key);
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      const { id, result } = parsed(message) ?? {};
      const key = `${sessionId}/${id}`;
      const take = this.replies.get(key);
      this.replies.delete(key);
      take?.(result);
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  #open() {
    if (Atomics.load(this.words, CONTROL.debugged) !== 0) {
      this.#close();
      return undefined;
    }
    if (this.session !== undefined || this.refused) return this.session;
    if (Atomics.compareExchange(this.words, CONTROL.gate, GATE.free, GATE.taken) !== GATE.free) {
      this.refused = true;
      return undefined;
    }
    try {
      const session = new Session();
      session.connectToMainThread();
      this.session = session;
    } catch {
      this.refused = true;
      Atomics.store(this.words, CONTROL.gate, GATE.free);
    }
    return this.session;
  }

  #close() {
    try {
      this.session?.disconnect();
    } catch {
      // It was ended already.
    }
    this.session = undefined;
    this.refused = true;
  }

  /** The process ends: it must not wait for us. */
  end() {
    this.#close();
    Atomics.store(this.words, CONTROL.acknowledged, 1);
    Atomics.notify(this.words, CONTROL.acknowledged);
  }
}

module.exports = { Looker };
