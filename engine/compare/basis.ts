/** Whether times of two runs can be compared as they are, or only per second of run. */
import type { Comparison } from '../../wire/comparison.ts';
import type { Report } from '../../wire/report.ts';
import { type Meaning, measure, type Value } from './measures.ts';

export interface Basis {
  readonly kind: Comparison['basis'];
  readonly noise: number;
  readonly beforeNs: number;
  readonly afterNs: number;
}

/** A run that was ended from outside would have gone on: how long it was is nobody's achievement. */
export function basisOf(before: Report, after: Report, noise: number): Basis {
  const whole = [before, after].every(({ exit }) => exit.reason === 'exited' && exit.code !== null);
  return {
    kind: whole ? 'total' : 'perSecond',
    noise,
    beforeNs: before.durationNs,
    afterNs: after.durationNs,
  };
}

/** For what grows with the length of a run: sums of time, and counts. */
export function sum(basis: Basis, meaning: Meaning, before: Value, after: Value) {
  if (basis.kind === 'total') return measure(meaning, before, after, basis.noise);
  const unit = meaning.unit === 'ns' ? 'rate' : 'countRate';
  return measure(
    { ...meaning, unit },
    perSecond(before, basis.beforeNs),
    perSecond(after, basis.afterNs),
    basis.noise,
  );
}

function perSecond(value: Value, ns: number): Value {
  return value === null || value === undefined || ns <= 0 ? null : (value / ns) * 1e9;
}
