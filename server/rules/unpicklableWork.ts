// unpicklable-work: what is sent to a process pool has to be pickled, and lambdas, nested functions and locks can't be.
import type { Fix } from '../diagnostic.ts';
import type { Expr, Node } from '../python/ast.ts';
import { some } from '../python/children.ts';
import { launches } from '../python/concurrency.ts';
import { indentStep, insert, lineStart, replace, source, suggestion } from '../python/fixes.ts';
import { THREAD_LOCKS } from '../python/locks.ts';
import { selfClass } from '../python/model.ts';
import type { Resolver } from '../python/resolve.ts';
import { lookup } from '../python/scope.ts';
import type { Check } from '../rule.ts';

export const unpicklableWork: Check = ({ resolver, report }) => {
  for (const launch of launches(resolver)) {
    if (launch.where !== 'process' || launch.by === 'start') continue;
    const reason = whyNot(launch.work, resolver);
    if (reason !== undefined)
      report(
        launch.work,
        `${reason} can't be pickled, so no worker process gets it; use a function at the top of a module.`,
        { fixes: hoist(launch.work, resolver) },
      );
    for (const arg of launch.args) {
      const type = resolver.type(arg);
      if (
        type === undefined ||
        !(
          THREAD_LOCKS.has(type) ||
          type === 'threading.Thread' ||
          type === 'io.File' ||
          type === 'socket.socket'
        )
      )
        continue;
      report(
        arg,
        `A ${type} can't be sent to a pool's worker; ${type.startsWith('multiprocessing') ? 'hand it over with initializer=' : 'use one of multiprocessing or a Manager'}.`,
      );
    }
  }
};

/** A lambda that needs nothing of the function around it becomes a function of the module. */
function hoist(work: Expr, { model }: Resolver): Fix[] {
  if (work.kind !== 'Lambda' || model.scope.bindings.has('work_item')) return [];
  const isOwn = (name: Node) =>
    name.kind === 'Name' && lookup(name.scope, name.id)?.kind === 'function';
  const text = source(model, work.body);
  if (
    some([work.body], isOwn) ||
    text.includes('\n') ||
    work.params.some((param) => param.value !== undefined)
  )
    return [];
  let top: Node = work;
  while (top.parent.kind !== 'Module') top = top.parent;
  const params = work.params.map((param) => model.text.slice(param.start, param.end)).join(', ');
  return [
    suggestion('Make it a function of the module', [
      insert(
        lineStart(model.text, top.start),
        `def work_item(${params}):\n${indentStep(model.text)}return ${text}\n\n\n`,
      ),
      replace(work, 'work_item'),
    ]),
  ];
}

function whyNot(work: Expr, resolver: Resolver): string | undefined {
  if (work.kind === 'Lambda') return 'A lambda';
  const value = resolver.value(work);
  if (value?.kind === 'function') {
    if (work.kind === 'Name' && value.fn.scope.kind !== 'module' && value.fn.scope.kind !== 'class')
      return `${value.fn.name} is a nested function and`;
    const isBound =
      work.kind === 'Attribute' && work.value.kind === 'Name'
        ? selfClass(work.value.id, work)
        : undefined;
    if (isBound !== undefined && holdsLock(isBound, resolver))
      return 'A method of an object that holds a lock';
  }
  if (work.kind === 'Name') {
    const binding = lambdaBehind(work, resolver);
    if (binding) return `${work.id} is a lambda and`;
  }
  return undefined;
}

function lambdaBehind(work: Extract<Expr, { kind: 'Name' }>, resolver: Resolver): boolean {
  const bindings =
    work.scope.bindings.get(work.id) ?? resolver.model.scope.bindings.get(work.id) ?? [];
  return bindings.length === 1 && bindings[0]?.value?.kind === 'Lambda';
}

function holdsLock(cls: NonNullable<ReturnType<typeof selfClass>>, resolver: Resolver): boolean {
  const attributes = resolver.model.attributes.get(cls);
  if (attributes === undefined || attributes.has('__getstate__') || attributes.has('__reduce__'))
    return false;
  for (const bindings of attributes.values()) {
    for (const binding of bindings) {
      if (binding.from.kind !== 'function' || binding.value === undefined) continue;
      const type = resolver.type(binding.value);
      if (type !== undefined && THREAD_LOCKS.has(type) && type.startsWith('threading.'))
        return true;
    }
  }
  return false;
}
