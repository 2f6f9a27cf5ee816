/** Reads the edges of a circle or of a hang: which follow from which, and whose the thing is that one waits for. */
import type { ActorRef, WaitEdge } from './report.ts';

/**
 * Rows in which each owner is the next waiter. A circle is one row; of a hang each who waits for nobody in particular ends
 * one, and those behind stand before.
 */
export function chainsOf(edges: readonly WaitEdge[], cyclic: boolean): readonly WaitEdge[][] {
  if (cyclic) return [[...edges]];
  const byWaiter = new Map(edges.map((edge) => [keyOf(edge.waiterActor), edge]));
  const next = ({ ownerActor }: WaitEdge) =>
    ownerActor &&
    (byWaiter.get(keyOf(ownerActor)) ??
      // Who waits for the end of a process waits for those in it.
      (ownerActor.kind === 'process'
        ? edges.find(({ waiterActor }) => waiterActor.stream === ownerActor.stream)
        : undefined));
  const followed = new Set(edges.map(next));
  const seen = new Set<WaitEdge>();
  const rows: WaitEdge[][] = [];
  for (const first of [...edges.filter((edge) => !followed.has(edge)), ...edges]) {
    const row: WaitEdge[] = [];
    for (let edge: WaitEdge | undefined = first; edge && !seen.has(edge); edge = next(edge)) {
      seen.add(edge);
      row.push(edge);
    }
    if (row.length > 0) rows.push(row);
  }
  // What matters most came first, and is the end of its row.
  const rank = (row: readonly WaitEdge[]) => Math.min(...row.map((edge) => edges.indexOf(edge)));
  return rows.sort((one, other) => rank(one) - rank(other));
}

/** How the owner has what is waited for; undefined where there is none, or the thing's own name says who it is. */
export function ownership({
  resource,
  owner,
  ownerLocation,
}: WaitEdge): 'held by' | 'which needs' | undefined {
  if (ownerLocation !== undefined) return 'held by';
  return owner === 'nobody' || resource.includes(owner) ? undefined : 'which needs';
}

function keyOf({ stream, kind, id }: ActorRef): string {
  return `${stream}/${kind}${id}`;
}
