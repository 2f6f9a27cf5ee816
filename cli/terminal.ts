/** What the terminal can show: colours, width. Plain text everywhere else. */

export type Style = 'error' | 'warning' | 'info' | 'good' | 'strong' | 'dim';

export interface Look {
  readonly columns: number;
  readonly paint: (style: Style, text: string) => string;
}

const CODES: Readonly<Record<Style, string>> = {
  error: '1;31',
  warning: '33',
  info: '36',
  good: '32',
  strong: '1',
  dim: '2',
};
/** Width where nobody says: what fits a bug report without wrapping. */
const PLAIN_COLUMNS = 100;

export function lookOf(stream: NodeJS.WriteStream, env = process.env): Look {
  const coloured = hasColours(stream, env);
  return {
    columns: stream.isTTY ? Math.max(40, Math.min(stream.columns ?? 80, 160)) : PLAIN_COLUMNS,
    paint: coloured ? (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m` : (_, text) => text,
  };
}

export const PLAIN: Look = { columns: PLAIN_COLUMNS, paint: (_, text) => text };

/** NO_COLOR wins over FORCE_COLOR; both count only when they say something. */
function hasColours(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Cuts in the middle: beginning and end tell things apart. */
export function cutInside(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.max(0, width - 1) >> 1;
  return `${text.slice(0, Math.max(0, width - 1 - end))}…${text.slice(text.length - end)}`;
}

/** Cuts to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
