'use strict';
/** Takes the place of a function so that the program does not see it: neither by its looks nor in the stacks of errors. */

/** @param {object} owner @param {string} name @param {Function} method */
function takePlace(owner, name, method) {
  // Bound functions say that they are native code, as the original does.
  const bound = method.bind(undefined);
  const place = Object.getOwnPropertyDescriptor(owner, name);
  for (const key of ['name', 'length']) {
    const descriptor = Object.getOwnPropertyDescriptor(place?.value, key);
    if (descriptor !== undefined) Object.defineProperty(bound, key, descriptor);
  }
  Object.defineProperty(owner, name, { ...place, value: bound });
}

/** An error that is thrown through us looks as if we were not there. @param {unknown} error */
function leaveOut(error) {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return;
  const lines = error.stack.split('\n');
  error.stack = lines
    .filter((line) => !line.includes(__dirname) && !line.includes('at Reflect.apply '))
    .join('\n');
}

module.exports = { leaveOut, takePlace };
