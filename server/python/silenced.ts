// What a file says itself about its lints: comments for other linters, and blocks in which things are meant to fail.
import type { Call } from './ast.ts';
import { lineEnd } from './fixes.ts';
import type { PythonModel } from './model.ts';

/** Comments by which other linters are told that the same thing is meant, and the rules that stay silent then. */
const ELSEWHERE = new Map<string, readonly string[]>(
  Object.entries({
    ASYNC100: ['idle-timeout-scope'],
    ASYNC101: ['yield-in-scope'],
    ASYNC119: ['yield-in-scope'],
    ASYNC103: ['cancellation-swallowed'],
    ASYNC104: ['cancellation-swallowed'],
    ASYNC105: ['coroutine-not-awaited'],
    ASYNC109: ['timeout-parameter'],
    ASYNC110: ['async-busy-wait'],
    ASYNC112: ['single-task-group'],
    ASYNC121: ['jump-out-of-taskgroup'],
    ASYNC124: ['needless-async'],
    RUF029: ['needless-async'],
    ASYNC210: ['blocking-http'],
    ASYNC211: ['blocking-http'],
    ASYNC212: ['blocking-http'],
    ASYNC220: ['blocking-subprocess'],
    ASYNC221: ['blocking-subprocess'],
    ASYNC222: ['blocking-subprocess'],
    ASYNC230: ['blocking-file-io'],
    ASYNC231: ['blocking-file-io'],
    ASYNC232: ['blocking-file-io'],
    ASYNC240: ['blocking-file-io'],
    ASYNC250: ['blocking-input'],
    ASYNC251: ['blocking-sleep'],
    ASYNC300: ['task-dropped'],
    RUF006: ['task-dropped'],
    B023: ['late-bound-loop-variable'],
    B039: ['mutable-contextvar-default'],
    PLW1509: ['fork-with-threads'],
    PLW2101: ['lock-not-shared'],
    'unused-coroutine': ['coroutine-not-awaited'],
    reportUnusedCoroutine: ['coroutine-not-awaited'],
    'consider-using-with': ['acquire-without-with', 'pool-without-with'],
    'cell-var-from-loop': ['late-bound-loop-variable'],
    'bad-thread-instantiation': ['thread-target-positional'],
    'useless-with-lock': ['lock-not-shared'],
    'subprocess-popen-preexec-fn': ['fork-with-threads'],
    'not-async-context-manager': ['async-sync-mismatch'],
    'await-outside-async': ['async-sync-mismatch'],
    'deprecated-method': ['deprecated-threading-name'],
  }),
);

/** What pylint calls its messages beside their names. */
for (const [code, name] of [
  ['R1732', 'consider-using-with'],
  ['W0640', 'cell-var-from-loop'],
  ['W1506', 'bad-thread-instantiation'],
  ['W2101', 'useless-with-lock'],
  ['W1509', 'subprocess-popen-preexec-fn'],
  ['E1701', 'not-async-context-manager'],
  ['E1142', 'await-outside-async'],
  ['PLE1142', 'await-outside-async'],
  ['W4902', 'deprecated-method'],
] as const)
  ELSEWHERE.set(code, ELSEWHERE.get(name)!);

const COMMENT =
  /#\s*(?:type:\s*ignore\[([\w, -]+)\]|pyright:\s*ignore\[([\w, -]+)\]|pylint:\s*disable=([\w, -]+))/g;

/** flake8's and ruff's: with codes, or how they begin, or for all there is. */
const NOQA = /#\s*noqa\b(?:\s*:\s*((?:[A-Z]+\d+[,\s]*)+)|(?!\s*:))/gi;
/** The same for a whole file. */
const NOQA_FILE =
  /^[ \t]*#\s*(?:flake8|ruff)\s*:\s*noqa\b(?:\s*:\s*((?:[A-Z]+\d+[, ]*)+)|(?!\s*:))/gim;

/** A comment of pylint alone on its line, which holds until the block it stands in ends. */
const FROM_HERE = /^([ \t]*)#\s*pylint:\s*(disable(?:-next)?|enable)=([\w, -]+)/gm;

interface Stretch {
  readonly rules: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** Stretches of source in which pylint's counterpart of a rule is switched off. */
export function switchedOff(text: string): (rule: string, at: number) => boolean {
  const stretches: Stretch[] = [];
  if (!/pylint:|noqa/i.test(text)) return () => false;
  for (const [, codes] of text.matchAll(NOQA_FILE))
    stretches.push({ rules: rulesOf(codes), from: 0, to: text.length });
  for (const match of text.matchAll(FROM_HERE)) {
    const [comment, indentation = '', what, list = ''] = match;
    const rules = list.split(/[,\s]+/).flatMap((name) => ELSEWHERE.get(name) ?? []);
    if (what === 'enable' || rules.length === 0) continue;
    const from = match.index + comment.length;
    const to =
      what === 'disable'
        ? endOfBlock(text, from, indentation.length, list)
        : lineEnd(text, lineEnd(text, from));
    stretches.push({ rules, from, to });
  }
  return (rule, at) =>
    stretches.some(({ rules, from, to }) => from <= at && at < to && rules.includes(rule));
}

/** What a list of codes of flake8 and ruff speaks of; without one of all that those have. */
function rulesOf(codes: string | undefined): readonly string[] {
  const parts = codes?.toUpperCase().match(/[A-Z]+\d+/g) ?? [''];
  const isOne = (code: string) =>
    /^[A-Z]+\d+$/.test(code) && parts.some((part) => code.startsWith(part));
  return [...ELSEWHERE].flatMap(([code, rules]) => (isOne(code) ? rules : []));
}

/** Where code stands further to the left, or the same message is switched on again. */
function endOfBlock(text: string, from: number, indentation: number, list: string): number {
  const line = /^([ \t]*)(\S[^\n]*)$/gm;
  line.lastIndex = from;
  for (let match = line.exec(text); match !== null; match = line.exec(text)) {
    const [, before = '', rest = ''] = match;
    if (!rest.startsWith('#')) {
      if (before.length < indentation) return match.index;
    } else if (/pylint:\s*enable=/.test(rest) && rest.includes(list.trim())) return match.index;
  }
  return text.length;
}

/** Whether a line carries a comment by which another linter's counterpart of a rule was silenced there. */
export function isSilenced(line: string, rule: string): boolean {
  if (!line.includes('#')) return false;
  for (const [, codes] of line.matchAll(NOQA)) if (rulesOf(codes).includes(rule)) return true;
  for (const [, ...lists] of line.matchAll(COMMENT)) {
    for (const list of lists) {
      for (const name of list?.split(/[,\s]+/) ?? [])
        if (ELSEWHERE.get(name)?.includes(rule) === true) return true;
    }
  }
  return false;
}

const EXPECTS =
  /^(?:raises|warns|deprecated_call|RaisesGroup|assertRaises|assertRaisesRegex|assertWarns|assertWarnsRegex|check_warnings)$/;

/** Stretches of source in `with pytest.raises(…)` and its like: what stands there is there to go wrong. */
export function meantToFail(model: PythonModel): (at: number) => boolean {
  const stretches: { from: number; to: number }[] = [];
  for (const { items, body, end } of model.withs) {
    const expects = items.some(
      ({ value }) => value.kind === 'Call' && EXPECTS.test(lastName(value)),
    );
    if (expects && body[0] !== undefined) stretches.push({ from: body[0].start, to: end });
  }
  return (at) => stretches.some(({ from, to }) => from <= at && at < to);
}

function lastName({ func }: Call): string {
  if (func.kind === 'Attribute') return func.attr;
  return func.kind === 'Name' ? func.id : '';
}
