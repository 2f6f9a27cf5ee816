// What a user can set about the lints.
import type { LintSeverity } from './diagnostic.ts';

export interface LintSettings {
  readonly enabled: boolean;
  /** Severity by rule; `off` silences one. */
  readonly rules: Readonly<Record<string, LintSeverity | 'off'>>;
  /** Dotted names that block, besides those known; `*` matches anything, and `-> other` may say what to use instead. */
  readonly blocking: readonly string[];
  /** Whether synchronous calls at the top of a JavaScript module are marked too, where they only delay the start. */
  readonly syncAtTopLevel?: boolean;
}

export const DEFAULT_SETTINGS: LintSettings = { enabled: true, rules: {}, blocking: [] };

const SEVERITIES = new Set(['error', 'warning', 'info', 'hint', 'off']);

/** Reads settings that somebody typed: what can't be understood is as if it were not there. */
export function readSettings(value: unknown): LintSettings {
  if (typeof value !== 'object' || value === null) return DEFAULT_SETTINGS;
  const given = value as Record<'enabled' | 'rules' | 'blocking' | 'syncAtTopLevel', unknown>;
  const rules: Record<string, LintSeverity | 'off'> = {};
  for (const [rule, severity] of Object.entries(given.rules ?? {})) {
    if (SEVERITIES.has(severity)) rules[rule] = severity;
  }
  const blocking = Array.isArray(given.blocking)
    ? given.blocking.filter((name) => typeof name === 'string')
    : [];
  const syncAtTopLevel = given.syncAtTopLevel === true;
  return { enabled: given.enabled !== false, rules, blocking, syncAtTopLevel };
}
