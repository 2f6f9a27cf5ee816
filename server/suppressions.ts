// Comments that silence lints: `# interleave: ignore[rule, rule]` on the line, or `# interleave: ignore-file[rule]` anywhere.

export interface Suppressions {
  /** Whether a rule is silenced for something that starts on this line and stands in a statement that starts on that one. */
  has(rule: string, line: number, statementLine: number): boolean;
}

const COMMENT = /(?:#|\/\/)[^\n]*?\binterleave:\s*ignore(-file)?(?:\[([^\]\n]*)\])?/g;

/** Lines count from 0. A comment that is alone on its line speaks of the next one. */
export function readSuppressions(text: string): Suppressions {
  if (!text.includes('interleave:')) return { has: () => false };
  const lines = new Map<number, Set<string>>();
  const file = new Set<string>();
  for (const match of text.matchAll(COMMENT)) {
    const rules = match[2]?.split(',').map((rule) => rule.trim()) ?? ['*'];
    if (match[1] !== undefined) {
      for (const rule of rules) file.add(rule);
      continue;
    }
    const before = text.slice(0, match.index);
    const ownLine = before.slice(before.lastIndexOf('\n') + 1).trim() === '';
    const line = before.split('\n').length - 1 + (ownLine ? 1 : 0);
    const set = lines.get(line) ?? new Set<string>();
    for (const rule of rules) set.add(rule);
    lines.set(line, set);
  }
  const matches = (set: Set<string> | undefined, rule: string) =>
    set !== undefined && (set.has('*') || set.has(rule));
  return {
    has: (rule, line, statementLine) =>
      matches(file, rule) ||
      matches(lines.get(line), rule) ||
      matches(lines.get(statementLine), rule),
  };
}
