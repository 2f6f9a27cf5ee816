// blocking-input: input() in an async function.
import { toThread } from '../python/fixes.ts';
import { blockingInAsync } from './blockingInAsync.ts';

export const blockingInput = blockingInAsync('blocking-input', {
  message: ({ name }) =>
    `${name}() stops the event loop until somebody has typed a line; read it in a thread.`,
  fixes(call, { model }) {
    const fix = toThread(model, call);
    return [fix === undefined ? undefined : { ...fix, automatic: true }];
  },
});
