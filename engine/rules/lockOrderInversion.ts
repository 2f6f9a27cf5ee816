/** `lock-order-inversion`: locks taken in opposite orders, which can deadlock in another run even if it did not in this. */
import { finding, listed, objectRef } from '../finding.ts';
import { location, place, userSite } from '../frames.ts';
import {
  findInversions,
  type LockOrderInversion,
  recentInversions,
} from '../graph/lockOrderGraph.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';

export const lockOrderInversion: Rule = ({ trace, ended }) => {
  const groups = new Map<string, LockOrderInversion[]>();
  for (const inversion of ended ? findInversions(trace) : recentInversions(trace)) {
    const key = inversion.witnesses
      .map(
        (witness) =>
          `${place(userSite(trace, witness.heldStack))}>${place(userSite(trace, witness.stack))}`,
      )
      .sort()
      .join('+');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [inversion]);
    else group.push(inversion);
  }
  return [...groups].map(([key, group]) => toFinding(trace, key, group));
};

/** @param group the same lines with other instances. */
function toFinding(trace: Trace, key: string, group: readonly LockOrderInversion[]) {
  const { edges, witnesses } = group[0]!;
  const nameOf = (index: number) => nameObject(trace, trace.object(index)!, trace.sourceLine);
  const names = edges.map((edge) => nameOf(edge.held));
  const sentences = edges.map((edge, index) => {
    const witness = witnesses[index]!;
    return `${nameActor(trace, witness.actor)} took ${nameOf(edge.acquired)} at ${place(userSite(trace, witness.stack))} while it held ${nameOf(edge.held)} (since ${place(userSite(trace, witness.heldStack))}).`;
  });
  return finding({
    rule: 'lock-order-inversion',
    key,
    title: `${listed(names)} are taken in opposite orders: a deadlock waits to happen`,
    detail: [
      ...sentences,
      group.length > 1 ? `The same lines do so with ${group.length} sets of locks.` : '',
      'It went well this time. Take these locks in one and the same order everywhere, or take the second with a timeout and back off.',
    ],
    locations: [
      ...edges.map((edge, index) =>
        location(
          trace,
          witnesses[index]!.stack,
          `${nameActor(trace, witnesses[index]!.actor)} takes ${nameOf(edge.acquired)} while holding ${nameOf(edge.held)}`,
        ),
      ),
      ...edges.map((edge, index) =>
        location(trace, witnesses[index]!.heldStack, `${nameOf(edge.held)} was taken here`),
      ),
    ],
    evidence: {
      locks: edges.map((edge) => objectRef(trace.object(edge.held)!)),
      orders: edges.map((edge) => [nameOf(edge.held), nameOf(edge.acquired)]),
      instances: group.length,
    },
    spans: witnesses.map((witness) => ({ from: witness.at, to: witness.at })),
  });
}
