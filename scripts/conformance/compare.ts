/** Compares a suite's tests with and without the probe, and runs the differing ones again to tell broken from flaky. */
import {
  type Core,
  type Detail,
  listCases,
  type Mode,
  type Outcome,
  runSuite,
  type SuiteRun,
} from './regrtest.ts';
import type { Suite } from './suites.ts';

export interface Difference {
  readonly test: string;
  readonly bare: Outcome | 'absent';
  readonly probed: Outcome | 'absent';
  /**
   * broken: never bare's outcome under the probe. unsteady: bare's outcome in some of the runs under the probe only.
   * flaky: bare itself does not always end the same.
   */
  readonly verdict: 'broken' | 'unsteady' | 'flaky';
}

/** Every so-manieth test of a suite that takes too long at once; `number` counts from 1. */
export interface Part {
  readonly number: number;
  readonly of: number;
}

export interface Comparison {
  readonly version: string;
  readonly suite: string;
  readonly core: Core;
  /** Absent when the whole suite was run. */
  readonly part?: Part;
  readonly tests: number;
  /** Tests that pass bare. */
  readonly passing: number;
  readonly differences: readonly Difference[];
  /** Of both processes, when not the same. */
  readonly ended: readonly [bare: string, probed: string];
  readonly seconds: readonly [bare: number, probed: number];
  readonly probed: boolean;
}

interface Subject {
  readonly python: string;
  readonly version: string;
  readonly suite: Suite;
  readonly part?: Part;
  readonly detail?: Detail;
}

const AGAIN = 2;
/** Running hundreds of tests one by one again says no more than some of them do. */
const MOST_AGAIN = 40;

/** Runs a suite bare and under each core at the same time: what the machine does meanwhile happens to all of them. */
export async function compareSuite(
  subject: Subject,
  cores: readonly Core[],
): Promise<readonly Comparison[]> {
  const { python, suite, part, detail = 'default' } = subject;
  const only = part === undefined ? [] : await testsOf(subject, part);
  const once = (mode: Mode): Promise<SuiteRun> =>
    runSuite({ python, suite: suite.name, mode, detail, patience: suite.patience, only });
  const [bare, ...probed] = await Promise.all([once('bare'), ...cores.map((core) => once(core))]);
  const comparisons: Comparison[] = [];
  for (const [index, core] of cores.entries()) {
    const run = probed[index];
    if (run === undefined || bare === undefined) continue;
    comparisons.push({
      version: subject.version,
      suite: subject.suite.name,
      core,
      ...(part === undefined ? {} : { part }),
      tests: bare.outcomes.size,
      passing: [...bare.outcomes.values()].filter((outcome) => outcome === 'passed').length,
      differences: await judge(subject, core, differing(bare, run)),
      ended: [bare.ended, run.ended],
      seconds: [bare.seconds, run.seconds],
      probed: run.streams > 0,
    });
  }
  return comparisons;
}

async function testsOf(subject: Subject, part: Part): Promise<readonly string[]> {
  const all = await listCases(subject.python, subject.suite.name);
  const chosen = all.filter((_, index) => index % part.of === part.number - 1);
  if (chosen.length > 0) return chosen;
  throw new Error(
    `${subject.suite.name} has no part ${part.number} of ${part.of} on ${subject.version}.`,
  );
}

type Suspect = Omit<Difference, 'verdict'>;

function differing(bare: SuiteRun, probed: SuiteRun): readonly Suspect[] {
  const ids = new Set([...bare.outcomes.keys(), ...probed.outcomes.keys()]);
  return [...ids].flatMap((test) => {
    const one = bare.outcomes.get(test) ?? 'absent';
    const other = probed.outcomes.get(test) ?? 'absent';
    return one === other ? [] : [{ test, bare: one, probed: other }];
  });
}

async function judge(
  subject: Subject,
  core: Core,
  suspects: readonly Suspect[],
): Promise<readonly Difference[]> {
  if (suspects.length === 0) return [];
  const only = [
    ...new Set(suspects.slice(0, MOST_AGAIN).map(({ test }) => test.replace(/#\d+$/, ''))),
  ].filter((test) => /^[\w.]+$/.test(test));
  const again = { bare: [] as SuiteRun[], probed: [] as SuiteRun[] };
  // A run that died or was late is judged by itself: there is no test to run again.
  for (let times = 0; times < AGAIN && only.length > 0; times++) {
    const { python, detail = 'default' } = subject;
    const base = { python, detail, suite: subject.suite.name, only };
    const patience = Math.min(subject.suite.patience, 120);
    again.bare.push(await runSuite({ ...base, patience, mode: 'bare' }));
    again.probed.push(await runSuite({ ...base, patience, mode: core }));
  }
  return suspects.map((suspect) => {
    const outcomes = (runs: readonly SuiteRun[]): readonly Outcome[] =>
      runs.flatMap((run) => run.outcomes.get(suspect.test) ?? []);
    const bare = outcomes(again.bare);
    const probed = outcomes(again.probed);
    const steady = bare.every((outcome) => outcome === suspect.bare);
    const differs = probed.length === 0 || probed.every((outcome) => outcome !== suspect.bare);
    return { ...suspect, verdict: !steady ? 'flaky' : differs ? 'broken' : 'unsteady' };
  });
}
