// blocking-file-io: files opened, read or looked for in an async function.
import { toThread } from '../python/fixes.ts';
import { blockingInAsync } from './blockingInAsync.ts';

export const blockingFileIo = blockingInAsync('blocking-file-io', {
  message: ({ name, quick }) =>
    quick === true
      ? `${name} asks for the working or the home folder at most, quickly as a rule; the paths of anyio and trio await even that.`
      : `${name} does file I/O on the event loop's thread; on a slow disk or network share every task waits.`,
  fixes: (call, { model }) => [call.parent.kind === 'With' ? undefined : toThread(model, call)],
});
