'use strict';
/** How long the main thread was ready to run and had no core, where the system says it: then a busy machine keeps its loop, not the program. */
const { openSync, readSync } = require('node:fs');

const text = Buffer.alloc(96);

class CoreWait {
  constructor() {
    this.fd = -1;
    try {
      // The main thread has the number of its process.
      if (process.platform === 'linux')
        this.fd = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    } catch {
      // Nobody says it here.
    }
  }

  /** ns in all its life; 0 where that is not known. */
  ns() {
    if (this.fd < 0) return 0;
    try {
      const length = readSync(this.fd, text, 0, text.length, 0);
      return Number(text.toString('latin1', 0, length).split(' ')[1]) || 0;
    } catch {
      return 0;
    }
  }
}

module.exports = { CoreWait };
