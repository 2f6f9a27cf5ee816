// Runs the rules over one JavaScript file.
import type { Diagnostic } from '../diagnostic.ts';
import { LineIndex } from '../lines.ts';
import type { LintSettings } from '../settings.ts';
import { readSuppressions } from '../suppressions.ts';
import { readDisabled } from './disabled.ts';
import type { Resolver } from './resolve.ts';
import type { Context } from './rule.ts';
import { JAVASCRIPT_RULES, type JavascriptRule } from './rules.ts';

/** Diagnostics of a file in source order. `cancelled` is asked between rules; when it says yes the answer is undefined. */
export function analyse(
  resolver: Resolver,
  settings: LintSettings,
  cancelled: () => boolean = () => false,
): Diagnostic[] | undefined {
  const { model } = resolver;
  const found: Diagnostic[] = [];
  if (!settings.enabled) return found;
  const lines = new LineIndex(model.text);
  const suppressed = readSuppressions(model.text);
  const disabled = readDisabled(model.text);
  let rule: JavascriptRule = JAVASCRIPT_RULES[0]!;
  const context: Context = {
    model,
    resolver,
    settings,
    report(at, message, more) {
      const severity = settings.rules[rule.id] ?? more?.severity ?? rule.severity;
      if (severity === 'off') return;
      const { start, end } = at;
      const line = lines.lineAt(start);
      if (suppressed.has(rule.id, line, lines.lineAt(end)) || disabled.has(rule.id, line, line))
        return;
      const fixes = more?.fixes ?? [];
      found.push({
        rule: rule.id,
        severity,
        start,
        end,
        message,
        fixes,
        related: more?.related ?? [],
      });
    },
  };
  for (rule of JAVASCRIPT_RULES) {
    if (cancelled()) return undefined;
    if (settings.rules[rule.id] === 'off') continue;
    rule.check(context);
  }
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}
