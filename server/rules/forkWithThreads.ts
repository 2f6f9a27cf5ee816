// fork-with-threads: a fork copies only the thread that forks; locks the others held stay locked for ever in the child.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { keyword } from '../python/calls.ts';
import { launches } from '../python/concurrency.ts';
import { replace, suggestion } from '../python/fixes.ts';
import type { Resolver } from '../python/resolve.ts';
import { functionScope } from '../python/scope.ts';
import { isNone } from '../python/value.ts';
import type { Check } from '../rule.ts';

const POPENS = new Set([
  'subprocess.Popen',
  'subprocess.run',
  'subprocess.call',
  'subprocess.check_call',
  'subprocess.check_output',
]);

export const forkWithThreads: Check = ({ model, resolver, report }) => {
  const threads = launches(resolver).some((each) => each.where === 'thread');
  for (const call of model.calls) {
    const path = resolver.callee(call);
    if (path === undefined) continue;
    if (POPENS.has(path)) {
      const preexec = keyword(call, 'preexec_fn');
      if (preexec === undefined || isNone(preexec.value)) continue;
      const fixes: Fix[] = [];
      if (resolver.path(preexec.value) === 'os.setsid')
        fixes.push(
          suggestion('Use start_new_session', [replace(preexec, 'start_new_session=True')]),
        );
      report(
        preexec,
        'preexec_fn runs between fork and exec, where a lock of another thread may be held for ever.',
        { fixes },
      );
    } else if (startedBefore(call, resolver) && (path === 'os.fork' || path === 'os.forkpty')) {
      report(
        call,
        'A thread was started before; a fork copies none of them, but does copy the locks they hold.',
      );
    } else if (
      threads &&
      (path === 'multiprocessing.set_start_method' || path === 'multiprocessing.get_context')
    ) {
      const method = call.args[0]?.value;
      if (method?.kind !== 'Str' || method.value !== 'fork') continue;
      // A queue or a lock of that context forks nothing.
      if (call.parent.kind === 'Attribute' && !/^(?:Process|Pool|Manager)$/.test(call.parent.attr))
        continue;
      const edit = replace(method, "'spawn'");
      report(
        call,
        'This file also starts threads; a forked child inherits the locks they hold. Use spawn or forkserver.',
        {
          fixes: [suggestion("Use 'spawn'", [edit])],
        },
      );
    }
  }
};

/** A thread of the same function, or of the same script, that runs by then. */
function startedBefore(call: Call, resolver: Resolver): boolean {
  const scope = functionScope(call.scope);
  return launches(resolver).some(
    (each) =>
      each.where === 'thread' &&
      each.call.end <= call.start &&
      functionScope(each.call.scope) === scope,
  );
}
