// Runs the rules over one Python file.
import type { Diagnostic } from '../diagnostic.ts';
import { LineIndex } from '../lines.ts';
import type { Context } from '../rule.ts';
import type { Rule } from '../ruleEntry.ts';
import { PYTHON_RULES } from '../rules.ts';
import type { LintSettings } from '../settings.ts';
import { readSuppressions } from '../suppressions.ts';
import { launches } from './concurrency.ts';
import { neverRun } from './deadCode.ts';
import { Effects } from './effects.ts';
import { lineEnd, lineStart } from './fixes.ts';
import type { Resolver } from './resolve.ts';
import { isSilenced, meantToFail, switchedOff } from './silenced.ts';

function lineOf(text: string, at: number): string {
  return text.slice(lineStart(text, at), lineEnd(text, at));
}

/** Diagnostics of a file in source order. `cancelled` is asked between rules; when it says yes the answer is undefined. */
export function analyse(
  resolver: Resolver,
  settings: LintSettings,
  cancelled: () => boolean = () => false,
  rules: readonly Rule[] = PYTHON_RULES,
): Diagnostic[] | undefined {
  const { model } = resolver;
  const found: Diagnostic[] = [];
  if (!settings.enabled) return found;
  const lines = new LineIndex(model.text);
  const suppressed = readSuppressions(model.text);
  const isOff = switchedOff(model.text);
  const effects = new Effects();
  let isMeantToFail: ((at: number) => boolean) | undefined;
  let isDead: ((at: number) => boolean) | undefined;
  let rule: Rule = PYTHON_RULES[0]!;
  const context: Context = {
    model,
    resolver,
    effects,
    locks: effects.locksOf(resolver),
    blockingNames: new Set(settings.blocking),
    report(at, message, more) {
      const severity = settings.rules[rule.id] ?? more?.severity ?? rule.severity;
      if (severity === 'off') return;
      const line = lines.lineAt(at.start);
      if (suppressed.has(rule.id, line, lines.lineAt(at.end))) return;
      if (isSilenced(lineOf(model.text, at.start), rule.id) || isOff(rule.id, at.start)) return;
      isMeantToFail ??= meantToFail(model);
      isDead ??= neverRun(model);
      if (isMeantToFail(at.start) || isDead(at.start)) return;
      const { start, end } = at;
      found.push({
        rule: rule.id,
        severity,
        start,
        end,
        message,
        fixes: more?.fixes ?? [],
        related: more?.related ?? [],
      });
    },
  };
  // What needs no word of threads or tasks asks for none that are started.
  if (rules.some(({ needs }) => needs.words.length > 0)) launches(resolver);
  for (rule of rules) {
    if (cancelled()) return undefined;
    if (settings.rules[rule.id] === 'off') continue;
    rule.check(context);
  }
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}
