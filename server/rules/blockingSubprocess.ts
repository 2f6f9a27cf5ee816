// blocking-subprocess: a child process started or waited for synchronously in an async function.
import type { Call } from '../python/ast.ts';
import { dotted } from '../python/calls.ts';
import { asyncLibrary, toThread } from '../python/fixes.ts';
import { blockingInAsync } from './blockingInAsync.ts';

const inPlace = (call: Call) => call.parent.kind !== 'With' && dotted(call.func) !== undefined;

export const blockingSubprocess = blockingInAsync('blocking-subprocess', {
  message({ name, starts }, _call, { model }) {
    const instead =
      asyncLibrary(model) === 'asyncio'
        ? 'asyncio.create_subprocess_exec'
        : `${asyncLibrary(model)}.run_process`;
    if (starts === true)
      return `${name} stops the event loop while it starts the process, and whoever waits for that later stops it again; use ${instead}.`;
    return `${name} stops the event loop until the other process is done with it; use ${instead} or a thread.`;
  },
  fixes: (call, { model }) => [inPlace(call) ? toThread(model, call) : undefined],
});
