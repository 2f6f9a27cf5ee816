/** Finds what can be profiled in a Python file: the program itself, its tests, its top-level functions. Pure text work. */
import type { Target } from './program.ts';

export interface LensTarget {
  /** Counted from 0. */
  readonly line: number;
  /** Absent: the file itself is run. */
  readonly target?: Target;
}

const MAIN_GUARD = /^if\s+__name__\s*==\s*(['"])__main__\1/;
const MAIN_GUARD_TURNED = /^if\s+(['"])__main__\1\s*==\s*__name__/;
/** Where a script without a guard goes to work, in one line or in the first line of a block. */
const WORKS =
  /^(?:[\w.]+\s*=\s*)?(?:[\w.]+\.)?(?:main|run|run_until_complete|run_forever|serve_forever|start|join)\(|^\[\w+\.(?:start|join)\(|^with\b.*(?:Executor|Pool)\(/;
const LOOP = /^for\s+\w+\s+in\b.*:/;
const STARTS = /(?:^|[\s:])\w+\.(?:start|join)\(/;
const FUNCTION = /^(\s*)(async\s+)?def\s+(\w+)\s*\(([^)]*)/;
const CLASS = /^class\s+(\w+)/;

/**
 * `main()` and the main guard run the file; without a guard, the first line that sets to work does. Tests are functions `test…` at top level or in a class `Test…` or `…Test(s)`.
 * Top-level coroutine functions without parameters that must be given can be run by themselves.
 */
export function lensTargets(text: string): readonly LensTarget[] {
  const targets: LensTarget[] = [];
  const lines = text.split(/\r?\n/);
  const quotes = new TripleQuotes();
  let testClass: string | undefined;
  let works = false;
  const guarded = lines.some((line) => MAIN_GUARD.test(line) || MAIN_GUARD_TURNED.test(line));
  lines.forEach((line, index) => {
    if (quotes.inside(line)) return;
    if (MAIN_GUARD.test(line) || MAIN_GUARD_TURNED.test(line)) targets.push({ line: index });
    if (!works && !guarded && setsToWork(line, lines[index + 1] ?? '')) {
      works = true;
      targets.push({ line: index });
    }
    const className = CLASS.exec(line)?.[1];
    if (className !== undefined) {
      testClass = isTestClass(className) ? className : undefined;
      return;
    }
    const [, indent = '', isAsync, name = '', parameters = ''] = FUNCTION.exec(line) ?? [];
    if (name === '') return;
    if (indent === '') testClass = undefined;
    const target = targetOf(name, isAsync !== undefined, indent === '', testClass, parameters);
    if (target === 'file') {
      if (guarded) targets.push({ line: index });
    } else if (target !== undefined) targets.push({ line: index, target });
  });
  return targets;
}

function setsToWork(line: string, next: string): boolean {
  return WORKS.test(line) || (LOOP.test(line) && (STARTS.test(line) || STARTS.test(next)));
}

function targetOf(
  name: string,
  isAsync: boolean,
  isTopLevel: boolean,
  testClass: string | undefined,
  parameters: string,
): Target | 'file' | undefined {
  if (isTopLevel && name === 'main') return 'file';
  if (name.startsWith('test')) {
    if (isTopLevel) return { kind: 'test', name };
    return testClass === undefined ? undefined : { kind: 'test', name: `${testClass}.${name}` };
  }
  if (!isTopLevel || !isAsync || needsArguments(parameters)) return undefined;
  return { kind: 'coroutine', name };
}

function isTestClass(name: string): boolean {
  return /^Test|Tests?$/.test(name);
}

function needsArguments(parameters: string): boolean {
  return parameters
    .split(',')
    .map((parameter) => parameter.trim())
    .some((parameter) => parameter !== '' && !parameter.includes('=') && !/^[*/]/.test(parameter));
}

/** What stands at a line: something that can be run, or why it cannot. */
export type AtLine =
  | { readonly kind: 'target'; readonly target: Target | undefined }
  | { readonly kind: 'needsArguments'; readonly name: string };

/**
 * The test, test class or top-level function around a line; the file itself for its main program and for what stands outside.
 * @param line counted from 0.
 */
export function targetAt(text: string, line: number): AtLine {
  const lines = text.split(/\r?\n/);
  const quotes = new TripleQuotes();
  let block: { readonly start: number; readonly decorated: number } | undefined;
  let decorated: number | undefined;
  for (const [index, each] of lines.entries()) {
    const quoted = quotes.inside(each);
    if (quoted || !/^[^\s#)\]}]/.test(each)) continue;
    if (each.startsWith('@')) {
      decorated ??= index;
      continue;
    }
    if ((decorated ?? index) > line) break;
    block = { start: index, decorated: decorated ?? index };
    decorated = undefined;
  }
  const whole: AtLine = { kind: 'target', target: undefined };
  const head = lines[block?.start ?? -1] ?? '';
  const className = CLASS.exec(head)?.[1];
  if (className !== undefined) {
    const inside = lensTargets(text).filter(
      (one) => one.line > (block?.start ?? 0) && one.line <= line && one.target !== undefined,
    );
    const nearest = inside.at(-1)?.target;
    if (nearest !== undefined) return { kind: 'target', target: nearest };
    const isTest = isTestClass(className);
    return isTest ? { kind: 'target', target: { kind: 'test', name: className } } : whole;
  }
  const [, , isAsync, name = ''] = FUNCTION.exec(head) ?? [];
  if (name === '' || name === 'main') return whole;
  if (name.startsWith('test')) return { kind: 'target', target: { kind: 'test', name } };
  // Parameters may go on over several lines.
  const parameters = /\(([^)]*)/.exec(lines.slice(block?.start).join('\n'))?.[1] ?? '';
  if (needsArguments(parameters)) return { kind: 'needsArguments', name };
  return { kind: 'target', target: { kind: isAsync ? 'coroutine' : 'function', name } };
}

/** Knows whether a line stands inside a triple-quoted string. */
class TripleQuotes {
  #open: string | undefined;

  inside(line: string): boolean {
    const was = this.#open !== undefined;
    for (const [quote] of line.matchAll(/"""|'''/g)) {
      if (this.#open === undefined) this.#open = quote;
      else if (this.#open === quote) this.#open = undefined;
    }
    return was;
  }
}
