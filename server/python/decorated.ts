// What a decorator makes of a function: whether calling its name still runs it, there and then.
import type { Expr, FunctionDef } from './ast.ts';
import { dotted, everything } from './children.ts';
import type { Resolver } from './resolve.ts';
import { lookup } from './scope.ts';

/** Decorators of libraries under which a function runs when it is called. */
const PLAIN =
  /^(?:staticmethod|classmethod|property|functools\.\w+|contextlib\.contextmanager|(?:typing|typing_extensions|abc|warnings)\.\w+|numba\.\w+)$|(?:^|\.)(?:wraps|retry\w*|cached|memoi[sz]ed?|lru_cache|cached_property|setter|override|synchronized|locked|deprecated|trace\w*|timed|timeit|profile)$/;

/** Something unknown stands for the function: `@huey.task()` queues its work, `@concurrent.process` gives a future. */
export function isReplaced({ decorators }: FunctionDef, resolver: Resolver): boolean {
  return decorators.some((each) => !runsAtOnce(each, resolver));
}

function runsAtOnce(decorator: Expr, resolver: Resolver): boolean {
  const func = decorator.kind === 'Call' ? decorator.func : decorator;
  if (PLAIN.test(resolver.path(func) ?? dotted(func) ?? '')) return true;
  const value = resolver.value(func);
  if (value?.kind !== 'function' || value.fn.isAsync) return false;
  for (const node of everything(value.fn.body)) {
    if (node.kind !== 'Name') continue;
    const isCalled = node.parent.kind === 'Call' && node.parent.func === node;
    if (!isCalled && node.parent.kind !== 'Return') continue;
    const owner = lookup(node.scope, node.id)?.node;
    const isTaken =
      owner?.kind === 'FunctionDef' && owner.params.some(({ name }) => name === node.id);
    if (isTaken && isSync(node.scope.node)) return true;
  }
  return false;
}

function isSync(node: { readonly kind: string; readonly isAsync?: boolean }): boolean {
  return node.kind !== 'FunctionDef' || node.isAsync !== true;
}
