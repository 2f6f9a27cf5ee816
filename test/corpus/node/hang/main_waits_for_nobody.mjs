// title: The main thread stands in Atomics.wait, and there is nobody else
// expect: hang|deadlock
// timeout: 4
// exit: timeout
const cell = new Int32Array(new SharedArrayBuffer(4));
setTimeout(() => {
  Atomics.wait(cell, 0, 0); // expect: hang|deadlock
}, 100);
