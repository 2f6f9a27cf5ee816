/** Something of a recording or a run that cannot be, told as a fact; `advice` is the way out, when there is one. */
export class RecordingError extends Error {
  readonly advice: string;

  constructor(fact: string, advice = '', options?: ErrorOptions) {
    super(fact, options);
    this.name = 'RecordingError';
    this.advice = advice;
  }
}

/** The message of anything thrown, without the decoration. */
export function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** The system's code of a failed call (`ENOENT`, `ENOSPC`), or undefined. */
export function codeOf(failure: unknown): string | undefined {
  return failure instanceof Error && 'code' in failure && typeof failure.code === 'string'
    ? failure.code
    : undefined;
}
