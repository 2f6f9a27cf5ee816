// blocking-sleep: time.sleep in an async function stops every task of the loop.
import { asyncLibrary, automatic, awaited, importing, replace } from '../python/fixes.ts';
import { blockingInAsync } from './blockingInAsync.ts';

export const blockingSleep = blockingInAsync('blocking-sleep', {
  message: ({ quick }, _call, { model }) =>
    quick === true
      ? `time.sleep(0) lets other threads run, but no other task; await ${asyncLibrary(model)}.sleep(0) does.`
      : `time.sleep stops the whole event loop here, not only this task; await ${asyncLibrary(model)}.sleep lets the others run.`,
  fixes(call, { model }) {
    if (model.text.slice(call.start, call.open).includes('\n')) return [];
    const library = asyncLibrary(model);
    const module = importing(model, library);
    const args = model.text.slice(call.open + 1, call.close).replace(/^\s*secs\s*=\s*/, '');
    const text = awaited(call, `${module.name}.sleep(${args})`);
    return [automatic(`Await ${library}.sleep`, [...module.edits, replace(call, text)])];
  },
});
