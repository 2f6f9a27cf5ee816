/** Every rule a run can break: ids are stable and shared with the lints. Order is order of severity. */
export const RULES = {
  deadlock: 'error',
  hang: 'error',
  'pool-starvation': 'error',
  'worker-died': 'error',
  'lock-order-inversion': 'warning',
  'lock-contention': 'warning',
  'long-hold': 'warning',
  'lock-across-await': 'warning',
  'loop-blocked': 'warning',
  'loop-saturated': 'warning',
  'unsafe-loop-call': 'warning',
  'task-exception-lost': 'warning',
  'task-pending-at-exit': 'warning',
  'coroutine-never-awaited': 'warning',
  'pool-saturated': 'warning',
  'queue-growth': 'warning',
  'gil-bound': 'warning',
  'fork-with-threads': 'warning',
  'daemon-killed': 'warning',
  'data-race': 'warning',
  'no-overlap': 'info',
  'pool-idle': 'info',
  'tiny-tasks': 'info',
  oversubscribed: 'info',
  'thread-churn': 'info',
} as const satisfies Record<string, Severity>;

export type Severity = 'error' | 'warning' | 'info';
export type RuleId = keyof typeof RULES;
