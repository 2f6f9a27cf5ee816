// deprecated-threading-name: the camel-case names of threading, on their way out since Python 3.10.
import type { Fix } from '../diagnostic.ts';
import type { Call } from '../python/ast.ts';
import { isStatementCall } from '../python/calls.ts';
import { automatic, replace, source } from '../python/fixes.ts';
import type { PythonModel } from '../python/model.ts';
import type { Check } from '../rule.ts';

const RENAMED = new Map([
  ['threading.activeCount', 'active_count'],
  ['threading.currentThread', 'current_thread'],
  ['threading.Condition#notifyAll', 'notify_all'],
  ['threading.Event#isSet', 'is_set'],
  ['threading.Thread#isAlive', 'is_alive'],
]);
/** Methods that became attributes. */
const ATTRIBUTES = new Map([
  ['threading.Thread#getName', 'name'],
  ['threading.Thread#setName', 'name'],
  ['threading.Thread#isDaemon', 'daemon'],
  ['threading.Thread#setDaemon', 'daemon'],
]);

export const deprecatedThreadingName: Check = ({ model, resolver, report }) => {
  for (const call of model.calls) {
    // A timer is a thread.
    const path = resolver.callee(call)?.replace('threading.Timer#', 'threading.Thread#') ?? '';
    const renamed = RENAMED.get(path);
    const attribute = ATTRIBUTES.get(path);
    if (renamed === undefined && attribute === undefined) continue;
    const old = path.slice(Math.max(path.lastIndexOf('#'), path.lastIndexOf('.')) + 1);
    const fixes =
      renamed !== undefined ? rename(call, renamed) : toAttribute(call, attribute!, model);
    report(call, `${old} is deprecated; the name is ${renamed ?? attribute} now.`, { fixes });
  }
};

function rename(call: Call, name: string): Fix[] {
  if (call.func.kind !== 'Attribute') return [];
  return [
    automatic(`Use ${name}`, [{ start: call.func.attrStart, end: call.func.end, text: name }]),
  ];
}

function toAttribute(call: Call, name: string, model: PythonModel): Fix[] {
  if (call.func.kind !== 'Attribute') return [];
  const target = `${source(model, call.func.value)}.${name}`;
  const [value, ...more] = call.args;
  if (value === undefined) return [automatic(`Use ${name}`, [replace(call, target)])];
  if (more.length > 0 || !isStatementCall(call)) return [];
  return [automatic(`Use ${name}`, [replace(call, `${target} = ${source(model, value.value)}`)])];
}
