/** Finds what can be profiled in a JavaScript or TypeScript file: the program itself, and its tests of node:test. Pure text work. */
import type { AtLine, LensTarget } from './lensTargets.ts';

/** Says that the file may be both a module and a program. */
const MAIN_GUARD =
  /^(?!import\b)\S.*(?:require\.main\s*={2,3}\s*module|module\s*={2,3}\s*require\.main|\bimport\.meta\.main\b|\bisMainThread\s*(?:\)|&&|\?))/;
const MAIN = /^(?:async\s+)?function\s+main\s*\(|^const\s+main\s*=\s*(?:async\b|\()/;
/** A statement at the margin that calls something, waits for something or loops. */
const WORKS =
  /^(?:(?:const|let|var)\b[^=]*=\s*)?await\b|^(?:void\s+)?[A-Za-z_$][\w$]*(?:\s*\??\.\s*[\w$]+|\[[^\]]*\])*\s*\(|^new\s+Worker\(|^for\b|^while\b/;
const NO_WORK = /^(?:if|function|switch|return|import|require|describe|suite|test|it|catch)\b/;
const EXPORTS = /^export\b|^module\.exports\b|^exports\.\w/;
/** What only runs in a page, unless something of Node is there too. */
const BROWSER = /\b(?:document|window)\.\w/;
const NODE =
  /\bfrom\s+['"]node:|\brequire\(|\bprocess\.(?:argv|env|stdout|stdin|on|exit|pid|memoryUsage|hrtime)\b|\bimport\(/;
const NODE_TEST = /\bfrom\s+['"]node:test['"]|\brequire\(\s*['"]node:test['"]\s*\)/;
const TEST =
  /^\s*(?:await\s+)?(?:test|it|describe|suite)(?:\.only)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/;

/**
 * `main` and the main guard run the file; without them, in a file that exports nothing, the first line that sets to work does.
 * Tests are those of node:test, which run with the file itself; other runners have to be named as a command.
 */
export function nodeLensTargets(text: string): readonly LensTarget[] {
  const lines = code(text);
  const tests = testsIn(text, lines);
  if (tests.length > 0) return tests;
  const isModule = lines.some((line) => EXPORTS.test(line));
  const isBrowser = BROWSER.test(text) && !NODE.test(text);
  const guards = lines.flatMap((line, index) => (MAIN_GUARD.test(line) ? [index] : []));
  const mains = lines.flatMap((line, index) => (MAIN.test(line) ? [index] : []));
  const guard = guards.at(-1);
  if (guard !== undefined || (mains.length > 0 && !isModule)) {
    const called =
      guard ?? lines.findLastIndex((line) => /^(?:void\s+|await\s+)?main\(/.test(line));
    return [...mains.slice(0, 1), called].filter((line) => line >= 0).map((line) => ({ line }));
  }
  if (isModule || isBrowser) return [];
  const first = lines.findIndex((line) => WORKS.test(line) && !NO_WORK.test(line));
  return first < 0 ? [] : [{ line: first }];
}

/** The test around a line; the file itself elsewhere. @param line counted from 0. */
export function nodeTargetAt(text: string, line: number): AtLine {
  const lines = text.split(/\r?\n/);
  let found: LensTarget | undefined;
  for (const test of testsIn(text, code(text))) {
    if (test.line <= line && line <= endOf(lines, test.line)) found = test;
  }
  return { kind: 'target', target: found?.target };
}

function testsIn(text: string, lines: readonly string[]): readonly LensTarget[] {
  if (!NODE_TEST.test(text)) return [];
  return lines.flatMap((each, line) => {
    const [, quote, name] = TEST.exec(each) ?? [];
    // What a template makes of a name is known only when it runs.
    if (name === undefined || (quote === '`' && name.includes('$' + '{'))) return [];
    return [{ line, target: { kind: 'test' as const, name: name.replace(/\\(.)/g, '$1') } }];
  });
}

/** A block ends where something stands again as far left as its first line did, closing brackets included. */
function endOf(lines: readonly string[], start: number): number {
  const indent = lines[start]!.search(/\S/);
  const after = lines.findIndex(
    (line, index) => index > start && line.trim() !== '' && line.search(/\S/) <= indent,
  );
  if (after < 0) return lines.length - 1;
  return /^\s*[)}\]]/.test(lines[after]!) ? after : after - 1;
}

/** The lines, empty where they are inside of a comment or of a template that goes over several lines. */
function code(text: string): readonly string[] {
  let inside: '*/' | '`' | undefined;
  return text.split(/\r?\n/).map((line) => {
    const was = inside;
    for (const [mark] of line.matchAll(
      /\/\/.*|\/\*|\*\/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\\.|`/g,
    )) {
      if (inside === undefined && mark === '/*') inside = '*/';
      else if (inside === undefined && mark === '`') inside = '`';
      else if (inside === mark) inside = undefined;
    }
    return was === undefined ? line : '';
  });
}
