// cpu-bound-in-async: heavy computing in an async function: key derivation, compression, long loops without an await.
import type { Call, Node } from '../python/ast.ts';
import { argument, asyncFunctionOf, canAwait } from '../python/calls.ts';
import { some } from '../python/children.ts';
import { toThread } from '../python/fixes.ts';
import type { Resolver } from '../python/resolve.ts';
import type { Check } from '../rule.ts';

const HEAVY = new Set([
  'hashlib.pbkdf2_hmac',
  'hashlib.scrypt',
  'bcrypt.hashpw',
  'bcrypt.checkpw',
  'zlib.compress',
  'lzma.compress',
  'bz2.compress',
]);

/** Rounds of a loop that take about 10 ms in CPython when each does next to nothing. */
const MANY_ROUNDS = 100_000;

export const cpuBoundInAsync: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    if (asyncFunctionOf(call) === undefined || !HEAVY.has(resolver.callee(call) ?? '')) continue;
    const fix = canAwait(call) ? toThread(model, call) : undefined;
    report(call, 'This computes for long on the event loop; run it in a thread or process.', {
      fixes: fix === undefined ? [] : [fix],
    });
  }
  for (const loop of model.loops) {
    if (loop.kind !== 'For' || loop.isAsync || asyncFunctionOf(loop) === undefined) continue;
    if (!isLongRange(loop.iter, resolver) || some(loop.body, suspends)) continue;
    const at = { start: loop.start, end: loop.iter.end };
    report(
      at,
      'This loop runs long without an await; no other task runs meanwhile. Move it to an executor.',
    );
  }
};

function suspends(node: Node): boolean {
  return (
    node.kind === 'Await' ||
    (node.kind === 'For' && node.isAsync) ||
    (node.kind === 'With' && node.isAsync) ||
    node.kind === 'Yield'
  );
}

export function isLongRange(expr: Node, resolver: Resolver): boolean {
  if (expr.kind !== 'Call' || resolver.callee(expr) !== 'range') return false;
  return rounds(expr) >= MANY_ROUNDS;
}

function rounds(call: Call): number {
  const stop = argument(call, 'stop', call.args.length > 1 ? 1 : 0);
  if (stop?.kind === 'Literal') return Number(stop.text.replaceAll('_', ''));
  if (
    stop?.kind === 'Operation' &&
    stop.op === '**' &&
    stop.operands.every((each) => each.kind === 'Literal')
  ) {
    const [base, power] = stop.operands.map((each) =>
      each.kind === 'Literal' ? Number(each.text) : 0,
    );
    return base! ** power!;
  }
  return 0;
}
