/** What ran the program. */
import type { Report } from '../../wire/report.ts';

/** `Python 3.13.0`, `Node 24.1.0`, each once. */
export function interpreters({ processes }: Pick<Report, 'processes'>): readonly string[] {
  const known = processes.filter(({ version }) => version !== '');
  return [
    ...new Set(
      known.map(({ runtime, version }) => `${runtime === 'node' ? 'Node' : 'Python'} ${version}`),
    ),
  ];
}
