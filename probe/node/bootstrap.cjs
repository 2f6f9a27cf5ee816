'use strict';
/** `NODE_OPTIONS=--require` brings this into every Node of a run and every worker of it. It starts the probe, or leaves at once. */
(() => {
  try {
    if (!process.env.INTERLEAVE_RECORDING && require('node:worker_threads').isMainThread) return;
    const [major = 0] = process.versions.node.split('.').map(Number);
    if (major < 18 || process.versions.electron !== undefined || process.versions.bun !== undefined)
      return;
    // What the program may not do, we may not either: threads, files, the inspector.
    if (process.permission !== undefined) return;
    if (process.execArgv.some((word) => /^--(?:build-snapshot|prof-process)/.test(word))) return;
    // Runners that only start the program: their children are the ones to look at.
    if (/[\\/](?:npm-cli|npx-cli|yarn|pnpm|pnpx|corepack)\.c?js$/.test(process.argv[1] ?? ''))
      return;
    const before = new Set(Object.keys(require.cache));
    require('./register.cjs').register();
    // A program that looks through its modules finds its own.
    for (const file of Object.keys(require.cache)) {
      if (!before.has(file)) delete require.cache[file];
    }
    delete require.cache[__filename];
  } catch {
    // No probe is better than a broken program.
  }
})();
