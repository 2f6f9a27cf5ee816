/** Findings of one process that a test writes record by record. */
import { analyze } from '../../engine/analyze.ts';
import type { Finding } from '../../wire/report.ts';
import { type StreamWriter, TraceWriter } from './traceWriter.ts';

export const MS = 1e6;

/** Findings of one process that does what `write` says. */
export function findings(
  write: (stream: StreamWriter) => void,
  process: object = {},
): readonly Finding[] {
  const world = new TraceWriter();
  const stream = world.process(100, process);
  write(stream);
  stream.flush();
  return analyze(world.trace);
}

/** Their rules, worst first. */
export function rules(write: (stream: StreamWriter) => void, process: object = {}): string {
  return findings(write, process)
    .map((one) => one.rule)
    .join(' ');
}
