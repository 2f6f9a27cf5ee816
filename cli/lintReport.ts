// Writes lint results as text for people, as JSON, and as SARIF 2.1.0 for code hosts.
import { assertNever } from '../base/assert.ts';
import type { Diagnostic, LintSeverity } from '../server/diagnostic.ts';
import { JAVASCRIPT_RULES } from '../server/javascript/rules.ts';
import { LineIndex } from '../server/lines.ts';
import { PYTHON_RULES } from '../server/rules.ts';
import type { LintFormat } from './lintOptions.ts';
import { LEVELS, sarifLog } from './sarif.ts';

export interface LintedFile {
  /** Relative to where the command runs, folders split by `/`. */
  readonly path: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly fixed: boolean;
}

export function lintReport(files: readonly LintedFile[], format: LintFormat): string {
  switch (format) {
    case 'text':
      return asText(files);
    case 'json':
      return `${JSON.stringify(asJson(files))}\n`;
    case 'sarif':
      return `${JSON.stringify(asSarif(files), undefined, 2)}\n`;
    default:
      return assertNever(format);
  }
}

/** Lines and columns count from 1, as editors show them. */
function places({ text, diagnostics }: LintedFile) {
  const lines = new LineIndex(text);
  return diagnostics.map((diagnostic) => {
    const start = lines.positionAt(diagnostic.start);
    const end = lines.positionAt(diagnostic.end);
    return {
      diagnostic,
      line: start.line + 1,
      column: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
    };
  });
}

function asText(files: readonly LintedFile[]): string {
  const out: string[] = [];
  const counts: Record<LintSeverity, number> = { error: 0, warning: 0, info: 0, hint: 0 };
  let fixable = 0;
  for (const file of files) {
    for (const { diagnostic, line, column } of places(file)) {
      const { severity, rule, message } = diagnostic;
      counts[severity]++;
      if (diagnostic.fixes.some((fix) => fix.automatic)) fixable++;
      out.push(`${file.path}:${line}:${column}: ${severity} ${rule}: ${message}`);
    }
  }
  const fixed = files.filter((file) => file.fixed).length;
  if (fixed > 0) out.push(`Fixed ${count(fixed, 'file')}.`);
  const kinds = (Object.keys(counts) as LintSeverity[]).filter((kind) => counts[kind] > 0);
  const found = kinds.map((kind) =>
    kind === 'info' ? `${counts.info} info` : count(counts[kind], kind),
  );
  const more = fixable > 0 ? `; --fix mends ${fixable}` : '';
  out.push(`${count(files.length, 'file')}: ${found.join(', ') || 'nothing found'}${more}.`);
  return `${out.join('\n')}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function asJson(files: readonly LintedFile[]) {
  const diagnostics = files.flatMap((file) =>
    places(file).map(({ diagnostic, ...place }) => ({
      file: file.path,
      ...place,
      rule: diagnostic.rule,
      severity: diagnostic.severity,
      message: diagnostic.message,
      fixable: diagnostic.fixes.some((fix) => fix.automatic),
    })),
  );
  return {
    version: 1,
    files: files.length,
    fixed: files.filter((file) => file.fixed).map((file) => file.path),
    diagnostics,
  };
}

function asSarif(files: readonly LintedFile[]) {
  const used = new Set(files.flatMap((file) => file.diagnostics.map((each) => each.rule)));
  const known = [...PYTHON_RULES, ...JAVASCRIPT_RULES];
  const rules = known
    .filter((rule) => used.has(rule.id))
    .map((rule) => ({
      id: rule.id,
      level: LEVELS[rule.severity],
      title: rule.title,
    }));
  const results = files.flatMap((file) =>
    places(file).map(({ diagnostic, line, column, endLine, endColumn }) => ({
      ruleId: diagnostic.rule,
      level: LEVELS[diagnostic.severity],
      message: { text: diagnostic.message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(file.path) },
            region: { startLine: line, startColumn: column, endLine, endColumn },
          },
        },
      ],
    })),
  );
  return sarifLog(rules, results);
}
