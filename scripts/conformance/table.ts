/** Keeps what was compared in `.cache/conformance`, and writes it as a table. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../project.ts';
import type { Comparison, Part } from './compare.ts';
import type { StackResult } from './stacks.ts';
import { SUITES } from './suites.ts';

const FOLDER = join(ROOT, '.cache', 'conformance', 'results');

export function keep(comparison: Comparison): void {
  const { version, suite, core, part } = comparison;
  const name = `suite ${version} ${suite} ${core}`;
  // What was kept of this suite in another division says the same tests twice.
  for (const old of existing(`${name}.json`, `${name} part `)) {
    if (part === undefined || !old.endsWith(` of ${part.of}.json`)) rmSync(join(FOLDER, old));
  }
  write(part === undefined ? name : `${name} part ${part.number} of ${part.of}`, comparison);
}

function existing(whole: string, start: string): readonly string[] {
  mkdirSync(FOLDER, { recursive: true });
  return readdirSync(FOLDER).filter((name) => name === whole || name.startsWith(start));
}

/** The comparisons of a suite's parts as one. */
export function together(all: readonly Comparison[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { part, ...one } of all) {
    const key = `${one.version} ${one.suite} ${one.core}`;
    const known = rows.get(key);
    const parts: readonly Part[] = part === undefined ? [] : [part];
    rows.set(
      key,
      known === undefined
        ? { ...one, parts }
        : {
            ...known,
            tests: known.tests + one.tests,
            passing: known.passing + one.passing,
            differences: [...known.differences, ...one.differences],
            seconds: [known.seconds[0] + one.seconds[0], known.seconds[1] + one.seconds[1]],
            probed: known.probed && one.probed,
            parts: [...known.parts, ...parts],
          },
    );
  }
  return [...rows.values()];
}

/** A whole suite, or as many parts of it as were run. */
export type Row = Omit<Comparison, 'part'> & { readonly parts: readonly Part[] };

export function keepStack(result: StackResult): void {
  write(`stack ${result.version} ${result.program} ${result.core}`, result);
}

function write(name: string, value: object): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.json`), JSON.stringify(value));
}

function read<T>(kind: 'suite' | 'stack'): readonly T[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${kind} `))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T);
}

/** A cell: how many tests, and what is not the same. */
export function cell(comparison: Row): string {
  const { differences, tests, parts } = comparison;
  const missing = (parts[0]?.of ?? 0) - parts.length;
  if (comparison.passing === 0 && tests <= 1) return 'not installed';
  if (!comparison.probed) return 'not probed';
  const count = (verdict: string): number =>
    differences.filter((difference) => difference.verdict === verdict).length;
  const [broken, unsteady, flaky] = [count('broken'), count('unsteady'), count('flaky')];
  return [
    broken > 0 ? `**${broken} differ** of ${tests}` : `same ${tests}`,
    ...(unsteady > 0 ? [`${unsteady} unsteady`] : []),
    ...(flaky > 0 ? [`${flaky} flaky bare`] : []),
    ...(missing > 0 ? [`${missing} of ${parts[0]?.of} parts not run`] : []),
  ].join(', ');
}

/** Writes `docs/conformance.md` from everything kept. */
export function writeDocument(): void {
  const comparisons = together(read<Comparison>('suite'));
  const stacks = read<StackResult>('stack');
  const text = `${head(comparisons)}\n${suiteTable(comparisons)}\n${told(comparisons)}\n${stackTable(stacks)}`;
  writeFileSync(join(ROOT, 'docs', 'conformance.md'), text);
}

function head(all: readonly Row[]): string {
  const totals = (['native', 'python'] as const).map((core) => {
    const rows = all.filter((row) => row.core === core);
    const tests = rows.reduce((total, { tests }) => total + tests, 0);
    const differences = rows.flatMap((row) => row.differences);
    const count = (verdict: string): number =>
      differences.filter((one) => one.verdict === verdict).length;
    return (
      `- **${core}** core: ${tests} tests compared, ${count('broken')} differ, ${count('unsteady')} did so once and not ` +
      `when run again,\n  ${count('flaky')} do not always end the same without the probe either.`
    );
  });
  return `# Is a program under the probe the same program?

CPython's own tests, as installed with each interpreter, run with and without the probe at the same time and compared
test by test; the interpreters that the tests start themselves are probed too. \`npm run conformance\` makes this page.

${totals.join('\n')}

A cell says how many tests ended the same (passed, failed or skipped alike). *native* and *python* are the probe's two cores.
An empty cell was not run; *not installed* is a suite that comes without its files with that Python.
What the table has no row for, small suites of the language and the library, was run under the native core: 84 suites with 2743 tests of 3.9, 67 with
2657 of 3.12, 77 with 2734 of 3.13, all of which ended the same; of 3.9 and 3.13 also \`test_timeout\` (14), with a network.
Three of these are given here all the same: \`test_multiprocessing_fork\` of 3.12 by 3.13's few lines, which only name the tests that each
version has, and \`test_concurrent_futures\` of 3.11.2 and of 3.13, without \`test_shutdown_deadlock_pickle\` (see below), to 3.11 and 3.12.

## What is known to differ

- Under the pure-Python core the probe's own thread is one of the interpreter's: \`faulthandler\` dumps and
  \`sys._current_frames()\` show it, \`threading\` does not; for \`_xxsubinterpreters.is_running()\` of Python 3.9 it is one thread
  too many. Under the native core the interpreter knows that thread only while
  it looks at the others, about a hundred times a second: a dump shows it seldom.
- Under the pure-Python core an exception out of \`lock.acquire()\`, such as Ctrl-C, has a frame of the probe in its traceback,
  and trace functions see such frames: the hooks are Python code, and nothing cheap can hide them. A handler of signals that
  raises right while such a hook runs may leave a lock taken, as it may on any Python before 3.11 without the probe. Or it has been
  given back and \`with\` gives it back again: a program that a timer interrupts a thousand times a second in \`Event.wait\` ended by that
  \`RuntimeError\` in 27 of 413 runs of a second on 3.9, in 1 of 292 bare ones.
- Trace, profile and monitoring functions see the probe's Python code where it is called: on every lock under the Python core,
  when locks, threads, pools and tasks are made under the native one. All of that code says it is frozen
  (\`<frozen interleave_probe/…>\`) and has no \`__file__\`: coverage.py measures none of it, and debuggers that show only the program's own code step over it.
- Under the native core \`call_soon()\` of asyncio's own loops makes and queues its handle in one step, where neither the loop, nor
  \`Handle\`, nor debug mode asks for more: trace and profile functions see that call, not those of \`_call_soon\` and \`Handle.__init__\` within.
- Edited functions of \`threading\`, \`queue\`, \`asyncio\` and \`concurrent.futures\` find their hooks as private names
  (\`_interleave_…\`) in their modules, and may have one such name among their local variables. On 3.9 to 3.13
  \`threading.Lock\`, \`dir()\` and \`vars()\` of all lock types, of queues, executors and tasks are otherwise the same. Under
  the pure-Python core asyncio's locks and semaphores have such a name of their own (\`_interleave_by\`), its loops another;
  \`acquire\` and \`release\` of \`multiprocessing\`'s locks are bound methods rather than built-in ones.
- \`test_shutdown_deadlock_pickle\` of Python 3.13.0's \`test_concurrent_futures\` hangs now and then by itself (2 of 23 bare
  runs, 10 of 29 under the probe, on a busy machine): pools of processes that shut down while work cannot be
  pickled, CPython's gh-125451, mended after that version.
- \`test_interpreter_shutdown\` of Python 3.12.0 to 3.12.2's \`test_concurrent_futures\` loses a race more often: the pool's own thread
  may begin no other as soon as the main one has ended (CPython's gh-113964, mended in 3.12.3). A pool of processes that got its
  only work as the program's last line lost it in 8 of 113 runs under the Python core, 1 of 179 under the native one and
  0 of 280 bare ones, but in 155 of 297 bare ones where threads switch each microsecond.
- Under the pure-Python core what is known of a lock or thread lives on for a moment after it, as objects that
  \`gc.get_objects()\` shows: a check for leaks that counts all objects right after threads have ended may count these.
- Two tests of \`test_capi\` of Python 3.13 and 3.14 (\`test_interp_init\`, \`test_configured_settings\`) make interpreters that share their
  memory but no lock: any thread that makes objects meanwhile crashes these, one of a bare program too (tried), and so does the
  probe's. The whole suite at once ends there; its parts without these two are what the table counts.
- \`sys.getallocatedblocks()\` counts what the probe's thread has at that moment: \`test_getallocatedblocks\` ends otherwise now and then.
- The Python core needs \`_ctypes\`. Where that comes with a libffi that opens its own file (Debian's 3.8, python-build-standalone's), a
  program has this one descriptor from its beginning, which \`test_pass_fds_redirected\` finds in a child.
- \`test_asyncio\` of 3.14 outlasted its time limit under the Python core on a busy machine; what it had not come to was run by itself.
- Not compared, as they do not end without the probe either: \`test_interpreters\` and \`test__xxsubinterpreters\` of 3.11.7, and on a
  machine with virtual sockets \`test_socket\` of 3.9.18.
- \`test_gc.test_get_count\` asks how many objects there are right after a full collection, which has emptied the lists that
  the interpreter reuses: where the probe's thread looks in just that moment, what it makes is counted too. Of a program
  that did nothing but collect 10 to 29 % of the answers were off by some, none of the bare one's.
- A thread that is in the middle of a hook when all threads are dumped is seen there.
- A timer of \`signal.setitimer\` that a program leaves running kills it when it comes after Python has given up its handlers, on the
  last stretch of its end. That stretch takes longer with the probe's modules to take down: of 25 runs with a timer of 5 ms 5 bare ones ended by
  SIGALRM, on 3.9 11 with the native core and 13 with the Python one, on 3.12 20 and 20, on 3.13 22 and 25.
- The probe has a thread of its own: what the kernel grants only to processes with one, such as \`unshare(CLONE_NEWUSER)\`, is refused,
  and who counts the process's threads in \`/proc\` finds one more.
- Under the pure-Python core, from the moment a program loads what makes sub-interpreters its threads' stacks are not
  sampled: walking them crashes some versions of CPython. The report says so. Audit hooks of the program hear of the walks
  and of hooks that ask who calls them, which \`test_audit\` notices.
- Hooks that are Python code need some calls more: at the very end of the stack a \`RecursionError\` comes up to twelve calls
  earlier (seven under the native core, where pools are handed work). What could be entered there can be left.
- Free-threaded 3.13 makes functions, classes and modules live for ever as soon as a second thread begins, and the probe's own
  thread is one: twelve tests that ask what is finalized at the very end see that: \`test_locals_at_exit\`, \`test_main_thread_during_shutdown\`
  and \`test_start_new_thread_at_finalization\` of \`test_threading\` under either core, and, where the native one alone was tried, four of \`test_gc\` (two on modules at
  shutdown, \`test_function_tp_clear_leaves_consistent_state\`, \`test_global_del_SystemExit\`), two of \`test_logging\`, \`test__thread_interrupt_main\`, \`test_preexec_at_exit\`
  and \`test_print_traceback_at_exit\`; in a bare program that has started a thread they end the same way (tried, each). As under the Python core elsewhere
  21 of \`test_faulthandler\` and \`test_sys_getframemodulename\` see the probe's thread there, and \`test_get_objects_arguments\`, which counts all objects
  twice, ended otherwise in 2 of 8 runs. Else \`test_thread\` (35), \`test_threading\` (210 of 213), \`test_queue\` (162), \`test_concurrent_futures\` (273)
  and \`test_free_threading\` (36, both cores) end there as they do bare, and under the native core 31 more suites, 5722 tests
  of them: \`test_asyncio\` in nine parts (locks, queues, futures, tasks, task groups, loops), \`test_weakref\`, \`test_signal\`, \`test_sys\`, \`test_monitoring\`,
  \`test_sys_settrace\`, \`test_inspect\`, \`test_traceback\`, \`test_descr\`, \`test_logging\`, \`test_subprocess\`, \`test_pickle\` and others.
- Free-threaded 3.14 no longer does so. There 33 suites with 7089 tests end under the native core as they do bare: the whole of \`test_threading\` (228),
  \`test_asyncio\` (2690; the last 17, which a time limit had cut off, by themselves), \`test_concurrent_futures\` (376), \`test_free_threading\` (147), \`test_gc\`, \`test_weakref\`, \`test_subprocess\`, \`test_signal\`, \`test_monitoring\`
  and others; of \`test_faulthandler\` 7 of 48 see the probe's thread, as on 3.14 under the Python core. Under that core \`test_thread\`, \`test_threading\`, \`test_queue\`,
  \`test_threadsignals\`, \`test_free_threading\` and \`test_concurrent_futures\` do (954). A frame that the probe's thread has looked at may live on for some tens of milliseconds there.
`;
}

function suiteTable(all: readonly Row[]): string {
  const columns = [...new Set(all.map(({ version, core }) => `${version} ${core}`))].sort(
    byVersion,
  );
  const rows = [...new Set(all.map(({ suite }) => suite))].sort(
    (one, other) => rank(one) - rank(other),
  );
  const lines = rows.map((suite) => {
    const cells = columns.map((column) => {
      const found = all.find(
        (one) => one.suite === suite && `${one.version} ${one.core}` === column,
      );
      return found === undefined ? '' : cell(found);
    });
    return `| ${suite} | ${cells.join(' | ')} |`;
  });
  const titles = columns.map((column) => column.replace(/\.\d+ /, ' '));
  return [
    `| suite | ${titles.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...lines,
    '',
  ].join('\n');
}

function told(all: readonly Row[]): string {
  const lines = all.flatMap(({ version, suite, core, differences }) =>
    differences
      .slice(0, 12)
      .map(
        ({ test, bare, probed, verdict }) =>
          `- ${verdict}: \`${test}\` (${suite}, ${version}, ${core}): ${bare} bare, ${probed} under the probe`,
      ),
  );
  return lines.length === 0
    ? ''
    : `## What was not the same\n\n${[...new Set(lines)].join('\n')}\n`;
}

function stackTable(all: readonly StackResult[]): string {
  if (all.length === 0) return '';
  const lines = all.map(
    ({ program, version, core, packages, difference }) =>
      `| ${program} | ${packages} | ${version} ${core} | ${difference === undefined ? 'same' : `**differs**: ${difference}`} |`,
  );
  return `## Test suites of third-party packages

Their own tests, bare and under both cores side by side, compared test by test; on 3.11: SQLAlchemy (engine, base, asyncio)
1999, tornado 1517, celery (worker, concurrency) 932, cachetools 465, huey 429, watchdog 427, pebble 421, asyncstdlib 402,
multiprocess (threads, managers, processes) 318, httpcore 220, eventlet 215, tenacity 185, diskcache 181, asgiref 124, joblib
(threads) 110, persist-queue 108, janus 104, dask (threads, processes) 97, fasteners 44, zict 36. Tests that ended differently
(six, of httpcore, huey, pebble and watchdog) did so for want of time or inotify instances, bare ones too. multiprocess and joblib ran
under the native core alone, and so did pebble to its end. Newer ones, on 3.11 if not said otherwise: anyio 1538 (1410 on 3.13),
werkzeug 981, portalocker 668, gevent (twenty of its modules) 586, trio 416, django (ASGI, servers, signals, caches, reloader) 352,
requests 294, twisted (threads, deferreds, trial) 263, curio 263, django and trial with two processes 213 (native core),
coverage (concurrency, oddities) 114, loky 41 (native core), aiosqlite 40. Threads that fork at once, thousands of locks held at once and
tests that forbid to read files in an event loop showed mistakes of the probe; they are mended. What else ended differently, five tests
of gevent and curio at most, did so for want of time or because their socket's file was another run's.
Since then, on 3.11, each bare, under both cores and under the native one with all detail: starlette 1361, execnet 1095 (without all detail), apscheduler 973,
structlog 948, kombu 841, waitress 797, pytest (capture, runner, logging,
unittest; without all detail) 530, uvicorn (server, lifespan, supervisors, middleware) 490, Pyro5 467, wsproto 230, aiofiles 219,
cheroot 198, hypercorn 196, billiard 152. They ended alike but for tests that do not always end the same bare on a busy machine:
two of execnet, four of apscheduler (process pools with a time limit). Left, as it took too long bare: manhole.
Then bare and under the native core at the same time, on 3.11 if not said otherwise: aiohttp (all but its parser's tests, which take
too long bare) 4377, redis-py (with a server) 2602, gevent's own 1939 under both cores and CPython's tests as it patches them 1797,
trio 838, uvloop 525 (on 3.13, too), flask 490, pytest-asyncio 271, greenlet 172 (under both cores, the native one on 3.13, too),
distributed 2024.12.1 (locks, semaphores, queues, events, pools) 73, pytest-timeout 47.
They ended alike but for some whose port was the other run's, under the Python core
gevent's three that count \`sys._current_frames()\`, and checks for leaks of greenlet's: one of them showed dead weak references
that the native core kept, which is mended. psycopg publishes no tests with its packages.
Then, on 3.11, each bare twice and under the native core with all detail and without: gunicorn 3213 (with all detail only; it outlasted
its time limit bare, too, when all had ended), httpx 1418, wrapt 1418, paramiko 565, pyzmq 435, line_profiler 311, sanic (workers, application,
tasks, signals) 304, tqdm 179, asgiref 124. They ended alike but for
tests of pyzmq whose port was another's and two of line_profiler: these count who refers to a function's code, which the probe does where it
has named a line of it. coverage's of processes, concurrency and oddities (156, on 3.13 with \`sys.monitoring\`; with all detail only) ended alike but for four that
fail wherever \`PYTHONPATH\` is set, and one whose fork was warned of the probe's own thread. With all detail CPython's own suites of threads, queues, asyncio, signals, subprocesses, collection, weak references,
coroutines, contexts, tracing and logging end as they do bare, 5756 tests on 3.13 (with five parts of \`test_concurrent_futures\`) and 4463 on 3.11, but for one such
fork. Forks of 3.12 and later no longer are. \`test_multiprocessing_spawn\` of 3.12 (3.13's few lines), run again and again beside each other on
a busy machine, always came to its end: ten times bare in 220 to 605 s, seven times under the native core in 290 to 687 s, and always the same two tests failed.
Then on other Pythons, each suite in the newest version for it, bare and under both cores, each run in a network and process table of its own;
on 3.14: SQLAlchemy (engine, base, asyncio) 1999, tornado 1959, anyio (threads, processes, locks, task groups, streams, signals) 1777,
twisted (threads, deferreds, processes, TCP) 1447, starlette 1361, uvicorn 1301, execnet 1095, kombu 841, trio 815, waitress 797,
watchdog 424, asyncstdlib 350, joblib 217, tenacity 200, billiard 152, asgiref 124, janus 104, aiosqlite 78, tblib 63, fasteners 44; on 3.13: trio-asyncio
(with CPython's own tests of asyncio on its loop) 477, eventlet 438, httpcore 220, pyinstrument 133, quattro 72, greenback 36;
on 3.12: trio 813, huey 356, dask 285, ipykernel 188, hunter 55, async-timeout 34; on 3.9: starlette 941, kombu 695, httpcore 220, tenacity 124,
asgiref 92, uvicorn 913, under the native core also anyio 2351; under the Python core alone SQLAlchemy 1736, and anyio
1777 on 3.12; on 3.11 under the Python core httpx 1418, paramiko 578 and redis-py 221, under the native one celery (all units but backends) 4116. The machine was so busy (up to 28 programs for two processors) that
joblib, trio-asyncio, eventlet, dask, ipykernel, hunter, redis-py and celery met their time limits, nearly all bare ones too: these numbers are what all runs had come to.
They ended alike but for nineteen tests that did so once and not when run again, or as often bare: seven of pyinstrument, four of quattro,
three of execnet, two of httpcore, one of uvicorn, which ask for milliseconds or for the faster of two processes, anyio's for Ctrl-C
where the run could not hear it, and its other, that a loop is gone, while a worker thread may still be ending (there still in 28 of 150 tries bare, 19 native, 27 Python). aiorwlock and psycopg-pool publish no tests, viztracer's miss a file.
Then what had not been run, on a machine as busy, bare and under the native core if not said otherwise; on 3.10, where none had been: SQLAlchemy (engine, base, asyncio) 1745,
tornado 1499, anyio (threads, processes, locks, task groups, streams, signals; both cores) 1331, starlette 1220, execnet 1095, trio 813, grpcio 1.51 (its asyncio part 313, of which
89 more once a loop of its own was there, these also under the Python core and with all detail), twisted 481, pebble 205, joblib 157, billiard 150; on 3.12: websockets 15.0.1 (both cores) 2357,
aiohttp 405, asyncpg 0.30 with a server (both cores, all detail) 312, uvloop 224, pexpect 151, daphne 82, loky 48, pytest-xdist 37; on 3.13: hypothesis (the first 42 % of
\`cover\`) 1632, zeroconf 515, filelock 283, cloudpickle 274, rpyc 93; on 3.11: asyncssh 712, dramatiq (what runs without its own fixtures) 83. twisted, pebble, joblib, aiohttp, uvloop, loky, pytest-xdist,
hypothesis, filelock, pexpect and asyncssh met their time limits, but for loky bare ones too: these numbers are what both runs had come to. One test of hypothesis showed a mistake of the probe: its own \`sitecustomize\` stayed among the
modules, and hypothesis takes values to try from the files of all that it finds loaded; it is mended. Fifteen others ended otherwise once or as often bare when run
again: six of pebble, which give a new process a second to start, five of websockets (two of them fail in most bare runs), two of execnet, one each of asyncpg and tornado.
Then, on a machine busier still (up to 37 programs for two processors), bare and under the native core if not said otherwise; on 3.12: pandas (parsers, threads, computation, sorting) 8982, twisted (threads,
processes, TCP, deferreds, trial) 1326, coverage (all of it) 1142, rq (with a server) 799, pyftpdlib 786, multiprocess (both cores) 533, scrapy (engine, downloader, reactor) 129,
jupyter_client 87, distributed 2024.12.1 (both cores) 34; on 3.13: urllib3 2709, numpy (threads, random numbers, linear algebra, files, testing) 1442, ipython 1226, pytest (assertions, fixtures,
capture, collection, warnings) 940, python-socketio (both cores) 638; on 3.10: python-engineio 522; on 3.11: ZODB 22; on free-threaded 3.14: anyio 906, asgiref 123,
janus (both cores) 104, fasteners 45. But for scrapy, python-socketio, python-engineio, numpy, ZODB, asgiref and janus they met their time limits, bare ones too: these numbers are
what both runs had come to. Six tests ended otherwise once: one of rq, which passed when run again, three of fasteners, which failed bare as often, and two of urllib3, which fail or hang bare too when
run again (5 of 9, under the native core 4 of 9). pyftpdlib's of TLS crash in OpenSSL's handshake, in 2 of 5 bare runs and 1 of 5 of the native core's.
websockets on 3.10 (2357) was not compared: its \`test_reconnect\` has no end where an answer takes longer than the test allows, bare too (6 of 6 with a tight limit).
Real programs with the same output and status: a celery worker with prefork, gunicorn with threads, uvicorn with two workers and with
\`--reload\`, django's server, \`http.server\`, a notebook's kernel, scrapy, sphinx \`-j 2\`, pytest \`-n 2\`, mypy, black, pip, pools that replace their workers.
By hand, with the same output, errors and status: PyInstaller (and what it builds: frozen programs carry no probe, and the report says so), loky, joblib, mpire, scikit-learn, pandas, hypothesis in threads, black, pylint -j,
mypy's daemon, coverage's modes for threads, processes and greenlets; and a hundred manners of running: \`-X dev\`, \`-W error\`, pdb, \`-i\`,
runpy, zip applications, \`exec\` chains, environments within, limits of files, memory, processes and stack, other users and roots,
switches every microsecond, collections at every object, profile and trace functions in all threads, all monitoring tools taken,
threads of C, calls of \`ctypes.pythonapi\`, wake-up descriptors, pseudo-terminals.
\`-X importtime\`, \`-v\` and \`tracemalloc\` name the probe's modules, line profilers its time.

## Third-party stacks

One small program for each, run bare and under the probe: same output, same errors, same exit status.

| program | packages | Python | |
|---|---|---|---|
${lines.join('\n')}
`;
}

function rank(suite: string): number {
  const index = SUITES.findIndex(({ name }) => suite.startsWith(name));
  return index < 0 ? SUITES.length : index;
}

function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
