// Which objects emit events: by what makes them, what they extend, or what they are declared to be.
import { memberName } from './names.ts';
import { bare, child, classAround, inner } from './node.ts';
import type { JsNode } from './parser.ts';
import type { Context } from './rule.ts';

const EMITTERS =
  /^(?:events(?:\.default|\.EventEmitter)?|worker_threads\.Worker|Worker|stream\.(?:Readable|Writable|Duplex|Transform|PassThrough|Stream)|net\.(?:Socket|Server)|tls\.TLSSocket|https?\.(?:Server|Agent|IncomingMessage|ServerResponse|ClientRequest)|child_process\.ChildProcess|dgram\.Socket|readline\.Interface)$/;
const GIVES_EMITTER =
  /^(?:fs\.(?:create(?:Read|Write)Stream|watch|watchFile)|child_process\.(?:spawn|fork|exec|execFile)|net\.(?:createServer|createConnection|connect)|https?\.(?:createServer|request|get)|http2\.(?:createServer|createSecureServer)|tls\.(?:createServer|connect)|readline\.createInterface|dgram\.createSocket|cluster\.fork)$/;
const PROCESS_STREAMS = /^process\.std(?:in|out|err)$/;

const EVENTS = /^(?:on|once|addListener|prependListener|prependOnceListener)$/;

/** Whether a call of a method under this name adds a listener whose result nobody looks at. */
export function listens({ model, resolver }: Context, object: JsNode, name: string): boolean {
  if (name === 'addEventListener') return true;
  if (!EVENTS.test(name)) return false;
  const text = model.textOf(object);
  if (text === 'process') return true;
  if (/^(?:worker_threads\.parentPort|cluster)$/.test(resolver.dotted(object) ?? '')) return true;
  return emits({ model, resolver }, object);
}

/** Whether a method of an object calls its last argument back and looks at nothing: servers and Express's apps. */
export function callsBack(context: Context, object: JsNode, name: string): boolean {
  if (name !== 'listen' && name !== 'close') return false;
  const at = bare(object, true);
  if (emits(context, at)) return true;
  if (name === 'close') return false;
  const node = at.type === 'identifier' ? context.model.bindingOf(at)?.nodes[0] : undefined;
  const made = at.type === 'call_expression' ? at : child(node, 'value');
  const callee = made?.type === 'call_expression' ? child(made, 'function') : undefined;
  return callee !== undefined && context.resolver.dotted(callee) === 'express';
}

/** `on` gives the emitter itself, so one listener may follow another. */
function emits({ model, resolver }: Pick<Context, 'model' | 'resolver'>, object: JsNode): boolean {
  const at = bare(object, true);
  if (at.type === 'this') return extendsEmitter({ resolver }, classAround(at));
  if (at.type === 'identifier') {
    const node = model.bindingOf(at)?.nodes[0];
    const annotation = child(node, 'type');
    if (annotation !== undefined) return EMITTERS.test(importedType(model, annotation) ?? '');
    const value = child(node, 'value');
    return value !== undefined && value !== at && emits({ model, resolver }, value);
  }
  if (at.type === 'new_expression') {
    const made = child(at, 'constructor') ?? at;
    if (EMITTERS.test(resolver.dotted(made) ?? '')) return true;
    const type = resolver.typeOf(made);
    return type.kind === 'class' && extendsEmitter({ resolver }, type.node);
  }
  if (at.type === 'member_expression') {
    if (PROCESS_STREAMS.test(resolver.dotted(at) ?? '')) return true;
    const owner = child(at, 'object');
    if (owner?.type === 'this') return holdsEmitter({ model, resolver }, at);
    return (
      owner !== undefined &&
      /^std(?:in|out|err)$/.test(memberName(model, at) ?? '') &&
      emits({ model, resolver }, owner)
    );
  }
  const callee = at.type === 'call_expression' ? child(at, 'function') : undefined;
  if (callee === undefined) return false;
  if (GIVES_EMITTER.test(resolver.dotted(callee) ?? '')) return true;
  const before = child(bare(callee, true), 'object');
  return (
    before !== undefined &&
    EVENTS.test(memberName(model, bare(callee, true)) ?? '') &&
    emits({ model, resolver }, before)
  );
}

/** `this.bus` of a class with a field `bus = new EventEmitter()`. */
function holdsEmitter(context: Pick<Context, 'model' | 'resolver'>, member: JsNode): boolean {
  const { model } = context;
  const name = memberName(model, member);
  const fields = child(classAround(member), 'body')?.children ?? [];
  return fields.some((each) => {
    const key = each.type === 'public_field_definition' ? child(each, 'name') : undefined;
    if (key === undefined || model.textOf(key) !== name) return false;
    const annotation = child(each, 'type');
    if (annotation !== undefined) return EMITTERS.test(importedType(model, annotation) ?? '');
    const value = child(each, 'value');
    return value !== undefined && emits(context, value);
  });
}

/** A class of this file that extends one. */
function extendsEmitter(
  { resolver }: Pick<Context, 'resolver'>,
  node: JsNode | undefined,
): boolean {
  let owner = node;
  for (let steps = 0; owner !== undefined && steps < 10; steps++) {
    const heritage = owner.children.find((each) => each.type === 'class_heritage');
    const clause = heritage?.children.find((each) => each.type === 'extends_clause');
    const base = child(clause, 'value');
    const home = resolver.homeOf(owner);
    if (base !== undefined && EMITTERS.test(home.dotted(base) ?? '')) return true;
    owner = resolver.baseClass(owner);
  }
  return false;
}

/** `EventEmitter` of `x: EventEmitter`, with the module it is imported from. */
function importedType(model: Context['model'], annotation: JsNode): string | undefined {
  const type = inner(annotation);
  if (type === undefined) return undefined;
  const name = model.textOf(type).replace(/<.*$/s, '');
  const [first = '', ...more] = name.split('.');
  const binding = model.typeNamed(first, type) ?? model.lookup(first, type);
  if (binding?.kind !== 'import') return undefined;
  const from = binding.module ?? '';
  const imported = /^(?:\*|default)$/.test(binding.imported ?? '*') ? [] : [binding.imported];
  return [from, ...imported, ...more].join('.');
}
