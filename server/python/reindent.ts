// Edits that move whole statements: one step to the right, or elsewhere, keeping their comments and the lines between them.
import type { Edit } from '../diagnostic.ts';
import type { Stmt } from './ast.ts';
import { indentation, indentStep, lineEnd, lineStart } from './fixes.ts';
import type { PythonModel } from './model.ts';

/**
 * Indents the lines of these neighbouring statements by one step; undefined where that would change a string that
 * spans lines or where a statement shares its line with another.
 */
export function indented(model: PythonModel, statements: readonly Stmt[]): Edit[] | undefined {
  const { text } = model;
  const first = statements[0];
  const last = statements.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (text.slice(lineStart(text, first.start), first.start).trim() !== '') return undefined;
  if (/"""|'''|\\\n/.test(text.slice(first.start, last.end))) return undefined;
  const step = indentStep(text);
  const edits: Edit[] = [];
  for (let at = lineStart(text, first.start); at < last.end; at = lineEnd(text, at)) {
    if (text.slice(at, lineEnd(text, at)).trim() !== '')
      edits.push({ start: at, end: at, text: step });
  }
  return edits;
}

/** Removes a statement together with its line; undefined when it shares the line. */
export function removedLine(model: PythonModel, statement: Stmt): Edit | undefined {
  const { text } = model;
  const start = lineStart(text, statement.start);
  const end = lineEnd(text, statement.end);
  const rest = text.slice(start, statement.start) + text.slice(statement.end, end);
  return rest.trim() === '' ? { start, end, text: '' } : undefined;
}

/** Takes a statement with its lines out and puts it at the start of another line; undefined where lines are shared or strings span them. */
export function moved(
  model: PythonModel,
  statement: Stmt,
  at: number,
  indent: string,
): Edit[] | undefined {
  const { text } = model;
  const gone = removedLine(model, statement);
  if (gone === undefined || /"""|'''|\\\n/.test(text.slice(statement.start, statement.end)))
    return undefined;
  const old = indentation(text, statement.start);
  const lines = text.slice(gone.start, gone.end).split('\n');
  const there = lines.map((line) =>
    line.startsWith(old) && line.trim() !== '' ? indent + line.slice(old.length) : line,
  );
  const whole = there.join('\n');
  return [gone, { start: at, end: at, text: whole.endsWith('\n') ? whole : `${whole}\n` }];
}
