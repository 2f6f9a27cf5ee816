// What the service says about a text: problems with their place, their explanation and their ways out.

/** Offsets are UTF-16 units into the text; an empty range inserts. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** True when the program means the same afterwards but for the fault: such fixes may be applied unseen. */
  readonly automatic: boolean;
}

export interface Related {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

export type LintSeverity = 'error' | 'warning' | 'info' | 'hint';

export interface Diagnostic {
  readonly rule: string;
  readonly severity: LintSeverity;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly fixes: readonly Fix[];
  readonly related: readonly Related[];
}

/** Fixes as a text wants them: with the ends of lines it has, and behind its byte order mark. */
export function fitting(text: string): ((fix: Fix) => Fix) | undefined {
  const first = text.indexOf('\n');
  const isWindows = first > 0 && text[first - 1] === '\r';
  const from = text.startsWith('\uFEFF') ? 1 : 0;
  if (!isWindows && from === 0) return undefined;
  const fit = ({ start, end, text: added }: Edit): Edit => ({
    start: Math.max(start, from),
    end: Math.max(end, from),
    text: isWindows ? added.replace(/\r?\n/g, '\r\n') : added,
  });
  return (fix) => ({ ...fix, edits: fix.edits.map(fit) });
}

/** Applies edits that don't overlap; where two do, the one that starts first wins. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.index - b.index);
  let out = '';
  let at = 0;
  for (const { edit } of sorted) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

/** The automatic fixes that can be applied together: none touches a place that an earlier one changes. */
export function compatibleFixes(diagnostics: readonly Diagnostic[]): Fix[] {
  const taken: Fix[] = [];
  const used: Edit[] = [];
  for (const { fixes } of diagnostics) {
    const fix = fixes.find((each) => each.automatic);
    if (fix === undefined) continue;
    const free = fix.edits.every((edit) =>
      used.every((other) => same(edit, other) || edit.end < other.start || other.end < edit.start),
    );
    if (!free) continue;
    taken.push({
      ...fix,
      edits: fix.edits.filter((edit) => !used.some((other) => same(edit, other))),
    });
    used.push(...fix.edits);
  }
  return taken;
}

function same(a: Edit, b: Edit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}
