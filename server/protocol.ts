// Turns the service's answers into what the language server protocol wants.
import {
  type CodeAction,
  CodeActionKind,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import { assertNever } from '../base/assert.ts';
import { SOURCE } from '../wire/service.ts';
import type { Diagnostic, Edit, Fix, LintSeverity } from './diagnostic.ts';
import type { Evidence } from './evidence.ts';
import { LineIndex } from './lines.ts';

export interface Where {
  readonly path: string;
  readonly uri: string;
  readonly lines: LineIndex;
  /** Folder URI of the rules' pages, without a slash at its end. */
  readonly docs: string | undefined;
  uriOf(path: string): string;
  textOf(path: string): string | undefined;
}

const UNNECESSARY = new Set(['needless-async', 'single-task-group']);
const DEPRECATED = new Set(['deprecated-threading-name', 'deprecated-loop-access']);

/** `data` of a lint's diagnostic: editors hand it back with what quick fixes are asked for. */
const LINT = 'lint';

export function toLsp(found: Diagnostic, where: Where, evidence: Evidence): LspDiagnostic {
  const range = rangeOf(found, where.lines);
  const seen = evidence.of(found.rule, where.path, range.start.line + 1, range.end.line + 1);
  const related = found.related.map(({ path, start, end, message }) => {
    const text = path === where.path ? undefined : where.textOf(path);
    const lines = path === where.path ? where.lines : new LineIndex(text ?? '');
    return { location: { uri: where.uriOf(path), range: rangeOf({ start, end }, lines) }, message };
  });
  const information = [
    ...seen.map(({ text }) => ({
      location: { uri: where.uri, range },
      message: `Last run: ${text}`,
    })),
    ...related,
  ];
  const tags = UNNECESSARY.has(found.rule)
    ? [DiagnosticTag.Unnecessary]
    : DEPRECATED.has(found.rule)
      ? [DiagnosticTag.Deprecated]
      : [];
  return {
    range,
    severity: severityOf(found.severity),
    code: found.rule,
    source: SOURCE,
    data: LINT,
    message: found.message,
    ...(where.docs === undefined
      ? {}
      : { codeDescription: { href: `${where.docs}/${found.rule}.md` } }),
    ...(information.length === 0 ? {} : { relatedInformation: information }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

export function severityOf(severity: LintSeverity): DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return DiagnosticSeverity.Error;
    case 'warning':
      return DiagnosticSeverity.Warning;
    case 'info':
      return DiagnosticSeverity.Information;
    case 'hint':
      return DiagnosticSeverity.Hint;
    default:
      return assertNever(severity);
  }
}

export function rangeOf({ start, end }: { start: number; end: number }, lines: LineIndex): Range {
  return { start: lines.positionAt(start), end: lines.positionAt(end) };
}

export function toTextEdits(edits: readonly Edit[], lines: LineIndex): TextEdit[] {
  return edits.map((edit) => ({ range: rangeOf(edit, lines), newText: edit.text }));
}

/** What the editor's side lists of a run, in the same file: of the same source, but no lint. */
export function isFinding({ source, code, data }: LspDiagnostic): boolean {
  return source === SOURCE && code !== undefined && data !== LINT;
}

export function fixAction(fix: Fix, mends: readonly LspDiagnostic[], where: Where): CodeAction {
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [...mends],
    isPreferred: fix.automatic,
    edit: { changes: { [where.uri]: toTextEdits(fix.edits, where.lines) } },
  };
}

/**
 * The quick fixes of one diagnostic, and the comment that silences it.
 * @param mends the diagnostic as it is shown, and what else its fixes mend.
 */
export function quickFixes(
  found: Diagnostic,
  mends: readonly LspDiagnostic[],
  where: Where,
  text: string,
): CodeAction[] {
  const actions = found.fixes.map((fix) => fixAction(fix, mends, where));
  const silence = ignoreComment(found, where.lines, text);
  actions.push({
    title: `Ignore ${found.rule} on this line`,
    kind: CodeActionKind.QuickFix,
    diagnostics: mends.slice(0, 1),
    edit: { changes: { [where.uri]: toTextEdits([silence], where.lines) } },
  });
  return actions;
}

function ignoreComment(found: Diagnostic, lines: LineIndex, text: string): Edit {
  const line = lines.lineAt(found.start);
  const start = lines.offsetAt({ line, character: 0 });
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? text.length : newline;
  const at = text[end - 1] === '\r' ? end - 1 : end;
  const known = /interleave:\s*ignore\[([^\]]*)\]/.exec(text.slice(start, at));
  if (known !== null) {
    const inside = start + known.index + known[0].length - 1;
    return { start: inside, end: inside, text: `, ${found.rule}` };
  }
  return { start: at, end: at, text: `  # interleave: ignore[${found.rule}]` };
}
