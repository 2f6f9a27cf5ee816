// blocking-http: a synchronous HTTP request in an async function.
import { toThread } from '../python/fixes.ts';
import { blockingInAsync } from './blockingInAsync.ts';

export const blockingHttp = blockingInAsync('blocking-http', {
  message: ({ name }) =>
    `${name} waits for the network and stops the event loop meanwhile; use an async client or run it in a thread.`,
  fixes: (call, { model }) => [call.parent.kind === 'With' ? undefined : toThread(model, call)],
});
