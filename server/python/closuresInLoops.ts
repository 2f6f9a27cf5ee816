// Whether a text has a function made in a loop: the one thing to lint in files that are not about concurrency at all.
import { functionReads, lambdasRead } from './outerNames.ts';

/**
 * Looks at how lines begin, not at what they mean: a loop lasts as long as the lines are indented deeper than it.
 * May say yes where there is nothing, and no only where a loop or a comprehension is laid out in an unusual way.
 */
export function hasClosuresInLoops(text: string): boolean {
  const lambdas = placesOf('lambda', text);
  let nextLambda = 0;
  const loops: number[] = [];
  let lambdaBefore = false;
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line);
    const end = newline === -1 ? text.length : newline;
    let at = line;
    while (at < end && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at++;
    const indent = at - line;
    const first = text.charCodeAt(at);
    line = end + 1;
    if (at === end || first === HASH || first === RETURN) continue;
    // `):` ends the head of a loop, not its body.
    const closes = first === ROUND || first === SQUARE || first === CURLY;
    while (!closes && loops.length > 0 && loops.at(-1)! >= indent) loops.pop();
    const isLoop = startsLoop(text, at, first);
    if (isLoop && lambdaBefore) return true;
    while (lambdas[nextLambda]! < at) nextLambda++;
    lambdaBefore = lambdas[nextLambda]! < end && lambdasRead(text, lambdas[nextLambda]!, end);
    // Lines of quoted text may speak of lambdas.
    const isComprehension =
      lambdaBefore && first !== QUOTE && first !== DOUBLE && text.slice(at, end).includes(' for ');
    if (isComprehension || (lambdaBefore && loops.length > 0)) return true;
    if (loops.length > 0 && startsFunction(text, at, first) && functionReads(text, at, indent))
      return true;
    if (isLoop) loops.push(indent);
  }
  return false;
}

/** Looked for once: asked again for every line, the engine searches even where the code would not. */
function placesOf(word: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) places.push(at);
  return places;
}

const SPACE = 32;
const TAB = 9;
const HASH = 35;
const RETURN = 13;
const QUOTE = 39;
const DOUBLE = 34;
const ROUND = 41;
const SQUARE = 93;
const CURLY = 125;
const A = 97;
const D = 100;
const F = 102;
const W = 119;

function startsLoop(text: string, at: number, first: number): boolean {
  return (
    (first === F && text.startsWith('for ', at)) ||
    (first === W && (text.startsWith('while ', at) || text.startsWith('while(', at))) ||
    (first === A && text.startsWith('async for ', at))
  );
}

function startsFunction(text: string, at: number, first: number): boolean {
  return (
    (first === D && text.startsWith('def ', at)) ||
    (first === A && text.startsWith('async def ', at))
  );
}
