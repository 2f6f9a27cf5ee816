/** What `interleave help` says: only what works. */
import { readFileSync } from 'node:fs';
import { EXPORT_FORMATS } from '../wire/exportFormats.ts';
import { RULES } from '../wire/rules.ts';
import type { Look } from './terminal.ts';

/** From package.json, one folder up both as source and as built. */
export const VERSION = versionOf(new URL('../package.json', import.meta.url));

const OVERVIEW = `# interleave — watches a concurrent program from inside and says what is wrong with it

# Usage
  interleave run [options] FILE [ARG…]         profile a program: Python, or JavaScript and TypeScript of Node
  interleave run [options] -m MODULE [ARG…]    profile a module, as python -m runs it
  interleave run [options] -- COMMAND [ARG…]   profile any command; its Python and Node processes are followed
  interleave report RECORDING [options]        the report of a recording made with --output
  interleave export RECORDING [options]        the recording as a file for Perfetto, Chrome or speedscope
  interleave compare BEFORE AFTER [options]    two recordings: what got better, what got worse
  interleave sweep --param NAME=1,2,4 FILE     one program at several levels: where more stops helping
  interleave lint PATH… [options]              concurrency mistakes that can be seen in the source
  interleave samples [list | copy DIR]         small programs that each show one fault
  interleave help [COMMAND]

# Try it
  interleave samples copy samples
  interleave run --stop-on-deadlock samples/python/deadlocks/two_locks_deadlock.py`;

const RUN = `# interleave run [options] FILE [ARG…]
# interleave run [options] -m MODULE [ARG…]
# interleave run [options] -- COMMAND [ARG…]
Runs the program as it is, with a probe inside, and reports when it has ended: .py files under Python, .js
.mjs .cjs and .ts files under Node. Its output, its input and its exit status stay its own. Ctrl-C ends the
program and still reports; again, and it is ended harder.

# Options
  --format FORMAT         text, json, sarif, markdown or html; JSON and SARIF are the last line of stdout
  --report PATH           also write the report to a file; its name says how: .json, .sarif, .md, .html
  --output PATH           keep the recording, to report on later or to send to somebody: NAME.interleave
  --timeout SECONDS       end the program after that long, and report
  --stop-on-deadlock      end the program as soon as it is deadlocked, and report
  --fail-on WHAT[,WHAT]   exit with status 3 when a finding is of one of these rules or severities
  --python PATH           the Python to run FILE.py with; else the active virtual environment's, else python3
  --node PATH             the Node to run FILE.js with; else the one on the PATH
  --detail default|full   full records every acquisition, and costs more
  --quiet                 no progress and no report on the screen: with --report, --output, --fail-on

# Exit status
  The program's own (128 + n after signal n); 3 when --fail-on matched; 2 when the arguments cannot be used.

# Rules for --fail-on
${wrapped(Object.keys(RULES), '  ')}
  error, warning, info: all of that severity, and worse`;

const REPORT = `# interleave report RECORDING [options]
RECORDING is a file made with --output, or the folder that an interrupted run left behind.

# Options
  --format text|json|sarif|markdown|html
                          JSON and SARIF are one object on one line; SARIF is for code hosts that
                          annotate lines, Markdown for the comment on a pull request, HTML a page with
                          the timeline that needs nothing else
  --fail-on WHAT[,WHAT]   exit with status 3 when a finding is of one of these rules or severities`;

const EXPORT = `# interleave export RECORDING [options]
RECORDING is a file made with --output, or the folder that an interrupted run left behind.

# Options
  --format FORMAT   what it becomes:
${Object.entries(EXPORT_FORMATS)
  .map(
    ([name, { holds, opens }]) =>
      `                      ${name.padEnd(11)} ${holds};\n${' '.repeat(34)}open it with ${opens}`,
  )
  .join('\n')}
  --output PATH     the file to write; else the recording's name with the format's ending, in this folder

# Try it
  interleave run --output slow.interleave job.py
  interleave export slow.interleave`;

const COMPARE = `# interleave compare BEFORE AFTER [options]
BEFORE and AFTER are recordings made with --output: of one program before and after a change, or of two
programs that do the same. Findings, locks, pools, loops and queues are matched by the code that makes them,
also when lines have moved.

# Options
  --format text|json|markdown   markdown is a report for a change request; JSON is one object on one line
  --report PATH                 also write it to a file (its name says the format: .md, .json, else text)
  --noise PERCENT               smaller changes are noise: 25 when unsaid, twice that for what spreads, like
                                p99 and max
  --fail-on WHAT[,WHAT]         exit with status 3 when a finding that is new or costs more is of one of these
                                rules or severities, or, for the word worse, when anything at all got worse

# Try it
  interleave run --output before.interleave job.py
  interleave run --output after.interleave job.py
  interleave compare before.interleave after.interleave`;

const SWEEP = `# interleave sweep --param NAME=LEVEL,LEVEL… [options] FILE [ARG…]
# interleave sweep --param NAME=LEVEL,LEVEL… [options] -m MODULE [ARG…]
# interleave sweep --param NAME=LEVEL,LEVEL… [options] -- COMMAND [ARG…]
Runs the program at each level, all levels by turns, and says where throughput stops growing, and what the
recordings saw in the way: the cores, the GIL, a lock or semaphore, or errors. The program gets the level as
the environment variable NAME, and wherever {NAME} stands in its command. What it does has to end by itself.
Throughput is counted in items of its pools, else in tasks of the function with the most, else in whole runs.
What the program prints is not shown.

# Options
  --param NAME=1,2,4,8   the knob and its levels
  --repeat N             runs of each level, 3 when unsaid; one more warms up first and is not counted
  --format text|json|markdown
                         JSON is one object on one line
  --timeout SECONDS      end a run after that long; it counts as failed
  --python PATH          the Python to run FILE.py with
  --node PATH            the Node to run FILE.js with
  --progress             say each run on a line of its own, for what is no terminal
  --quiet                no progress

# Exit status
  0; 1 when every run failed; 2 when the arguments cannot be used.

# Try it
  interleave sweep --param WORKERS=1,2,4,8 job.py
  interleave sweep --param n=10,50,100 load.py --connections {n}`;

const SAMPLES = `# interleave samples [list] [--format text|json]
# interleave samples copy DIR
Small programs, each with one fault (or the cure of one) and a header that says what must be found in it.
\`copy\` puts them into a folder of yours; files that are there already stay as they are.`;

const PAGES: Readonly<Record<string, string>> = {
  run: RUN,
  report: REPORT,
  export: EXPORT,
  compare: COMPARE,
  sweep: SWEEP,
  samples: SAMPLES,
};

export function helpFor(topic: string | undefined, look: Look): string {
  const page = topic !== undefined && Object.hasOwn(PAGES, topic) ? PAGES[topic] : undefined;
  return (page ?? OVERVIEW).replace(/^# (.*)$/gm, (_, title: string) =>
    look.paint('strong', title),
  );
}

function wrapped(words: readonly string[], indent: string): string {
  let line = indent;
  const lines: string[] = [];
  for (const word of words) {
    if (line.length + word.length > 96) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word}, `;
  }
  return [...lines, line.replace(/, $/, '')].join('\n');
}

function versionOf(file: URL): string {
  const about: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof about === 'object' && about !== null && 'version' in about
    ? String(about.version)
    : '';
}
