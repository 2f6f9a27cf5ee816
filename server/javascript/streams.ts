// Functions that Node's streams call and look at nothing of: the options of a constructor, the methods of a class that extends one.
import { catchesItself } from './completion.ts';
import { keyOf } from './names.ts';
import { argumentsOf, bare, child } from './node.ts';
import type { JsNode } from './parser.ts';
import { type Context, shown } from './rule.ts';
import { givesPromise } from './type.ts';

const STREAMS = /^stream\.(?:Readable|Writable|Duplex|Transform)$/;
const STEPS = /^(?:read|writev?|final|destroy|transform|flush|construct)$/;

export function streamSteps(context: Context): void {
  const { model, resolver } = context;
  if (!model.imports.has('stream')) return;
  for (const node of model.byType.get('new_expression') ?? []) {
    const [options] = argumentsOf(node);
    const made = child(node, 'constructor');
    if (options === undefined || made === undefined || bare(options).type !== 'object') continue;
    if (!STREAMS.test(resolver.dotted(made) ?? '')) continue;
    for (const each of bare(options).children) {
      const value = each.type === 'pair' ? child(each, 'value') : each;
      step(context, child(each, 'key') ?? child(each, 'name'), value, '');
    }
  }
  for (const type of ['class_declaration', 'class'])
    for (const node of model.byType.get(type) ?? []) {
      const heritage = node.children.find((each) => each.type === 'class_heritage');
      const clause = heritage?.children.find((each) => each.type === 'extends_clause');
      const base = child(clause, 'value') ?? heritage?.children[0];
      if (base === undefined || !STREAMS.test(resolver.dotted(base) ?? '')) continue;
      for (const each of child(node, 'body')?.children ?? [])
        step(context, child(each, 'name'), each, '_');
    }
}

function step(
  { model, resolver, report }: Context,
  key: JsNode | undefined,
  fn: JsNode | undefined,
  mark: string,
): void {
  const name = key === undefined ? undefined : keyOf(model, key);
  if (key === undefined || fn === undefined || name?.startsWith(mark) !== true) return;
  if (!STEPS.test(name.slice(mark.length))) return;
  const type = fn.type === 'method_definition' ? resolver.functionType(fn) : resolver.typeOf(fn);
  if (!givesPromise(type)) return;
  const catches = type.kind === 'function' && type.node !== undefined && catchesItself(type.node);
  report(
    key,
    `A stream does not look at what ${shown(model, key)} gives: when its promise fails the stream hears of nothing.`,
    catches ? { severity: 'info' } : {},
  );
}
