/** First index in sorted `values[0..length)` whose value is not below `wanted` (`length` if none). */
export function lowerBound(
  values: ArrayLike<number>,
  wanted: number,
  length = values.length,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
