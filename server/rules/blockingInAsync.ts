// Shared by the rules about calls that stop the event loop: finds them in async functions, each rule words its own.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { type Blocking, type BlockingRule, blockingCall } from '../python/blocking.ts';
import { asyncFunctionOf } from '../python/calls.ts';
import type { Check, Context } from '../rule.ts';

interface Wording {
  message(found: Blocking, call: Call, context: Context): string;
  fixes(call: Call, context: Context): readonly (Fix | undefined)[];
}

export function blockingInAsync(rule: BlockingRule, wording: Wording): Check {
  return (context) => {
    for (const call of context.model.calls) {
      if (asyncFunctionOf(call) === undefined) continue;
      const found = blockingCall(call, context.resolver);
      if (found?.rule !== rule) continue;
      const fixes = wording.fixes(call, context).filter((fix) => fix !== undefined);
      context.report(call, wording.message(found, call, context), { fixes });
    }
  };
}
