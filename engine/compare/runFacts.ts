/** What a comparison needs of one analysed run: its report and the distributions behind the report's percentiles. */
import type { Distribution, RunFacts } from '../../wire/comparison.ts';
import type { Manifest } from '../../wire/recording.ts';
import type { Report } from '../../wire/report.ts';
import type { Histogram } from '../histogram.ts';
import { locksByWait, MAX_ROWS } from '../report/objects.ts';
import type { Trace } from '../trace.ts';

/** @param report what `buildReport` said of the same trace. */
export function runFacts(
  trace: Trace,
  manifest: Manifest,
  report: Report,
  title: string,
): RunFacts {
  const { loops, pools } = trace.facts;
  return {
    title,
    startedAt: manifest.startedAt.wall / 1e6,
    cores: manifest.host.cores,
    report,
    lag: distributions(loops.map((loop) => loop.lag)),
    lockWaits: distributions(locksByWait(trace).map((lock) => lock.waitTimes)),
    queueWaits: distributions(pools.map((pool) => pool.queueWait)),
    runs: distributions(pools.map((pool) => pool.run)),
  };
}

function distributions(histograms: readonly Histogram[]): Distribution[] {
  return histograms.slice(0, MAX_ROWS).map((histogram) => histogram.distribution());
}
