/** Splits a command line of ours from the one of the profiled program, and checks ours. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { RULES, type RuleId, type Severity } from '../wire/rules.ts';
import { UsageError } from './usageError.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export interface Split {
  readonly ours: readonly string[];
  /** The program and its arguments, untouched. */
  readonly program: readonly string[];
  /** True after `--`: a command and no file. */
  readonly isCommand: boolean;
}

/** Ours ends at the first word that is no option and no option's value, or at `--`. */
export function splitProgram(args: readonly string[], options: Options): Split {
  let index = 0;
  while (index < args.length) {
    const word = args[index] ?? '';
    if (word === '--') {
      return { ours: args.slice(0, index), program: args.slice(index + 1), isCommand: true };
    }
    // Python's own way to name a module.
    if (!word.startsWith('-') || word === '-' || word === '-m') break;
    const takesNext = !word.includes('=') && optionOf(word, options)?.type === 'string';
    index += takesNext ? 2 : 1;
  }
  return { ours: args.slice(0, index), program: args.slice(index), isCommand: false };
}

function optionOf(word: string, options: Options): Options[string] | undefined {
  if (word.startsWith('--')) return options[word.slice(2)];
  return Object.values(options).find((option) => option.short === word.slice(1));
}

/** `parseArgs`, with its complaints as ours. */
export function parse<T extends Options>(args: readonly string[], options: T, positionals = false) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: positionals });
  } catch (failure) {
    const text = failure instanceof Error ? failure.message : String(failure);
    throw new UsageError(sentence(text, options));
  }
}

function sentence(text: string, options: Options): string {
  const unknown = /^Unknown option '([^']*)'/.exec(text)?.[1];
  if (unknown === undefined) return text.split('. ')[0]?.replace(/\.?$/, '.') ?? text;
  const near = Object.keys(options).find((name) => isNear(unknown.replace(/^-+/, ''), name));
  const hint = near === undefined ? '' : ` Did you mean --${near}?`;
  return `There is no option ${unknown}.${hint}`;
}

/** One slip of the finger away: a letter more, less, other or two swapped; or the beginning of it. */
export function isNear(typed: string, name: string): boolean {
  if (typed.length >= 3 && name.startsWith(typed)) return true;
  if (Math.abs(typed.length - name.length) > 1 || typed.length < 3) return false;
  let at = 0;
  while (at < typed.length && typed[at] === name[at]) at++;
  const rest = typed.slice(at);
  const wanted = name.slice(at);
  return (
    rest.slice(1) === wanted ||
    rest === wanted.slice(1) ||
    rest.slice(1) === wanted.slice(1) ||
    (rest[0] === wanted[1] && rest[1] === wanted[0] && rest.slice(2) === wanted.slice(2))
  );
}

/** The one recording that a command is about. */
export function oneRecording(positionals: readonly string[]): string {
  const [path, ...others] = positionals;
  if (path === undefined) {
    throw new UsageError(
      'Which recording?',
      'A recording is made by: interleave run --output NAME.interleave FILE.py',
    );
  }
  if (others.length > 0) throw new UsageError('One recording at a time, please.');
  return path;
}

/** One of a few words, or the first of them when nothing was said. */
export function choice<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (value === undefined) return choices[0];
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} is ${choices.join(' or ')}, not ${JSON.stringify(value)}.`);
}

/** Seconds as milliseconds. */
export function seconds(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0 || number > 2_000_000) {
    throw new UsageError(`--${name} is a number of seconds above 0, not ${JSON.stringify(value)}.`);
  }
  return number * 1000;
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** What `--fail-on` names: rules, or severities, which include the worse ones. */
export function failOn(value: string | undefined): (rule: RuleId, severity: Severity) => boolean {
  const words = (value ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  for (const word of words) {
    if (word in RULES || SEVERITIES.some((severity) => severity === word)) continue;
    const near = [...Object.keys(RULES), ...(SEVERITIES as readonly string[])].find((name) =>
      isNear(word, name),
    );
    throw new UsageError(
      `--fail-on knows no rule or severity ${JSON.stringify(word)}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      `Rules: ${Object.keys(RULES).join(', ')}. Severities: ${SEVERITIES.join(', ')}.`,
    );
  }
  if (value !== undefined && words.length === 0) {
    throw new UsageError('--fail-on names no rule and no severity.');
  }
  const worst = Math.max(...words.map((word) => (SEVERITIES as readonly string[]).indexOf(word)));
  return (rule, severity) => words.includes(rule) || SEVERITIES.indexOf(severity) <= worst;
}
