/** `lock-order-inversion`: locks taken in opposite orders, which can deadlock in another run even if it did not in this. */
import type { Finding, ObjectRef, WaitEdge } from '../../wire/report.ts';
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
import { deadlock } from './deadlock.ts';

export const lockOrderInversion: Rule = (input) => {
  const { trace, ended } = input;
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
  if (groups.size === 0) return [];
  const deadlocks = deadlock(input).map((one) => new Set(locksOf(one).map(refKey)));
  return [...groups].map(([key, group]) => {
    const closed = group.some(({ edges }) =>
      deadlocks.some((locks) =>
        edges.every((edge) => locks.has(refKey(objectRef(trace.object(edge.held)!)))),
      ),
    );
    return toFinding(trace, key, group, closed);
  });
};

/** What those in a circle wait for. */
function locksOf({ evidence }: Finding): readonly ObjectRef[] {
  return (evidence.edges as readonly WaitEdge[]).flatMap((edge) => edge.resourceObject ?? []);
}

const refKey = (ref: ObjectRef) => `${ref.stream}/${ref.id}`;

/** @param group the same lines with other instances. @param closed it became a deadlock in this run. */
function toFinding(
  trace: Trace,
  key: string,
  group: readonly LockOrderInversion[],
  closed: boolean,
) {
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
    title: `${listed(names)} are taken in opposite orders: ${closed ? 'so it came to the deadlock' : 'a deadlock waits to happen'}`,
    detail: [
      ...sentences,
      group.length > 1 ? `The same lines do so with ${group.length} sets of locks.` : '',
      `${closed ? 'In this run it closed.' : 'It went well this time.'} Take these locks in one and the same order everywhere, or take the second with a timeout and back off.`,
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
