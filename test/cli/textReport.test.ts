/** The text report, drawn: what a person gets to read for a given report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from '../../base/format.ts';
import { drawn as drawnTable, left, placed, right, textTable } from '../../cli/table.ts';
import { type Look, PLAIN } from '../../cli/terminal.ts';
import { textReport } from '../../cli/textReport.ts';
import type { Finding, Location, Report } from '../../wire/report.ts';

const SOURCE = [
  'import threading',
  '',
  'with audit:',
  '    with ledger:',
  '        move()',
  'with ledger:',
  '    with audit:',
  '        move()',
];
const source = (_: string, line: number): string | undefined => SOURCE[line - 1];

const at = (line: number, label = ''): Location => ({ file: '/home/me/bank.py', line, label });

const DEADLOCK: Finding = {
  id: 'deadlock:1',
  rule: 'deadlock',
  severity: 'error',
  title: 'Deadlock: payer and payee wait for each other',
  detail: 'Each holds what the other wants. Take both locks in one order.',
  locations: [at(4), at(7), at(3), at(6)],
  evidence: {
    cyclic: true,
    edges: [
      {
        waiter: 'payer',
        waiterActor: { stream: '1-1', kind: 'thread', id: 2 },
        resource: 'ledger',
        owner: 'payee',
        waiterLocation: at(4),
        ownerLocation: at(6),
        sinceNs: 1e9,
      },
      {
        waiter: 'payee',
        waiterActor: { stream: '1-1', kind: 'thread', id: 3 },
        resource: 'audit',
        owner: 'payer',
        waiterLocation: at(7),
        ownerLocation: at(3),
        sinceNs: 0.9e9,
      },
    ],
  },
  spans: [],
  lostNs: 1e9,
};

const BLOCKED: Finding = {
  id: 'loop-blocked:1',
  rule: 'loop-blocked',
  severity: 'warning',
  title: 'The event loop stood still for 250 ms',
  detail: 'move() ran for 250 ms without an await.',
  locations: [at(5, 'blocks here')],
  evidence: {},
  spans: [],
  lostNs: 1e6,
};

const thread = (name: string): Report['threads'][number] => ({
  name,
  pid: 7,
  daemon: false,
  startNs: 0,
  endNs: null,
  cpuNs: 3e6,
  lockWaitNs: name === 'MainThread' ? 0 : 2e9,
  otherWaitNs: name === 'MainThread' ? 2e9 : 0,
  waitsFor: name === 'payer' ? 'ledger' : null,
  location: name === 'payer' ? at(4) : null,
});

function report(findings: readonly Finding[], change: Partial<Report> = {}): Report {
  return {
    version: 1,
    command: ['python3', 'bank.py'],
    exit: { code: null, signal: 'SIGTERM', reason: 'timeout' },
    durationNs: 3e9,
    processes: [
      {
        pid: 7,
        parent: null,
        how: 'main',
        runtime: 'python',
        version: '3.13.0',
        startNs: 0,
        endNs: null,
        end: 'killed',
        name: null,
        code: null,
        cpuNs: 0,
      },
    ],
    threads: [thread('payer'), thread('MainThread')],
    loops: [],
    pools: [],
    locks: [],
    queues: [],
    tasks: {
      created: 0,
      done: 0,
      failed: 0,
      cancelled: 0,
      pendingAtExit: 0,
      exceptionsLost: 0,
      maxConcurrent: 0,
      partly: false,
      concurrentExact: true,
    },
    gil: { method: 'estimate', waitedNs: 0, share: 0, note: '' },
    findings,
    advice: { model: 'unclear', text: 'Too short.', poolSize: null, speedUp: null, evidence: {} },
    probe: { core: ['python'], overheadNs: 3e6, records: 1234, dropped: 0, losses: [], blind: [] },
    ...change,
  };
}

function drawn(report: Report, look: Look = PLAIN, unseen = false): string {
  return textReport(report, look, source, unseen).replaceAll('\u202f', ' ');
}

test('a deadlock: verdict, cycle, tables, fine print', () => {
  assert.equal(
    drawn(report([DEADLOCK, BLOCKED])),
    `Deadlock: payer and payee wait for each other (1 error, 1 warning)
python3 bank.py
stopped after 3 s, at its --timeout · Python 3.13.0

error deadlock  Deadlock: payer and payee wait for each other
  Each holds what the other wants. Take both locks in one order.

  ┌─▶ payer
  │     │ waits for ledger for 2 s   bank.py:4  with ledger:
  │     │ taken by payee             bank.py:6  with ledger:
  │     ▼
  │   payee
  │     │ waits for audit for 2.1 s  bank.py:7  with audit:
  │     │ taken by payer             bank.py:3  with audit:
  └─────┘

warning loop-blocked  The event loop stood still for 250 ms
  move() ran for 250 ms without an await.

  /home/me/bank.py:5  blocks here
        4 │     with ledger:
  >     5 │         move()
        6 │ with ledger:

Threads
  name         CPU  lock waits  other waits  at the end waits for
  payer       3 ms         2 s               ledger                bank.py:4
  MainThread  3 ms                      2 s

About this recording
  1 234 records; the probe used 3 ms of CPU (0.1 % of the run)
  nothing was lost
`,
  );
});

test('a run without faults says so, and how it ended', () => {
  const clean = report([], { exit: { code: 0, signal: null, reason: 'exited' } });
  assert.match(
    drawn(clean),
    /^No concurrency faults were seen\.\npython3 bank\.py\nended after 3 s with exit status 0/,
  );
  const killed = report([], { exit: { code: null, signal: 'SIGSEGV', reason: 'signal' } });
  assert.match(drawn(killed), /killed after 3 s by SIGSEGV/);
  const unknown = report([], { exit: { code: null, signal: null, reason: 'exited' } });
  assert.match(drawn(unknown), /how it ended is not known/);
});

test('losses are told with their reasons', () => {
  const probe = {
    ...report([]).probe,
    dropped: 42,
    losses: [{ pid: 7, reason: 'overwritten', count: 42 }],
  };
  assert.match(drawn(report([], { probe })), /42 records lost: 42 overwritten in process 7/);
});

test('nothing recorded is no clean bill', () => {
  const text = drawn(report([]), PLAIN, true);
  assert.match(text, /^Nothing was recorded\./);
  assert.doesNotMatch(text, /No concurrency faults/);
});

test('where a row is too long its place gives way before its name does', () => {
  const columns = [
    left<string>('name', (row) => row),
    right<string>('waited', () => '4.8 s'),
    placed<string>('made at', () => 'leaky_connection_pool.py:1114'),
  ];
  const table = textTable('Locks', ['a permit of Account.lock #1'], columns);
  const look: Look = { columns: 62, paint: (_, text) => text };
  assert.equal(
    drawnTable(table!, look).split('\n')[2],
    '  a permit of Account.lock #1   4.8 s  leaky_conne…ool.py:1114',
  );
});

test('where there is no room even for short names places are left out', () => {
  const numbers = Array.from({ length: 6 }, (_, index) =>
    right<string>(`column ${index}`, () => '1 234'),
  );
  const columns = [left<string>('name', (row) => row), ...numbers];
  const table = textTable(
    'Locks',
    ['a.long.name.of #1'],
    [...columns, placed<string>('made at', () => 'leaky_pool.py:1114')],
  );
  const text = drawnTable(table!, { columns: 82, paint: (_, one) => one });
  assert.match(text, /a\.long\.name\.of #1/);
  assert.doesNotMatch(text, /made at|1114/);
});

test('no line is wider than the terminal, but for sentences that hold a long word', () => {
  const narrow: Look = { columns: 50, paint: (_, text) => text };
  const long = { ...DEADLOCK, detail: 'word '.repeat(100) };
  for (const line of drawn(report([long]), narrow)
    .split('\n')
    .slice(1)) {
    if (/^(error|warning)/.test(line)) continue;
    assert.ok(line.length <= 60, `${line.length}: ${line}`);
  }
});

test('names from a recording cannot command the terminal', () => {
  const evil = '\u001b[2J\u0007evil\r\n\u202eliv\u009b31m';
  const finding = { ...DEADLOCK, title: evil, detail: evil };
  const text = drawn(
    report([finding], { command: [evil], threads: [{ ...thread('payer'), name: evil }] }),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.equal(printable('plain ünï → text'), 'plain ünï → text');
});

test('what ran the program is told, each interpreter once', () => {
  const [one] = report([]).processes;
  const processes = [one!, { ...one!, runtime: 'node' as const, version: '24.21.0' }, one!];
  assert.match(
    drawn(report([], { processes })),
    / · Python 3\.13\.0, Node 24\.21\.0 · 3 processes\n/,
  );
});
