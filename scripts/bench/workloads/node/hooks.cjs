'use strict';
/** Follows every asynchronous resource and does nothing with it: what profilers that know all of them pay at least. */
const nothing = () => undefined;
require('node:async_hooks')
  .createHook({ init: nothing, before: nothing, after: nothing, destroy: nothing })
  .enable();
