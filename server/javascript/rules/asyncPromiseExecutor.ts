// `new Promise(async …)`: what the executor throws is lost, and the promise never settles.
import type { Fix } from '../../diagnostic.ts';
import { catchesItself } from '../completion.ts';
import type { Binding } from '../model.ts';
import { argumentsOf, bare, child, isAsync, isFunction, parts } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, insert, suggestion } from '../rule.ts';

export const asyncPromiseExecutor: Check = (context) => {
  const { model, report } = context;
  for (const node of model.byType.get('new_expression') ?? []) {
    const found = asyncExecutor(context, node);
    if (found === undefined) continue;
    const { executor, fn } = found;
    const word = fn === executor ? fn.children.find((each) => each.type === 'async') : executor;
    report(
      word ?? executor,
      'The executor of this promise is async: an error in it rejects a promise that nobody has, and this one stays pending.',
      {
        fixes: fn === executor ? inside(context, fn) : [],
        ...(catchesItself(fn) ? { severity: 'info' } : {}),
      },
    );
  }
};

/** What a promise is made with, when that is async, and the function it stands for. */
export function asyncExecutor(
  context: Context,
  node: JsNode,
): { executor: JsNode; fn: JsNode } | undefined {
  const { model, resolver } = context;
  const made = child(node, 'constructor');
  if (made === undefined) return undefined;
  // A library's own promises, `import Promise from 'bluebird'`, ask for the same.
  const isPromise = model.textOf(bare(made)) === 'Promise' || resolver.dotted(made) === 'Promise';
  if (!isPromise || isOwn(context, bare(made))) return undefined;
  const first = argumentsOf(node)[0];
  if (first === undefined) return undefined;
  const executor = bare(first, true);
  const binding = executor.type === 'identifier' ? model.bindingOf(executor) : undefined;
  const fn = binding === undefined ? executor : declaredFunction(binding);
  return isFunction(fn) && isAsync(fn) ? { executor, fn } : undefined;
}

/** A parameter, a function or a class of this file that happens to have the name. */
function isOwn({ model, resolver }: Context, name: JsNode): boolean {
  const binding = name.type === 'identifier' ? model.bindingOf(name) : undefined;
  if (binding?.kind === 'class') {
    const [node] = binding.nodes;
    return node === undefined || resolver.instanceOf(node).kind !== 'promise';
  }
  const [node] = binding?.nodes ?? [];
  if (binding?.kind === 'variable') {
    if (node?.type !== 'variable_declarator') return false;
    const value = child(node, 'value');
    const type = value === undefined ? undefined : resolver.typeOf(value);
    if (type?.kind === 'class') return resolver.instanceOf(type.node).kind !== 'promise';
    return value === undefined || type?.kind === 'function';
  }
  return binding?.kind === 'parameter' || binding?.kind === 'function';
}

/** The one function a name stands for. */
function declaredFunction(binding: Binding): JsNode | undefined {
  if (binding.kind === 'function') return binding.nodes.at(-1);
  const [node, ...others] = binding.nodes;
  const isWritten = binding.uses.some(
    (use) => use.field === 'left' && use.parent?.type === 'assignment_expression',
  );
  if (node?.type !== 'variable_declarator' || others.length > 0 || isWritten) return undefined;
  const value = child(node, 'value');
  return value === undefined ? undefined : bare(value, true);
}

/** A plain executor with an async function inside, whose failure rejects the promise. */
function inside({ model }: Context, fn: JsNode): Fix[] {
  const word = fn.children.find((each) => each.type === 'async');
  const body = child(fn, 'body');
  const list = child(fn, 'parameters');
  if (word === undefined || body?.type !== 'statement_block' || list === undefined) return [];
  if (fn.type !== 'arrow_function' && /\b(?:this|arguments)\b/.test(model.textOf(body))) return [];
  const given = parts(list);
  const second = given[1] === undefined ? undefined : (child(given[1], 'pattern') ?? given[1]);
  if (given.length === 0 || (second !== undefined && second.type !== 'identifier')) return [];
  const reject = second === undefined ? 'reject' : model.textOf(second);
  const edits = [
    {
      start: word.start,
      end: word.start + /^async\s*/.exec(model.text.slice(word.start))![0].length,
      text: '',
    },
    insert(body.start + 1, ' (async () => {'),
    insert(body.end - 1, `})().catch(${reject}); `),
  ];
  if (second === undefined) edits.push(insert(given[0]!.end, ', reject'));
  return [suggestion('Run it inside and hand its failure to reject', edits)];
}
