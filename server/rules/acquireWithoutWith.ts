// acquire-without-with: a lock is acquired and released by hand, so an exception in between keeps it for ever.
import type { Fix } from '../diagnostic.ts';
import type { Call, Expr, Name, Stmt } from '../python/ast.ts';
import { blockOf } from '../python/calls.ts';
import { around, statementOf, within } from '../python/children.ts';
import { isGenerator } from '../python/effects.ts';
import { automatic, lineEnd, source } from '../python/fixes.ts';
import { ASYNC_LOCKS, isBlockingAcquire, type LockUse, THREAD_LOCKS } from '../python/locks.ts';
import { indented, removedLine } from '../python/reindent.ts';
import type { Check, Context } from '../rule.ts';
import { isGate, isPassed, localNames, releasesOf } from './gates.ts';

export const acquireWithoutWith: Check = (context) => {
  for (const call of context.model.calls) takenWhereMade(call, context);
  for (const use of context.locks.uses()) {
    if (use.viaWith || use.at.kind !== 'Call' || !isBlockingAcquire(use.at)) continue;
    const statement = statementOf(use.at);
    if (statement === undefined) continue;
    if (isAsked(use.at, statement)) {
      context.report(
        use.at,
        'Without a limit this waits until it has the lock, so it is always true; with says so, and releases it on every way out.',
        HINT,
      );
      continue;
    }
    if (!isPlain(use.at, statement)) continue;
    if (use.fn !== undefined && /^__a?(?:enter|exit)__$/.test(use.fn.name)) continue;
    const releases = releasesOf(use, context);
    // What a generator keeps beyond its own code is for others to release.
    if (use.fn !== undefined && isGenerator(use.fn) && releases.length === 0) continue;
    const block = blockOf(statement);
    if (releases.some(inFinally)) {
      byHand(use, statement, block, context);
      continue;
    }
    if (releases.length === 0 && !neverReleased(use, context)) {
      if (isNeverReleasedHere(use, context) && !isGate(use, statement, block, releases, context))
        context.report(
          use.at,
          'Nothing in this file releases this lock; with would, on every way out.',
          HINT,
        );
      continue;
    }
    if (isGate(use, statement, block, releases, context)) {
      if (isPassed(use, statement, block, releases, context))
        context.report(use.at, 'with waits for this lock and lets it go in the same way.', HINT);
      continue;
    }
    const fixes = useWith(use, statement, block, releases, context);
    const isAtOnce = releases.some((call) => {
      const release = statementOf(call);
      const to = release === undefined ? -1 : block.indexOf(release);
      return to !== -1 && block.slice(block.indexOf(statement) + 1, to).every(onlyNotifies);
    });
    context.report(
      use.at,
      'If anything before the release raises, this lock stays taken for ever; with releases it on every way out.',
      { fixes, ...(isAtOnce ? { severity: 'info' } : {}) },
    );
  }
};

const HINT = { severity: 'hint' } as const;

/** What holds the condition may notify: nothing raises in between. */
function onlyNotifies(statement: Stmt): boolean {
  if (statement.kind !== 'ExprStmt' || statement.value.kind !== 'Call') return false;
  const { func } = statement.value;
  return func.kind === 'Attribute' && /^notify(?:_all|All)?$/.test(func.attr);
}

/** `threading.Lock().acquire()`. */
function takenWhereMade(call: Call, { resolver, report }: Context): void {
  if (call.func.kind !== 'Attribute' || call.func.attr !== 'acquire') return;
  const made = call.func.value;
  const statement = statementOf(call);
  if (made.kind !== 'Call' || statement === undefined || !isPlain(call, statement)) return;
  const path = resolver.callee(made) ?? '';
  const isAwaited = call.parent.kind === 'Await';
  if (!(isAwaited ? ASYNC_LOCKS : THREAD_LOCKS).has(path)) return;
  report(
    call,
    'Nobody else has this lock and nothing can release it: make it once, share it and use with.',
  );
}

/** Released in the `finally` that follows at once: right, and what `with` does in half the lines. */
function byHand(use: LockUse, statement: Stmt, block: readonly Stmt[], context: Context): void {
  const next = block[block.indexOf(statement) + 1];
  const outer = statement.parent;
  if (
    outer.kind === 'Try' &&
    outer.body[0] === statement &&
    releasesIn(outer.final, use, context)
  ) {
    context.report(
      use.at,
      'When this fails the finally releases a lock that was never taken; with takes it before.',
      HINT,
    );
    return;
  }
  if (next?.kind !== 'Try' || next.handlers.length > 0 || next.orelse.length > 0) return;
  const [release, ...others] = next.final;
  if (release?.kind !== 'ExprStmt' || others.length > 0) return;
  const { value } = release;
  if (value.kind !== 'Call' || !releasesOf(use, context).includes(value)) return;
  const { text } = context.model;
  const last = next.body.at(-1);
  const dropped = [text.slice(statement.start, next.start), text.slice(last?.end, release.start)];
  const word = use.at.parent.kind === 'Await' ? 'async with' : 'with';
  const fixes =
    last === undefined || dropped.some((each) => /[#;]/.test(each))
      ? []
      : [
          automatic('Use with', [
            {
              start: statement.start,
              end: next.start + 'try'.length,
              text: `${word} ${source(context.model, use.expr)}`,
            },
            { start: last.end, end: release.end, text: '' },
          ]),
        ];
  context.report(use.at, 'with takes and releases this lock in the same way, in fewer lines.', {
    ...HINT,
    fixes,
  });
}

/** `if lock.acquire():` or `assert lock.acquire()`. */
function isAsked(call: Call, statement: Stmt): boolean {
  const { parent } = call;
  const tested = parent.kind === 'Operation' && parent.op === 'not' ? parent : call;
  if (statement.kind === 'If') return statement.test === tested;
  return (
    statement.kind === 'Plain' &&
    statement.type === 'assert_statement' &&
    statement.values[0] === tested
  );
}

function releasesIn(block: readonly Stmt[], use: LockUse, context: Context): boolean {
  const [first] = block;
  return (
    first?.kind === 'ExprStmt' &&
    first.value.kind === 'Call' &&
    releasesOf(use, context).includes(first.value)
  );
}

/** A lock of the module or of an object that no line of its file releases, nor holds with `with`. */
function isNeverReleasedHere(use: LockUse, { model, locks }: Context): boolean {
  if (use.owner !== 'global' && use.owner !== 'self') return false;
  const isRelease = ({ func }: Call) =>
    func.kind === 'Attribute' &&
    func.attr === 'release' &&
    (locks.identity(func.value)?.key ?? use.key) === use.key;
  return (
    !model.calls.some(isRelease) &&
    !locks.uses().some((other) => other.key === use.key && other.viaWith)
  );
}

/** A lock of this function that nobody else gets to see: who does not release it here never does. */
function neverReleased(use: LockUse, context: Context): boolean {
  const isAcquire = ({ parent }: Name) =>
    parent.kind === 'Attribute' && parent.attr === 'acquire' && isCalled(parent);
  return localNames(use, context)?.every(isAcquire) === true;
}

function isCalled(expr: Expr): boolean {
  return expr.parent.kind === 'Call' && expr.parent.func === expr;
}

function isPlain(call: Call, statement: Stmt): boolean {
  if (statement.kind === 'ExprStmt')
    return (
      statement.value === call ||
      (statement.value.kind === 'Await' && statement.value.value === call)
    );
  return false;
}

/** In a `finally`, or in an `except` as well as after: both ways out are seen to. */
function inFinally(call: Call): boolean {
  for (const node of around(call)) {
    if (node.kind !== 'Try') continue;
    if (node.final.some((each) => each.start <= call.start && call.end <= each.end)) return true;
    if (node.handlers.some((each) => each.start <= call.start && call.end <= each.end)) return true;
  }
  return false;
}

function useWith(
  use: LockUse,
  statement: Stmt,
  block: readonly Stmt[],
  releases: readonly Call[],
  context: Context,
): Fix[] {
  if (releases.length !== 1) return [];
  const release = statementOf(releases[0]!);
  if (release?.kind !== 'ExprStmt' || release.value !== releases[0]) return [];
  const from = block.indexOf(statement);
  const to = block.indexOf(release);
  if (from === -1 || to <= from + 1) return [];
  const body = block.slice(from + 1, to);
  // A jump out of the block between the two skips the release today; whether it should is not ours to say.
  for (const node of within(body)) if (node.kind === 'Return') return [];
  const inside = indented(context.model, body);
  const gone = removedLine(context.model, release);
  if (inside === undefined || gone === undefined) return [];
  const isAwaited = use.at.parent.kind === 'Await';
  const head = `${isAwaited ? 'async ' : ''}with ${source(context.model, use.expr)}:`;
  const { text } = context.model;
  if (text.slice(statement.end, lineEnd(text, statement.end)).trim().startsWith(';')) return [];
  return [
    automatic('Use with', [
      { start: statement.start, end: statement.end, text: head },
      ...inside,
      gone,
    ]),
  ];
}
