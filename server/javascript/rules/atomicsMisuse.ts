// Atomics.wait where it stops the main thread, and plain reads and writes of memory that threads share.
import type { Binding } from '../model.ts';
import { argumentsOf, asyncAround, bare, child, functionAround } from '../node.ts';
import type { JsNode } from '../parser.ts';
import { type Check, type Context, replace, shown, suggestion } from '../rule.ts';

const VIEWS =
  /^(?:Int8Array|Uint8Array|Int16Array|Uint16Array|Int32Array|Uint32Array|BigInt64Array|BigUint64Array)$/;
const OPERATIONS: Readonly<Record<string, string>> = {
  '+=': 'add',
  '-=': 'sub',
  '|=': 'or',
  '&=': 'and',
  '^=': 'xor',
};

export const atomicsMisuse: Check = (context) => {
  waits(context);
  const views = sharedViews(context);
  if (views.size > 0) plainAccess(context, views);
};

function waits(context: Context): void {
  const { model, resolver, report } = context;
  if (!isMainThread(context)) return;
  for (const call of model.byType.get('call_expression') ?? []) {
    const callee = child(call, 'function');
    if (callee === undefined || resolver.dotted(callee) !== 'Atomics.wait') continue;
    const property = callee.type === 'member_expression' ? child(callee, 'property') : undefined;
    const fixes =
      property === undefined || asyncAround(call) === undefined
        ? []
        : [
            suggestion('Wait without blocking by Atomics.waitAsync', [
              { start: call.start, end: call.start, text: '(await ' },
              replace(property, 'waitAsync'),
              { start: call.end, end: call.end, text: '.value)' },
            ]),
          ];
    report(
      call,
      'Atomics.wait stops the main thread with its event loop; in browsers it throws there.',
      { fixes },
    );
  }
}

/** A file that starts workers and asks nowhere which thread it is in. */
function isMainThread({ model, resolver }: Context): boolean {
  if (
    /\b(?:isMainThread|parentPort|workerData|WorkerGlobalScope|importScripts|onmessage)\b/.test(
      model.text,
    )
  )
    return false;
  const starts = (model.byType.get('new_expression') ?? []).some((each) =>
    /^(?:worker_threads\.Worker|Worker)$/.test(
      resolver.dotted(child(each, 'constructor') ?? each) ?? '',
    ),
  );
  return starts || /\bdocument\./.test(model.text);
}

function sharedViews({ model, resolver }: Context): Set<Binding> {
  const views = new Set<Binding>();
  const isShared = (node: JsNode | undefined): boolean => {
    if (node === undefined) return false;
    const at = bare(node, true);
    if (at.type === 'new_expression')
      return resolver.dotted(child(at, 'constructor')!) === 'SharedArrayBuffer';
    if (at.type !== 'identifier') return false;
    const known = model.bindingOf(at)?.nodes[0];
    const value = known === undefined ? undefined : child(known, 'value');
    return value?.type === 'new_expression' && isShared(value);
  };
  for (const made of model.byType.get('new_expression') ?? []) {
    const callee = child(made, 'constructor');
    if (callee === undefined || !VIEWS.test(resolver.dotted(callee) ?? '')) continue;
    const name =
      made.parent?.type === 'variable_declarator' ? child(made.parent, 'name') : undefined;
    const binding = name?.type === 'identifier' ? model.bindingOf(name) : undefined;
    if (binding !== undefined && isShared(argumentsOf(made)[0])) views.add(binding);
  }
  // What Atomics is used on is shared, wherever it came from.
  for (const call of model.byType.get('call_expression') ?? []) {
    const name = resolver.dotted(child(call, 'function') ?? call);
    const view = argumentsOf(call)[0];
    if (name === undefined || !/^Atomics\.\w+$/.test(name) || view?.type !== 'identifier') continue;
    const binding = model.bindingOf(view);
    if (binding !== undefined) views.add(binding);
  }
  return views;
}

function plainAccess(context: Context, views: ReadonlySet<Binding>): void {
  const { model, report } = context;
  for (const view of views) {
    const useOfAtomics = view.uses.some((use) =>
      /^Atomics\./.test(model.textOf(use.parent?.parent ?? use)),
    );
    for (const use of view.uses) {
      const element = use.parent;
      if (element?.type !== 'subscript_expression' || use.field !== 'object') continue;
      const owner = element.parent;
      const index = model.textOf(child(element, 'index') ?? element);
      const what = shown(model, element);
      const name = view.name;
      if (owner?.type === 'update_expression') {
        const method = model.textOf(child(owner, 'operator') ?? owner) === '++' ? 'add' : 'sub';
        const alone = owner.parent?.type === 'expression_statement';
        const fixes = alone
          ? [
              suggestion(`Use Atomics.${method}`, [
                replace(owner, `Atomics.${method}(${name}, ${index}, ${one(context, view)})`),
              ]),
            ]
          : [];
        report(
          owner,
          `${what} is shared between threads: between its read and its write another may write, and one change is lost.`,
          { fixes },
        );
      } else if (owner?.type === 'augmented_assignment_expression' && element.field === 'left') {
        const method = OPERATIONS[model.textOf(child(owner, 'operator') ?? owner)];
        const value = model.textOf(child(owner, 'right') ?? owner);
        const alone = owner.parent?.type === 'expression_statement' && method !== undefined;
        const fixes = alone
          ? [
              suggestion(`Use Atomics.${method}`, [
                replace(owner, `Atomics.${method}(${name}, ${index}, ${value})`),
              ]),
            ]
          : [];
        report(
          owner,
          `${what} is shared between threads: between its read and its write another may write, and one change is lost.`,
          { fixes },
        );
      } else if (
        useOfAtomics &&
        owner?.type === 'assignment_expression' &&
        element.field === 'left' &&
        !isSetUp(view, owner)
      ) {
        const value = model.textOf(child(owner, 'right') ?? owner);
        report(
          owner,
          `${what} is written without Atomics although others look at it with Atomics: when they see it is open.`,
          {
            fixes: [
              suggestion('Use Atomics.store', [
                replace(owner, `Atomics.store(${name}, ${index}, ${value})`),
              ]),
            ],
          },
        );
      }
    }
  }
}

function one({ model }: Context, view: Binding): string {
  return /\bBig(?:Int|Uint)64Array\b/.test(model.textOf(view.nodes[0]!)) ? '1n' : '1';
}

/** Written where the view was made, before any thread was told of it. */
function isSetUp(view: Binding, owner: JsNode): boolean {
  return view.kind !== 'parameter' && functionAround(owner) === functionAround(view.nodes[0]!);
}
