/** How large a workload is: its usual size times the environment variable BENCH_SIZE. */
export const sized = (usual) =>
  Math.max(1, Math.floor(usual * Number(process.env.BENCH_SIZE ?? 1)));
