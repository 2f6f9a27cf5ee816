// What a hover says of an async function, a promise, a worker or shared memory: what it is, where it was made, who uses it.
import { LineIndex } from '../lines.ts';
import type { Hover } from '../service.ts';
import { blocksByName } from './library.ts';
import type { Binding, JavascriptModel } from './model.ts';
import { argumentsOf, child, FUNCTIONS, isAsync, within } from './node.ts';
import type { JsNode } from './parser.ts';
import { Resolver } from './resolve.ts';
import { givesPromise, mayBePromise } from './type.ts';

interface About {
  readonly model: JavascriptModel;
  readonly resolver: Resolver;
  readonly lines: LineIndex;
}

const ATOMICS: Readonly<Record<string, string>> = {
  wait: 'stops the thread until another one notifies it; browsers refuse it on the main thread, and Node stops its event loop with it',
  waitAsync: 'gives a promise that another thread fulfils by notify',
  notify: 'wakes threads that wait at this place',
  load: 'reads what other threads wrote by Atomics',
  store: 'writes so that other threads see it by Atomics',
  exchange: 'writes and gives what was there, in one step',
  compareExchange: 'writes only when what is there is as expected, in one step',
};

/** The hover at an offset; undefined where there is nothing about concurrency to say. */
export function hoverAt(model: JavascriptModel, offset: number): Hover | undefined {
  const node = nameAt(model.root, offset);
  if (node === undefined) return undefined;
  const about: About = { model, resolver: new Resolver(model), lines: new LineIndex(model.text) };
  const parts = describe(node, about);
  if (parts === undefined) return undefined;
  const binding = bindingAt(node, about);
  const places = (binding?.nodes ?? []).map((each) => ({
    path: model.path,
    line: lineOf(each, about),
  }));
  return { start: node.start, end: node.end, markdown: parts.join('\n\n'), places };
}

const NAMES = new Set([
  'identifier',
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
]);

function nameAt(root: JsNode, offset: number): JsNode | undefined {
  let at: JsNode | undefined = root;
  while (at !== undefined) {
    if (NAMES.has(at.type)) return at;
    at = at.children.find(
      (each) => each.start <= offset && offset <= each.end && holdsName(each, offset),
    );
  }
  return undefined;
}

/** Of two nodes that touch at the offset the one with a name there. */
function holdsName(node: JsNode, offset: number): boolean {
  return (
    offset < node.end || NAMES.has(node.type) || node.children.some((each) => each.end === offset)
  );
}

function lineOf(node: JsNode, { lines }: About): number {
  return lines.lineAt(node.start) + 1;
}

function bindingAt(node: JsNode, { model }: About): Binding | undefined {
  return node.names ?? model.lookup(model.textOf(node), node);
}

function describe(node: JsNode, about: About): string[] | undefined {
  const { model, resolver } = about;
  const name = model.textOf(node);
  const owner = node.parent;
  if (owner !== undefined && FUNCTIONS.has(owner.type) && node.field === 'name')
    return isAsync(owner) ? asyncFunction(name, owner, about) : undefined;
  const whole = owner?.type === 'member_expression' && node.field === 'property' ? owner : node;
  const dotted = resolver.dotted(whole);
  const operation = /^Atomics\.(\w+)$/.exec(dotted ?? '')?.[1];
  if (operation !== undefined)
    return [
      `**Atomics.${operation}** ${ATOMICS[operation] ?? 'reads, changes and writes in one step, whatever other threads do'}.`,
    ];
  if (dotted !== undefined && blocksByName(dotted))
    return [`**${dotted}** stops the event loop until it is done.`];
  const binding = whole === node ? bindingAt(node, about) : undefined;
  const value = binding === undefined ? undefined : initialOf(binding);
  if (value?.type === 'new_expression' && binding !== undefined) {
    const made = resolver.dotted(child(value, 'constructor') ?? value) ?? '';
    if (/^(?:worker_threads\.Worker|Worker)$/.test(made)) return worker(binding, about);
    if (isShared(value, about)) return sharedMemory(binding, about);
  }
  if (value !== undefined && FUNCTIONS.has(value.type) && isAsync(value))
    return asyncFunction(name, value, about);
  const type = binding === undefined ? resolver.typeOf(whole) : resolver.bindingType(binding);
  if (mayBePromise(type)) return promise(whole, binding, about);
  if (givesPromise(type) || (dotted !== undefined && calledGivesPromise(whole, about)))
    return [`**${name}** gives a promise: await it, return it or catch its failure.`];
  return undefined;
}

function initialOf(binding: Binding): JsNode | undefined {
  const node = binding.nodes[0];
  if (node === undefined || FUNCTIONS.has(node.type)) return node;
  return node.type === 'variable_declarator' ? child(node, 'value') : undefined;
}

function calledGivesPromise(node: JsNode, { resolver }: About): boolean {
  const call = node.parent;
  return (
    call?.type === 'call_expression' &&
    node.field === 'function' &&
    mayBePromise(resolver.typeOf(call))
  );
}

function asyncFunction(name: string, fn: JsNode, about: About): string[] {
  const body = child(fn, 'body');
  const waits = [...(body === undefined ? [] : within(body))].filter(
    (each) => each.type === 'await_expression',
  );
  const first = waits[0];
  return [
    `**${name}** is async: calling it gives a promise.`,
    first === undefined
      ? 'It never awaits: all of it runs when it is called.'
      : `It runs up to its first await, in line ${lineOf(first, about)}, when it is called, and the rest on the event loop.`,
  ];
}

function promise(node: JsNode, binding: Binding | undefined, about: About): string[] {
  const parts = [`**${about.model.textOf(node)}** is a promise.`];
  if (binding === undefined || binding.kind !== 'variable') return parts;
  parts.push(`Made in line ${lineOf(binding.nodes[0]!, about)}.`);
  const awaited = binding.uses.filter((each) => each.parent?.type === 'await_expression');
  if (awaited.length > 0) parts.push(`Awaited in ${linesOf(awaited, about)}.`);
  else if (binding.uses.length === 0) parts.push('Nobody awaits it.');
  return parts;
}

function linesOf(nodes: readonly JsNode[], about: About): string {
  const all = [...new Set(nodes.map((each) => lineOf(each, about)))];
  const shown = all.slice(0, 8).join(', ');
  return `line${all.length > 1 ? 's' : ''} ${shown}${all.length > 8 ? ' and elsewhere' : ''}`;
}

const LISTENS = /^(?:on|once|addListener|addEventListener)$/;

function worker(binding: Binding, about: About): string[] {
  const { model } = about;
  const events: string[] = [];
  for (const use of binding.uses) {
    const member = use.parent;
    const call = member?.parent;
    if (member?.type !== 'member_expression' || call?.type !== 'call_expression') continue;
    if (!LISTENS.test(model.textOf(child(member, 'property') ?? member))) continue;
    const event = argumentsOf(call)[0];
    if (event?.type === 'string') events.push(model.textOf(event).slice(1, -1));
  }
  return [
    `**${binding.name}** is a worker: a thread with an event loop of its own.`,
    `Made in line ${lineOf(binding.nodes[0]!, about)}.`,
    events.length === 0
      ? 'Nothing here listens to it.'
      : `Listened to for ${[...new Set(events)].join(', ')}.`,
  ];
}

/** A view whose memory other threads may see too. */
function isShared(made: JsNode, about: About): boolean {
  const first = argumentsOf(made)[0];
  if (about.resolver.dotted(child(made, 'constructor') ?? made) === 'SharedArrayBuffer')
    return true;
  if (first === undefined) return false;
  const named = first.type === 'identifier' ? bindingAt(first, about) : undefined;
  const memory = named === undefined ? first : initialOf(named);
  return (
    memory?.type === 'new_expression' &&
    about.resolver.dotted(child(memory, 'constructor') ?? memory) === 'SharedArrayBuffer'
  );
}

function sharedMemory(binding: Binding, about: About): string[] {
  const byAtomics = (use: JsNode) =>
    use.parent?.parent !== undefined && /^Atomics\b/.test(about.model.textOf(use.parent.parent));
  const plain = binding.uses.filter((use) => use.parent?.type === 'subscript_expression');
  const atomic = binding.uses.filter(byAtomics);
  const parts = [`**${binding.name}** is memory that threads share.`];
  if (atomic.length > 0) parts.push(`Used by Atomics in ${linesOf(atomic, about)}.`);
  if (plain.length > 0) parts.push(`Read or written without Atomics in ${linesOf(plain, about)}.`);
  return parts;
}
