// blocking-http: a synchronous HTTP request in an async function.
import { asyncFunctionOf } from '../python/calls.ts';
import { toThread } from '../python/fixes.ts';
import type { Check, Context } from '../rule.ts';
import { blockingInAsync } from './blockingInAsync.ts';

const known = blockingInAsync('blocking-http', {
  message: ({ name }) =>
    `${name} waits for the network and stops the event loop meanwhile; use an async client or run it in a thread.`,
  fixes: (call, { model }) => [call.parent.kind === 'With' ? undefined : toThread(model, call)],
});

/** In a file about urllib3, `x.request('GET', …)` on something unknown has the look of one of its pools. */
function perhaps({ model, resolver, report }: Context): void {
  if (![...model.imports].some((name) => /^urllib3(?:\.|$)/.test(name))) return;
  for (const call of model.calls) {
    const { func } = call;
    if (func.kind !== 'Attribute' || !METHODS.test(func.attr) || call.parent.kind === 'Await')
      continue;
    const verb = call.args[0];
    if (verb === undefined || (verb.name !== undefined && verb.name !== 'method')) continue;
    if (verb.value.kind !== 'Str' || !VERB.test(verb.value.value)) continue;
    if (asyncFunctionOf(call) === undefined || resolver.value(func.value) !== undefined) continue;
    report(
      call,
      `${func.attr} looks like a request of urllib3, which stops the event loop until it is answered.`,
      {
        severity: 'info',
      },
    );
  }
}

const VERB = /^(?:[A-Z]{3,7}|get|head|post|put|patch|delete|options|trace|connect)$/;
const METHODS = /^(?:request|urlopen|request_encode_url|request_encode_body)$/;

export const blockingHttp: Check = (context) => {
  known(context);
  perhaps(context);
};
