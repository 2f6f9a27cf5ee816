// title: Synchronous calls in a timer, each of another kind
// expect: loop-blocked
// exit: 0
const { execFileSync } = require('node:child_process');
const { gzipSync } = require('node:zlib');
const { randomBytes } = require('node:crypto');

const pulse = setInterval(() => undefined, 10);
setTimeout(() => {
  execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 300)']); // expect: loop-blocked
}, 100);
setTimeout(() => {
  gzipSync(randomBytes(16 * 1024 * 1024)); // expect: loop-blocked
}, 700);
setTimeout(() => clearInterval(pulse), 1500);
