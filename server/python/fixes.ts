// Building blocks of fixes: imports that are there or get added, awaits, indentation.
import type { Edit, Fix } from '../diagnostic.ts';
import type { Call, Expr, Node } from './ast.ts';
import { isStatementCall } from './calls.ts';
import type { PythonModel } from './model.ts';

export function automatic(title: string, edits: readonly Edit[]): Fix {
  return { title, edits, automatic: true };
}

export function suggestion(title: string, edits: readonly Edit[]): Fix {
  return { title, edits, automatic: false };
}

export function replace(node: { start: number; end: number }, text: string): Edit {
  return { start: node.start, end: node.end, text };
}

export function insert(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

export function source(model: PythonModel, node: { start: number; end: number }): string {
  return model.text.slice(node.start, node.end);
}

export interface Imported {
  /** How to write the module at this place in the file. */
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** The name under which a module can be used in this file, and the edit that imports it when nothing does yet. */
export function importing(model: PythonModel, module: string): Imported {
  for (const [name, bindings] of model.scope.bindings) {
    for (const binding of bindings) {
      if (binding.kind !== 'import' || binding.imported !== undefined) continue;
      if (binding.module === module && binding.node.parent.kind === 'Module')
        return { name, edits: [] };
    }
  }
  const at = importPlace(model);
  const newline = at > 0 && model.text[at - 1] !== '\n' ? '\n' : '';
  return { name: module, edits: [insert(at, `${newline}import ${module}\n`)] };
}

/** Where a new import goes: before the first plain import, else after the docstring and `__future__`. */
function importPlace(model: PythonModel): number {
  let after = 0;
  const text = model.text;
  if (text.startsWith('#!')) after = lineEnd(text, 0);
  while (/^#.*coding/.test(text.slice(after, after + 60))) after = lineEnd(text, after);
  for (const [index, statement] of model.module.body.entries()) {
    const isDocstring =
      index === 0 && statement.kind === 'ExprStmt' && statement.value.kind === 'Str';
    const isFuture = statement.kind === 'Import' && statement.from === '__future__';
    if (isDocstring || isFuture) {
      after = lineEnd(text, statement.end);
    } else if (statement.kind === 'Import') return lineStart(text, statement.start);
    else break;
  }
  return after;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** False behind `if x:` or another statement on the same line, where more lines cannot follow. */
export function beginsLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** Just past the newline that ends the line. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

export function indentation(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))![0];
}

/** The file's own step of indentation. */
export function indentStep(text: string): string {
  const found = /:[^\S\n]*(?:#[^\n]*)?\n([ \t]+)\S/.exec(text);
  return found?.[1] === undefined ? '    ' : /^\t/.test(found[1]) ? '\t' : found[1].slice(0, 4);
}

/** `await x`, in brackets where it stands inside a larger expression. */
export function awaited(node: Node, text: string): string {
  const loose =
    isStatementCall(node) ||
    node.parent.kind === 'Assign' ||
    node.parent.kind === 'AugAssign' ||
    node.parent.kind === 'Return' ||
    (node.parent.kind === 'Call' && node.parent.args.some((arg) => arg.value === node));
  return loose ? `await ${text}` : `(await ${text})`;
}

/** Rewrites `f(a, b)` as `await asyncio.to_thread(f, a, b)`, or its like in trio and anyio. */
export function toThread(model: PythonModel, call: Call): Fix | undefined {
  const library = asyncLibrary(model);
  const module = importing(model, library === 'anyio' ? 'anyio' : library);
  const runner =
    library === 'asyncio'
      ? 'to_thread'
      : library === 'trio'
        ? 'to_thread.run_sync'
        : 'to_thread.run_sync';
  if (library !== 'asyncio' && call.args.some((arg) => arg.name !== undefined || arg.star === '**'))
    return undefined;
  const func = source(model, call.func);
  const args = model.text.slice(call.open + 1, call.close).trim();
  const text = `${module.name}.${runner}(${func}${args === '' ? '' : `, ${args}`})`;
  return suggestion(`Run in a thread with ${library}.${runner}`, [
    ...module.edits,
    replace(call, awaited(call, text)),
  ]);
}

export function asyncLibrary(model: PythonModel): 'asyncio' | 'trio' | 'anyio' {
  const has = (name: string) =>
    [...model.imports].some((i) => i === name || i.startsWith(`${name}.`));
  if (has('asyncio')) return 'asyncio';
  if (has('trio')) return 'trio';
  return has('anyio') ? 'anyio' : 'asyncio';
}

/** Names from the source short enough for a message. */
export function shown(model: PythonModel, expr: Expr): string {
  const text = source(model, expr).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
