// `fs.*Sync`, `execSync`, slow synchronous crypto inside an async function or a request handler: the loop stands still.
import { blocksByName, isBlockingName, isQuickByName } from '../library.ts';
import { memberName } from '../names.ts';
import { argumentsOf, bare, child, FUNCTIONS, functionAround, hasWord, isAsync } from '../node.ts';
import type { JsNode } from '../parser.ts';
import type { Check, Context } from '../rule.ts';
import { replace, shown, suggestion } from '../rule.ts';

/** Methods that take functions which answer requests. */
const ROUTES = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'use', 'route']);

export const syncIoInAsync: Check = (context) => {
  const { model, resolver, settings, report } = context;
  if (!model.text.includes('Sync')) return;
  for (const call of model.byType.get('call_expression') ?? []) {
    const callee = child(call, 'function');
    if (callee === undefined) continue;
    const name = resolver.dotted(callee)?.replace(/\.(?:call|apply)$/, '');
    if (name === undefined || !blocksByName(name)) {
      if (saysItBlocks(context, call, callee))
        report(
          call,
          `${shown(model, callee)} says by its name that nothing else runs until it is done.`,
          { severity: 'hint' },
        );
      continue;
    }
    const where = blockedBy(context, call);
    // Deno's synchronous calls are its own way in plain functions.
    if (where !== 'async' && name.startsWith('Deno.')) continue;
    if (where === undefined) {
      if (isInCall(call) || settings.syncAtTopLevel === true)
        report(call, `${shown(model, callee)} stops the event loop until it is done.`, {
          severity: 'hint',
        });
      continue;
    }
    const fix = where === 'async' ? asPromise(context, call, callee, name) : undefined;
    const what = where === 'async' ? 'an async function' : 'a request handler';
    report(call, `${shown(model, callee)} stops the event loop until it is done, inside ${what}.`, {
      fixes: fix === undefined ? [] : [fix],
    });
  }
};

/** In a function, or in the field of an object that somebody makes. */
function isInCall(call: JsNode): boolean {
  for (let at: JsNode | undefined = call; at !== undefined; at = at.parent) {
    if (FUNCTIONS.has(at.type)) return true;
    if (at.type === 'public_field_definition' && !hasWord(at, 'static')) return true;
  }
  return false;
}

/** Names that are about synchronizing, or about when something is done rather than how. */
const NO_TWIN =
  /^(?:flush|run|is|has|needs?|can|should|start|stop|enable|disable|force|request|schedule|trigger|on|use|do|set|get|full|auto|no|begin|end|init|last|next|after|before|re|un)Sync$/i;

/** By custom a library calls the twin of `load` that blocks `loadSync`. One of this file is seen by what it calls itself. */
function saysItBlocks(context: Context, call: JsNode, callee: JsNode): boolean {
  const { model, resolver } = context;
  const fn = functionAround(call);
  if (fn === undefined || call.parent?.type === 'await_expression') return false;
  const own = child(fn, 'name') ?? child(fn.parent, 'name') ?? child(fn.parent, 'key');
  // Who calls it asked for the twin that blocks.
  if (own !== undefined && model.textOf(own).endsWith('Sync')) return false;
  const at = bare(callee, true);
  const last = at.type === 'identifier' ? model.textOf(at) : memberName(model, at);
  if (last === undefined || !/^#?\w*[a-z0-9]Sync$/.test(last) || NO_TWIN.test(last)) return false;
  if (resolver.typeOf(at).kind !== 'unknown' || isQuickByName(last)) return false;
  const isOfFiles = isBlockingName(last) || /(?:^|[._])fs\w?\.\w+$/i.test(model.textOf(at));
  if (!isOfFiles && blockedBy(context, call) === undefined) return false;
  return at.type !== 'identifier' || (model.bindingOf(at)?.kind ?? 'import') === 'import';
}

function blockedBy({ model, resolver }: Context, call: JsNode): 'async' | 'handler' | undefined {
  for (let fn = functionAround(call); fn !== undefined; fn = functionAround(fn)) {
    if (isAsync(fn)) return functionAround(call) === fn ? 'async' : 'handler';
    const taker = fn.parent?.type === 'arguments' ? fn.parent.parent : undefined;
    const callee = taker === undefined ? undefined : child(taker, 'function');
    if (callee === undefined || taker === undefined) return undefined;
    const name = resolver.dotted(callee);
    if (name === 'http.createServer' || name === 'https.createServer') return 'handler';
    if (callee.type !== 'member_expression') return undefined;
    const method = model.textOf(child(callee, 'property')!);
    const object = child(callee, 'object')!;
    if (
      ROUTES.has(method) &&
      argumentsOf(taker)[0] !== undefined &&
      isApp(model.textOf(object), model.imports)
    )
      return 'handler';
    // Called on the spot by the function around it.
    if (!/^(?:map|forEach|filter|some|every|find|reduce|sort|flatMap)$/.test(method))
      return undefined;
  }
  return undefined;
}

function isApp(object: string, imports: ReadonlySet<string>): boolean {
  const web = ['express', 'fastify', 'koa', 'hono', 'restify', '@koa/router'];
  return (
    web.some((each) => imports.has(each)) &&
    /^(?:\w*app|\w*router|server|fastify|api)$/i.test(object)
  );
}

/** `fs.readFileSync(…)` as `await fs.promises.readFile(…)`. */
function asPromise({ model }: Context, call: JsNode, callee: JsNode, name: string) {
  if (!/^fs(?:-extra)?\./.test(name) || callee.type !== 'member_expression') return undefined;
  if (
    /\.(?:existsSync|createReadStreamSync|fstatSync|closeSync|readSync|writeSync|openSync)$/.test(
      name,
    )
  )
    return undefined;
  const object = model.textOf(child(callee, 'object')!);
  const args = model.textOf(child(call, 'arguments')!);
  const method = name.slice(name.lastIndexOf('.') + 1, -'Sync'.length);
  const text = `await ${object}.promises.${method}${args}`;
  const loose =
    /^(?:variable_declarator|expression_statement|return_statement|arguments|assignment_expression)$/.test(
      call.parent?.type ?? '',
    );
  return suggestion(`Await ${object}.promises.${method}`, [
    replace(call, loose ? text : `(${text})`),
  ]);
}
