/** CPython's own tests that touch what the probe watches, most telling first, and how long each may take. */

export interface Suite {
  /** As regrtest knows it. */
  readonly name: string;
  /** Longest time on a busy machine, in seconds. */
  readonly patience: number;
  /** Oldest minor version of Python 3 that has it. */
  readonly since?: number;
}

export const SUITES: readonly Suite[] = [
  { name: 'test_threading', patience: 300 },
  { name: 'test_asyncio', patience: 600 },
  { name: 'test_concurrent_futures', patience: 900 },
  { name: 'test_queue', patience: 200 },
  { name: 'test_thread', patience: 100 },
  { name: 'test_threadsignals', patience: 100 },
  { name: 'test_subprocess', patience: 400 },
  { name: 'test_fork1', patience: 100 },
  { name: 'test_signal', patience: 300 },
  { name: 'test_multiprocessing_fork', patience: 900 },
  { name: 'test_multiprocessing_spawn', patience: 1500 },
  { name: 'test_multiprocessing_forkserver', patience: 1200 },
  { name: 'test_multiprocessing_main_handling', patience: 200 },
  { name: 'test_threading_local', patience: 100 },
  { name: 'test_sched', patience: 100 },
  { name: 'test_contextlib', patience: 100 },
  { name: 'test_contextlib_async', patience: 100 },
  { name: 'test_weakref', patience: 200 },
  { name: 'test_pickle', patience: 300 },
  { name: 'test_copy', patience: 100 },
  { name: 'test_logging', patience: 200 },
  { name: 'test_socketserver', patience: 100 },
  { name: 'test_atexit', patience: 100 },
  { name: 'test_gc', patience: 100 },
  { name: 'test_faulthandler', patience: 200 },
  { name: 'test_sys', patience: 200 },
  { name: 'test_sys_settrace', patience: 100 },
  { name: 'test_coroutines', patience: 100 },
  { name: 'test_asyncgen', patience: 100 },
  { name: 'test_context', patience: 100 },
  { name: 'test_importlib', patience: 200 },
  { name: 'test_inspect', patience: 200 },
  { name: 'test_traceback', patience: 200 },
  { name: 'test_selectors', patience: 100 },
  { name: 'test_tracemalloc', patience: 100 },
  { name: 'test_bdb', patience: 100 },
  { name: 'test_audit', patience: 100 },
  { name: 'test_capi', patience: 300 },
  { name: 'test_unittest', patience: 200, since: 12 },
];

/** What `npm test` has time for: two minutes on two cores. */
export const SHORT: readonly Suite[] = [
  { name: 'test_thread', patience: 100 },
  { name: 'test_threading_local', patience: 100 },
  { name: 'test_threadsignals', patience: 100 },
  { name: 'test_queue', patience: 100 },
  { name: 'test_threading', patience: 200 },
  { name: 'test_fork1', patience: 100 },
  { name: 'test_gc', patience: 100 },
  { name: 'test_asyncio.test_locks', patience: 100 },
  { name: 'test_asyncio.test_tasks', patience: 100 },
  { name: 'test_asyncio.test_base_events', patience: 100 },
];
