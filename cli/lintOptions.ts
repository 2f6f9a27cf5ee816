// Reads the arguments of `interleave lint`.
import type { LintSeverity } from '../server/diagnostic.ts';
import { JAVASCRIPT_RULES } from '../server/javascript/rules.ts';
import { PYTHON_RULES } from '../server/rules.ts';

export type LintFormat = 'text' | 'json' | 'sarif';

export interface LintOptions {
  readonly help: boolean;
  readonly paths: readonly string[];
  readonly format: LintFormat;
  readonly fix: boolean;
  readonly severity: LintSeverity;
  readonly failOn: LintSeverity;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly blocking: readonly string[];
  readonly syncAtTopLevel: boolean;
}

export const LINT_HELP = `interleave lint [options] PATH…

Finds concurrency mistakes in source files and folders.

  --format text|json|sarif   how to write the result (text)
  --fix                      apply the automatic fixes first
  --severity LEVEL           the least severity shown: error, warning, info or hint
                             (info; hint with json, --select and --fail-on hint)
  --fail-on LEVEL            the least severity that gives exit status 1 (warning)
  --select RULE[,RULE…]      these rules only
  --ignore RULE[,RULE…]      all but these rules
  --blocking NAME[,NAME…]    dotted names that block, besides those known; * matches anything
  --sync-at-top-level        mark synchronous calls at the top of JavaScript modules too

Exit status: 0 nothing found, 1 something of severity --fail-on or worse, 2 unusable arguments.
`;

const LEVELS: readonly string[] = ['error', 'warning', 'info', 'hint'];
const FORMATS: readonly string[] = ['text', 'json', 'sarif'];

/** The options, or a sentence that says what is wrong with the arguments. */
export function readLintOptions(args: readonly string[]): LintOptions | string {
  const paths: string[] = [];
  const given = new Map<string, string>();
  const flags = new Set<string>();
  let onlyPaths = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (onlyPaths || !arg.startsWith('-')) paths.push(arg);
    else if (arg === '--') onlyPaths = true;
    else if (arg === '--fix' || arg === '--sync-at-top-level') flags.add(arg);
    else if (arg === '--help' || arg === '-h') flags.add('--help');
    else {
      const [name, inline] = arg.split(/=(.*)/s, 2) as [string, string | undefined];
      if (!/^--(?:format|severity|fail-on|select|ignore|blocking)$/.test(name))
        return `lint knows no option ${name}; interleave lint --help lists them.`;
      const value = inline ?? args[++at];
      if (value === undefined) return `${name} needs a value; interleave lint --help says which.`;
      given.set(name, value);
    }
  }
  const format = given.get('--format') ?? 'text';
  if (!FORMATS.includes(format)) return `${format} is no format; use text, json or sarif.`;
  for (const name of ['--severity', '--fail-on']) {
    const level = given.get(name);
    if (level !== undefined && !LEVELS.includes(level))
      return `${level} is no severity; use error, warning, info or hint.`;
  }
  const list = (name: string) =>
    given
      .get(name)
      ?.split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '') ?? [];
  const known = new Set([...PYTHON_RULES, ...JAVASCRIPT_RULES].map((rule) => rule.id));
  const unknown = [...list('--select'), ...list('--ignore')].find(
    (rule) => !known.has(rule) && !/^[a-z]+(?:-[a-z]+)+$/.test(rule),
  );
  if (unknown !== undefined)
    return `${unknown} is no rule; the rules are named like blocking-sleep.`;
  if (paths.length === 0 && !flags.has('--help'))
    return 'Name the files or folders to lint: interleave lint PATH…';
  // Programs choose for themselves; who names a rule wants to see it, and who fails for hints why.
  const all = format === 'json' || given.has('--select') || given.get('--fail-on') === 'hint';
  return {
    help: flags.has('--help'),
    paths,
    format: format as LintFormat,
    fix: flags.has('--fix'),
    severity: (given.get('--severity') ?? (all ? 'hint' : 'info')) as LintSeverity,
    failOn: (given.get('--fail-on') ?? 'warning') as LintSeverity,
    select: list('--select'),
    ignore: list('--ignore'),
    blocking: list('--blocking'),
    syncAtTopLevel: flags.has('--sync-at-top-level'),
  };
}
