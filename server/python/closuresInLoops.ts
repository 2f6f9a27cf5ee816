// Whether a text has a function made in a loop: the one thing to lint in files that are not about concurrency at all.
import { functionReads, lambdasRead } from './outerNames.ts';

/**
 * A loop lasts as long as the lines are indented deeper than it; `):` on its indentation ends its head. How a line goes on is
 * told by its first character alone, so that no line can be read in two ways.
 */
const LOOP =
  /^([ \t]*)(?:for |while[ (]|async for )[^\n]*(?:\n|(?![\s\S]))(?:\1[ \t]+[^ \t\r\n)\]}][^\n]*(?:\n|(?![\s\S]))|[ \t]*(?:[\r)\]}][^\n]*)?\n)*/gm;
const FUNCTION = /^([ \t]*)(?:async )?def /gm;
const STARTS_LOOP = /\s*(?:for |while[ (]|async for )/y;

/**
 * Looks at how lines begin, not at what they mean. May say yes where there is nothing, and no only where a loop or a
 * comprehension is laid out in an unusual way.
 */
export function hasClosuresInLoops(code: string): boolean {
  const hasLambda = code.includes('lambda');
  if (hasLambda && hasLambdaInComprehension(code)) return true;
  for (const { 0: loop, index } of code.matchAll(LOOP)) {
    for (const def of loop.matchAll(FUNCTION))
      if (functionReads(code, index + def.index, def[1]!.length)) return true;
    if (!hasLambda) continue;
    const lambda = loop.indexOf('lambda');
    if (lambda !== -1 && lambdasRead(code, index + lambda, index + loop.length)) return true;
  }
  return false;
}

/** Beside a `for` in its line, or above one. */
function hasLambdaInComprehension(code: string): boolean {
  for (let at = code.indexOf('lambda'); at !== -1; at = code.indexOf('lambda', at + 1)) {
    const start = code.lastIndexOf('\n', at) + 1;
    const newline = code.indexOf('\n', at);
    const end = newline === -1 ? code.length : newline;
    const line = code.slice(start, end).trimStart();
    // Lines of quoted text may speak of lambdas.
    const isBeside = line.includes(' for ') && !/^["']/.test(line);
    STARTS_LOOP.lastIndex = end;
    if ((isBeside || STARTS_LOOP.test(code)) && lambdasRead(code, at, end)) return true;
  }
  return false;
}
