// `new Promise(async …)`: what the executor throws is lost, and the promise never settles.
import { argumentsOf, bare, child, isAsync, isFunction } from '../node.ts';
import type { Check } from '../rule.ts';

export const asyncPromiseExecutor: Check = ({ model, resolver, report }) => {
  for (const node of model.byType.get('new_expression') ?? []) {
    const made = child(node, 'constructor');
    if (made === undefined || resolver.dotted(made) !== 'Promise') continue;
    const first = argumentsOf(node)[0];
    if (first === undefined) continue;
    const executor = bare(first, true);
    const binding = executor.type === 'identifier' ? model.bindingOf(executor) : undefined;
    const fn = binding?.kind === 'function' ? binding.nodes.at(-1) : executor;
    if (!isFunction(fn) || !isAsync(fn)) continue;
    const word = fn === executor ? fn.children.find((each) => each.type === 'async') : executor;
    report(
      word ?? executor,
      'The executor of this promise is async: an error in it rejects a promise that nobody has, and this one stays pending.',
    );
  }
};
