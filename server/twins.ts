// Which findings of a run are the same mistake as a lint, so that a diagnostic can say what the last run saw of it.
const TWINS: Readonly<Record<string, readonly string[]>> = {
  'blocking-sleep': ['loop-blocked'],
  'blocking-http': ['loop-blocked'],
  'blocking-subprocess': ['loop-blocked'],
  'blocking-file-io': ['loop-blocked'],
  'blocking-input': ['loop-blocked'],
  'blocking-wait': ['loop-blocked', 'deadlock', 'hang'],
  'blocking-helper': ['loop-blocked'],
  'cpu-bound-in-async': ['loop-blocked', 'loop-saturated'],
  'coroutine-not-awaited': ['coroutine-never-awaited'],
  'task-dropped': ['task-exception-lost', 'task-pending-at-exit'],
  'gather-loses-failures': ['task-exception-lost'],
  'lock-across-await': ['lock-across-await', 'deadlock', 'loop-blocked'],
  'unsafe-loop-call': ['unsafe-loop-call'],
  'no-overlap': ['no-overlap'],
  'client-per-item': ['thread-churn'],
  'acquire-without-with': ['deadlock', 'hang'],
  'nested-acquire-without-timeout': ['deadlock', 'lock-order-inversion'],
  'lock-order-inversion': ['lock-order-inversion', 'deadlock'],
  'self-deadlock': ['deadlock'],
  'wait-not-in-loop': ['hang'],
  'long-hold': ['long-hold', 'lock-contention'],
  'unlocked-shared-write': ['data-race'],
  'unlocked-shared-value': ['data-race'],
  'daemon-with-work': ['daemon-killed'],
  'cpu-bound-threads': ['gil-bound', 'oversubscribed'],
  'fork-with-threads': ['fork-with-threads'],
  'future-never-read': ['task-exception-lost'],
  'missing-main-guard': ['worker-died'],
  'pool-without-with': ['pool-idle', 'thread-churn'],
  'pool-starvation': ['pool-starvation', 'deadlock'],
  'unbounded-queue': ['queue-growth'],
  'missing-task-done': ['hang'],
  'missing-sentinel': ['hang'],
  'sync-io-in-async': ['loop-blocked'],
  'atomics-misuse': ['hang', 'deadlock'],
};

/** The run-time rules that see a lint happen; empty for what a run can't see. */
export function twinsOf(lint: string): readonly string[] {
  return TWINS[lint] ?? [];
}
