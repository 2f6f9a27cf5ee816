/** Makes forgetting a case of a union a type error, and says which value came when types were not obeyed. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
