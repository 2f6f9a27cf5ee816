/** Measures the panel's drawing: first picture and frames with 100 thousand to 5 million slices. `node scripts/with-node.mjs scripts/bench/panel.ts` */
import { run } from '../project.ts';

// The bench needs the panel's test harness, which scripts may not import.
process.exitCode = await run(process.execPath, ['test/webview/bench.ts']);
