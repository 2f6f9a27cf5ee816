/** Arguments that cannot be used: told with a way out, and the exit status is 2. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(fact: string, advice = 'See `interleave help`.') {
    super(fact);
    this.name = 'UsageError';
    this.advice = advice;
  }
}
