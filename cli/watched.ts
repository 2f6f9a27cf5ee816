/** A run while it lasts: who stops it, and what it is told meanwhile. */
import type { Trace } from '../engine/trace.ts';
import type { Run } from '../record/launch.ts';
import type { ProgramExit } from '../wire/recording.ts';
import { Live } from './live.ts';

/** Takes the run's batches into the trace until it has ended. Ctrl-C ends the program, and all is told that there is to tell. */
export async function watched(
  run: Run,
  trace: Trace,
  options: { readonly quiet: boolean; readonly stopOnDeadlock: boolean },
): Promise<ProgramExit> {
  const live = new Live(run, trace, options);
  const stop = (): void => run.stop('stopped');
  const pause = (): void => {
    run.signal('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = (): void => run.signal('SIGCONT');
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGINT', stop],
    ['SIGTERM', () => run.stop('stopped', 'SIGTERM')],
    ['SIGHUP', stop],
    ...(process.platform === 'win32'
      ? []
      : ([
          ['SIGTSTP', pause],
          ['SIGCONT', resume],
        ] as const)),
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    const exit = await run.exited;
    if (live.failure !== undefined) throw live.failure;
    return exit;
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    live.dispose();
  }
}
