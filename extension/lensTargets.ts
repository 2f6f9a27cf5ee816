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
const FUNCTION = /^(\s*)(async\s+)?def\s+(\w+)\s*\(([^)]*)/;
const CLASS = /^class\s+(\w+)/;

/**
 * `main()` and the main guard run the file. Tests are functions `test…` at top level or in a class `Test…` or `…Test(s)`.
 * Top-level coroutine functions without parameters that must be given can be run by themselves.
 */
export function lensTargets(text: string): readonly LensTarget[] {
  const targets: LensTarget[] = [];
  const lines = text.split(/\r?\n/);
  const quotes = new TripleQuotes();
  let testClass: string | undefined;
  const guarded = lines.some((line) => MAIN_GUARD.test(line) || MAIN_GUARD_TURNED.test(line));
  lines.forEach((line, index) => {
    if (quotes.inside(line)) return;
    if (MAIN_GUARD.test(line) || MAIN_GUARD_TURNED.test(line)) targets.push({ line: index });
    const className = CLASS.exec(line)?.[1];
    if (className !== undefined) {
      testClass = /^Test|Tests?$/.test(className) ? className : undefined;
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

function needsArguments(parameters: string): boolean {
  return parameters
    .split(',')
    .map((parameter) => parameter.trim())
    .some((parameter) => parameter !== '' && !parameter.includes('=') && !/^[*/]/.test(parameter));
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
