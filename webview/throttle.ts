/** Runs `job` at most once per `ms`, and once more after the last call. */
export function throttled(job: () => void, ms: number): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      job();
    }, ms);
  };
}
