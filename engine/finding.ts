/** Makes findings: severity from the rule table, locations without repetitions, spans that stay few. */

import type { ActorRef, Evidence, Finding, Location, ObjectRef } from '../wire/report.ts';
import { RULES, type RuleId } from '../wire/rules.ts';
import type { Actor } from './ingest/actor.ts';
import type { TracedObject } from './ingest/object.ts';

const MAX_SPANS = 200;
const MAX_LOCATIONS = 24;

export interface FindingInput {
  readonly rule: RuleId;
  /** What tells this fault from others of the rule, stable while it grows. */
  readonly key: string;
  readonly title: string;
  /** Sentences. */
  readonly detail: readonly string[];
  readonly locations: readonly (Location | undefined)[];
  readonly evidence: Evidence;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  readonly lostNs?: number;
}

export function finding(input: FindingInput): Finding {
  const seen = new Set<string>();
  const locations: Location[] = [];
  for (const one of input.locations) {
    if (one === undefined || locations.length >= MAX_LOCATIONS) continue;
    const key = `${one.line}:${one.file}`;
    if (seen.has(key)) continue;
    seen.add(key);
    locations.push(one);
  }
  return {
    id: `${input.rule}:${input.key}`,
    rule: input.rule,
    severity: RULES[input.rule],
    title: input.title,
    detail: input.detail.filter((sentence) => sentence !== '').join(' '),
    locations,
    evidence: input.evidence,
    spans: input.spans.slice(0, MAX_SPANS),
    lostNs: Math.round(input.lostNs ?? 0),
  };
}

export function actorRef(actor: Actor): ActorRef {
  return { stream: actor.stream.name, kind: actor.kind, id: actor.id };
}

export function objectRef(object: TracedObject): ObjectRef {
  return { stream: object.stream.name, id: object.id };
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 6): string {
  if (names.length <= 1) return names[0] ?? '';
  if (names.length > most)
    return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
