'use strict';
/**
 * Asks other threads what they do now. The inspector hands a question to a thread in the middle of what it runs, also of
 * an endless loop: a few dozen microseconds, and no debugger is ever switched on.
 */
const { CONTROL, GATE } = require('./shared.cjs');

/**
 * @typedef {object} Answer
 * @property {number} at
 * @property {number} from since when the thread has not been idle
 * @property {number} beat its latest heartbeat, 0 before the first
 * @property {number} id of the callback that runs
 * @property {boolean} hurry somebody is kept waiting
 * @property {readonly import('./stacks.cjs').Frame[]} frames
 */

const QUESTION = {
  method: 'Runtime.evaluate',
  params: { expression: 'globalThis[Symbol.for("interleave.look")]?.()', returnByValue: true },
};
/** Nobody answers sooner who stands in a native call: one question is enough, but none is for ever. */
const PATIENCE_MS = 30_000;

class Looker {
  /** @param {import('./shared.cjs').Shared} shared */
  constructor(shared) {
    this.words = shared.words;
    /** @type {import('node:inspector').Session | undefined} */
    this.session = undefined;
    this.refused = false;
    this.attaching = false;
    /** Questions not answered yet: of a thread, since when. @type {Map<number, number>} */
    this.asked = new Map();
    /** Sessions of workers by their number. @type {Map<number, string>} */
    this.workers = new Map();
    /** @type {Map<string, (answer: Answer) => void>} */
    this.answers = new Map();
    this.count = 0;
  }

  /** @param {number} thread Node's number of it @param {(answer: Answer) => void} take */
  ask(thread, take) {
    const session = this.#open();
    if (session === undefined) return;
    const since = this.asked.get(thread);
    const now = Date.now();
    if (since !== undefined && now - since < PATIENCE_MS) return;
    const done = (/** @type {unknown} */ result) => {
      this.asked.delete(thread);
      const text = /** @type {{ result?: { value?: string } }} */ (result)?.result?.value;
      if (text) take(JSON.parse(text));
    };
    if (thread === 0) {
      this.asked.set(thread, now);
      session.post(QUESTION.method, QUESTION.params, (error, result) => {
        if (error === null) done(result);
        else this.asked.delete(thread);
      });
      return;
    }
    const sessionId = this.workers.get(thread);
    if (sessionId === undefined) {
      this.#attach(session);
      return;
    }
    this.asked.set(thread, now);
    const id = ++this.count;
    this.answers.set(`${sessionId}/${id}`, done);
    session.post('NodeWorker.sendMessageToWorker', {
      sessionId,
      message: JSON.stringify({ id, ...QUESTION }),
    });
  }

  /** Workers are asked through the main thread, which passes it on whatever it runs. @param {import('node:inspector').Session} session */
  #attach(session) {
    if (this.attaching) return;
    this.attaching = true;
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      this.workers.set(Number(workerInfo.workerId), sessionId);
    });
    session.on('NodeWorker.detachedFromWorker', ({ params: { sessionId } }) => {
      for (const [thread, known] of this.workers) {
        if (known !== sessionId) continue;
        this.workers.delete(thread);
        this.asked.delete(thread);
      }
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      const { id, result } = JSON.parse(message);
      const take = this.answers.get(`${sessionId}/${id}`);
      this.answers.delete(`${sessionId}/${id}`);
      take?.(result);
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  #open() {
    if (this.session !== undefined || this.refused) return this.session;
    if (Atomics.load(this.words, CONTROL.debugged) !== 0) return undefined;
    if (Atomics.compareExchange(this.words, CONTROL.gate, GATE.free, GATE.taken) !== GATE.free) {
      this.refused = true;
      return undefined;
    }
    try {
      const { Session } = require('node:inspector');
      const session = new Session();
      session.connectToMainThread();
      this.session = session;
    } catch {
      this.refused = true;
      Atomics.store(this.words, CONTROL.gate, GATE.free);
    }
    return this.session;
  }

  /** The process ends: it must not wait for us. */
  end() {
    this.refused = true;
    try {
      this.session?.disconnect();
    } catch {
      // It was ended already.
    }
    this.session = undefined;
    Atomics.store(this.words, CONTROL.acknowledged, 1);
    Atomics.notify(this.words, CONTROL.acknowledged);
  }
}

module.exports = { Looker };
