// mutable-contextvar-default: the default of a ContextVar is one object, shared by all contexts.
import type { Expr } from '../python/ast.ts';
import { isTrue, keyword } from '../python/calls.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const MAKERS = new Set([
  'list',
  'dict',
  'set',
  'collections.defaultdict',
  'collections.deque',
  'collections.Counter',
  'collections.OrderedDict',
]);

/** What these make can't be changed, so that it is made once does no harm. */
const UNCHANGING =
  /^(?:tuple|frozenset|int|str|float|bool|bytes|complex|object|range|slice|len|repr|re\.compile|types\.MappingProxyType|operator\.\w+|pathlib\.\w*Path|decimal\.Decimal|fractions\.Fraction|datetime\.(?:timedelta|timezone|date|datetime|time)|uuid\.UUID|typing\.cast|os\.(?:getenv|environ\.get)|logging\.getLogger|contextvars\.\w+)$/;

export const mutableContextvarDefault: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    if (resolver.callee(call) !== 'contextvars.ContextVar') continue;
    const value = keyword(call, 'default')?.value;
    if (value === undefined || !isMutable(value, resolver)) continue;
    const maker = value.kind === 'Call' ? resolver.value(value.func) : undefined;
    const known =
      value.kind !== 'Call' ||
      (maker !== undefined && !(maker.kind === 'class' && maker.cls.decorators.some(isFrozen)));
    report(value, 'All contexts share this one default: a change in one is seen in every other.', {
      ...(known ? {} : { severity: 'hint' }),
    });
  }
};

/** `@dataclass(frozen=True)`: only what lies in its fields may change. */
function isFrozen(decorator: Expr): boolean {
  return decorator.kind === 'Call' && isTrue(keyword(decorator, 'frozen')?.value);
}

function isMutable(value: Expr, resolver: Resolver): boolean {
  if (value.kind === 'Dict') return true;
  if (value.kind === 'Sequence') return value.type !== 'tuple';
  // A generator is used up by the first context that goes through it.
  if (value.kind === 'Comprehension') return true;
  if (value.kind !== 'Call') return false;
  const path = resolver.callee(value) ?? '';
  // A function's result is made once too, when the file is imported, whatever it is.
  return MAKERS.has(path) || !UNCHANGING.test(path);
}
