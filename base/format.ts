const UNITS: readonly (readonly [limit: number, divisor: number, unit: string])[] = [
  [1e3, 1, 'ns'],
  [1e6, 1e3, 'µs'],
  [1e9, 1e6, 'ms'],
  [Number.POSITIVE_INFINITY, 1e9, 's'],
];

/** A duration in nanoseconds as a person reads it: three significant digits, `340 ms`, `1.28 s`. */
export function formatDuration(nanoseconds: number): string {
  const magnitude = Math.abs(nanoseconds);
  for (const [limit, divisor, unit] of UNITS) {
    // 999.7 µs would round to "1000 µs": compare what will be shown, not what came.
    if (Number((magnitude / divisor).toPrecision(3)) * divisor >= limit) continue;
    const value = nanoseconds / divisor;
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return `${trimZeros(value.toFixed(digits))} ${unit}`;
  }
  return `${nanoseconds} ns`;
}

/** A count with thin group separators: `412 318`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A share of one as a percentage: `0.413` is `41 %`; below ten per cent one decimal is kept. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : trimZeros(percent.toFixed(1))} %`;
}

/** Bytes in binary units: `12.4 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024 || unit === 'GiB')
      return `${trimZeros(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
    value /= 1024;
  }
  return `${bytes} B`;
}

/** A number stays on one line with its unit: `5.44 s`, with spaces that do not break. */
export function unbroken(text: string): string {
  return text.replace(/(\d)[ \u202f](ns|µs|ms|s|%|[KMG]iB|B)(?![\w%])/g, '$1\u00a0$2');
}

/** `one` thing or `many` things, with the number before it. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** Makes text from a recording harmless for a terminal: no escape sequences, no line breaks. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
