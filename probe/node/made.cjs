'use strict';
/** Sees emitters of a class as they are made. */

/**
 * Every emitter asks its class for `_events` as it is made, in the midst of the line that makes it.
 * @param {object} prototype
 * @param {(one: any) => void} made
 */
function onMade(prototype, made) {
  const seen = new WeakSet();
  Object.defineProperty(prototype, '_events', {
    configurable: true,
    enumerable: false,
    get() {
      if (this !== prototype && !seen.has(this)) {
        seen.add(this);
        try {
          made(this);
        } catch {
          // Then nobody knows who made it.
        }
      }
      return undefined;
    },
    set(value) {
      Object.defineProperty(this, '_events', {
        value,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    },
  });
}

module.exports = { onMade };
