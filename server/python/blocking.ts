// Which calls stop the thread they run in, and which rule says so.
import type { Call } from './ast.ts';
import {
  argument,
  blockOf,
  dotted,
  isAwaited,
  isFalse,
  literal,
  loopAround,
  sameTarget,
} from './calls.ts';
import { around, some } from './children.ts';
import { readsOf } from './names.ts';
import type { Resolver } from './resolve.ts';
import { functionOf, functionScope, lookup } from './scope.ts';
import { isNone } from './value.ts';

export type BlockingRule =
  | 'blocking-sleep'
  | 'blocking-http'
  | 'blocking-subprocess'
  | 'blocking-file-io'
  | 'blocking-input'
  | 'blocking-wait';

export interface Blocking {
  readonly rule: BlockingRule;
  /** How the call is named in messages. */
  readonly name: string;
  /** A use of a file that this function opened: where it was opened says more. */
  readonly again?: true;
  /** Asks the system and not a disk, or lets other threads run for a moment. */
  readonly quick?: true;
  /** Starts another process without waiting for its end. */
  readonly starts?: true;
}

const HTTP_VERBS = 'get options head post put patch delete request connect';

const table = new Map<string, BlockingRule>();
const add = (rule: BlockingRule, prefix: string, names: string) => {
  for (const name of names.split(/\s+/)) table.set(`${prefix}${name}`, rule);
};

add('blocking-sleep', 'time.', 'sleep');
add('blocking-http', 'requests.', HTTP_VERBS);
add('blocking-http', 'httpx.', `${HTTP_VERBS} stream`);
add('blocking-http', 'httpcore.', 'request stream');
add('blocking-http', 'urllib3.', 'request');
add('blocking-http', 'urllib.request.', 'urlopen urlretrieve');
add('blocking-http', 'requests.Session#', `${HTTP_VERBS} send`);
add('blocking-http', 'httpx.Client#', `${HTTP_VERBS} send stream close`);
add('blocking-http', 'http.client.HTTPConnection#', 'request getresponse connect send');
add('blocking-http', 'http.client.HTTPSConnection#', 'request getresponse connect send');
add('blocking-http', 'urllib.request.OpenerDirector#', 'open');
add('blocking-http', 'xmlrpc.client.', 'ServerProxy#call');
add(
  'blocking-subprocess',
  'subprocess.',
  'run call check_call check_output getoutput getstatusoutput Popen',
);
add('blocking-subprocess', 'subprocess.Popen#', 'wait communicate');
add(
  'blocking-subprocess',
  'os.',
  'system popen posix_spawn posix_spawnp wait wait3 wait4 waitid waitpid',
);
add(
  'blocking-subprocess',
  'os.',
  'spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe',
);
add('blocking-file-io', '', 'open');
add('blocking-file-io', 'io.', 'open_code FileIO');
add('blocking-file-io', 'os.', 'fdopen open');
add('blocking-file-io', 'codecs.', 'open');
add(
  'blocking-file-io',
  'io.File#',
  'read readline readlines write writelines flush seek truncate close read1 readall readinto readinto1 peek detach tell',
);
add(
  'blocking-file-io',
  'pathlib.Path#',
  `open read_text read_bytes write_text write_bytes touch exists is_file is_dir is_mount is_symlink is_socket is_fifo
   is_block_device is_char_device is_junction stat lstat mkdir rmdir unlink rename replace chmod lchmod owner group iterdir glob rglob
   resolve absolute samefile symlink_to hardlink_to link_to readlink expanduser walk cwd home`.trim(),
);
add(
  'blocking-file-io',
  'os.path.',
  `exists lexists isfile isdir islink ismount isjunction isdevdrive getsize getmtime getatime getctime realpath abspath samefile
   sameopenfile relpath normpath expanduser _joinrealpath _path_normpath`.trim(),
);
add(
  'blocking-file-io',
  'shutil.',
  'copy copy2 copyfile copyfileobj copytree copymode copystat move rmtree make_archive unpack_archive disk_usage',
);
add('blocking-file-io', 'gzip.', 'open');
add('blocking-file-io', 'bz2.', 'open');
add('blocking-file-io', 'lzma.', 'open');
add(
  'blocking-file-io',
  'tempfile.',
  'NamedTemporaryFile TemporaryFile TemporaryDirectory mkstemp mkdtemp',
);
add('blocking-input', '', 'input');
add('blocking-input', 'getpass.', 'getpass');
add(
  'blocking-wait',
  'socket.',
  'create_connection getaddrinfo gethostbyname gethostbyaddr gethostbyname_ex getfqdn',
);
add('blocking-wait', 'socket.socket#', 'connect accept recv recvfrom recv_into sendall sendfile');
add('blocking-wait', 'select.', 'select');
add('blocking-wait', 'sqlite3.', 'connect');
add('blocking-wait', 'sqlite3.Connection#', 'execute executemany executescript commit');
add(
  'blocking-wait',
  'sqlite3.Cursor#',
  'execute executemany executescript fetchall fetchone fetchmany',
);
add('blocking-wait', 'psycopg2.', 'connect');
add('blocking-wait', 'psycopg.', 'connect');
add('blocking-wait', 'psycopg2.Connection#', 'commit rollback execute');
add(
  'blocking-wait',
  'psycopg2.Cursor#',
  'execute executemany fetchall fetchone fetchmany callproc',
);
add('blocking-wait', 'pymysql.', 'connect');
add('blocking-wait', 'mysql.connector.', 'connect');
add(
  'blocking-wait',
  'redis.Redis#',
  'get set delete exists expire ping hget hset hgetall lpush rpush lpop rpop blpop brpop publish incr decr keys mget mset',
);
for (const cls of ['smtplib.SMTP', 'smtplib.SMTP_SSL'])
  add('blocking-wait', `${cls}#`, 'connect login send_message sendmail starttls quit');
for (const cls of ['ftplib.FTP', 'ftplib.FTP_TLS'])
  add('blocking-wait', `${cls}#`, 'connect login retrbinary retrlines storbinary storlines');
for (const cls of ['smtplib.SMTP', 'smtplib.SMTP_SSL', 'ftplib.FTP', 'ftplib.FTP_TLS'])
  add('blocking-wait', cls.slice(0, cls.indexOf('.') + 1), cls.slice(cls.indexOf('.') + 1));
add('blocking-wait', 'concurrent.futures.Future#', 'result exception');
add('blocking-wait', 'concurrent.futures.', 'wait');
add('blocking-wait', 'multiprocessing.AsyncResult#', 'get wait');
add('blocking-wait', 'threading.Thread#', 'join');
add('blocking-wait', 'multiprocessing.Process#', 'join');
add('blocking-wait', 'multiprocessing.Connection#', 'recv recv_bytes');
for (const module of ['threading', 'multiprocessing']) {
  for (const cls of ['Lock', 'RLock', 'Condition', 'Semaphore', 'BoundedSemaphore'])
    add('blocking-wait', `${module}.${cls}#`, 'acquire');
  for (const cls of ['Event', 'Condition', 'Barrier'])
    add('blocking-wait', `${module}.${cls}#`, 'wait wait_for');
}
for (const cls of [
  'queue.Queue',
  'queue.LifoQueue',
  'queue.PriorityQueue',
  'multiprocessing.JoinableQueue',
])
  add('blocking-wait', `${cls}#`, 'get put join');
for (const cls of ['queue.SimpleQueue', 'multiprocessing.Queue', 'multiprocessing.SimpleQueue'])
  add('blocking-wait', `${cls}#`, 'get');
for (const cls of ['multiprocessing.Pool', 'multiprocessing.ThreadPool'])
  add('blocking-wait', `${cls}#`, 'map starmap apply join');

/** They ask for the working or the home folder at most. */
const QUICK =
  /^(?:os\.path\.(?:abspath|relpath|expanduser|normpath|_path_normpath)|pathlib\.Path#(?:absolute|expanduser|cwd|home))$/;

const POOLS =
  /^urllib3\.(?:HTTPConnectionPool|HTTPSConnectionPool|ConnectionPool|PoolManager|ProxyManager|RequestMethods)#\w+$/;

const STARTS = /^(?:subprocess\.Popen|os\.posix_spawnp?)$/;

/** What a call waits for, judged by the library function it calls; undefined for calls that return at once. */
export function blockingCall(call: Call, resolver: Resolver): Blocking | undefined {
  const path = resolver.callee(call);
  if (path === undefined) return undefined;
  // What is awaited of an object is hardly the method that was taken for it; a function of a module is what it is.
  if (isAwaited(call) && (path.includes('#') || !path.includes('.'))) return undefined;
  let rule = table.get(path);
  if (rule === undefined && POOLS.test(path)) rule = 'blocking-http';
  if (rule === undefined) return undefined;
  if (rule === 'blocking-wait' && !waits(call, path, resolver)) return undefined;
  if (
    path.startsWith('os.wait') &&
    call.args.some((arg) => resolver.path(arg.value) === 'os.WNOHANG')
  ) {
    return undefined;
  }
  if (/\.(?:Thread|Process)#join$/.test(path) && (awaitedBefore(call) || asks(call, 'is_alive')))
    return undefined;
  if (path === 'subprocess.Popen#wait' && asks(call, 'poll')) return undefined;
  if (/Queue#get$/.test(path) && (isAskedFor(call) || isFed(call))) return undefined;
  if (path.endsWith('#acquire') && isNew(call, resolver)) return undefined;
  if (path.startsWith('sqlite3.') && isInMemory(call, resolver)) return undefined;
  if (path === 'os.path.expanduser' && isOwnHome(call)) return undefined;
  if (path === 'socket.getaddrinfo' && isNumeric(call)) return undefined;
  if (path === 'socket.socket#connect' && isDatagram(call, resolver)) return undefined;
  if (path.startsWith('socket.socket#') && isReady(call, resolver)) return undefined;
  if (path.startsWith('concurrent.futures.Future#') && !isPending(call, resolver)) return undefined;
  if (rule === 'blocking-file-io' && wrapped(call, resolver)) return undefined;
  if (path === 'time.sleep' && literal(argument(call, 'secs', 0)) === '0')
    return { rule, name: 'time.sleep', quick: true };
  const name = path.replace('#', '.').replace(/^io\.File/, 'file');
  if (QUICK.test(path)) return { rule, name, quick: true };
  if (STARTS.test(path) || isSpawn(call, path, resolver)) return { rule, name, starts: true };
  if (!path.startsWith('io.File#') || !openedHere(call, resolver)) return { rule, name };
  // `open(…).read()` in one breath is told once.
  const isChain = call.func.kind === 'Attribute' && call.func.value.kind === 'Call';
  return isChain ? undefined : { rule, name, again: true };
}

/** `os.spawnl(os.P_NOWAIT, …)`. */
function isSpawn(call: Call, path: string, resolver: Resolver): boolean {
  if (!path.startsWith('os.spawn')) return false;
  const mode = argument(call, 'mode', 0);
  return mode !== undefined && /(?:^|\.)P_NOWAITO?$/.test(resolver.path(mode) ?? '');
}

/** Non-blocking forms: `acquire(False)`, `get(block=False)`, a timeout of zero, `join` after the work is known to be done. */
function waits(call: Call, path: string, resolver: Resolver): boolean {
  const method = path.slice(path.indexOf('#') + 1);
  if (method === 'acquire' || method === 'get' || method === 'put') {
    const blocking = argument(
      call,
      method === 'acquire' ? 'blocking' : 'block',
      method === 'put' ? 1 : 0,
    );
    if (isFalse(blocking)) return false;
  }
  if (method === 'put' && !bounded(call, resolver)) return false;
  if (method === 'result' || method === 'exception') {
    const timeout = argument(call, 'timeout', 0);
    if (literal(timeout) === '0') return false;
  }
  if (path === 'select.select') return literal(argument(call, 'timeout', 3)) !== '0';
  const timeout = argument(call, 'timeout');
  return timeout === undefined || isNone(timeout) || literal(timeout) !== '0';
}

/** A lock that this function has just made: nobody else can have it yet. */
function isNew(call: Call, resolver: Resolver): boolean {
  const lock = call.func.kind === 'Attribute' ? call.func.value : undefined;
  const scope = lock?.kind === 'Name' ? lookup(lock.scope, lock.id) : undefined;
  if (lock?.kind !== 'Name' || scope === undefined || scope !== functionScope(lock.scope))
    return false;
  const bindings = scope.bindings.get(lock.id) ?? [];
  return (
    bindings.length === 1 &&
    bindings[0]!.value?.kind === 'Call' &&
    loopAround(call) === loopAround(bindings[0]!.value) &&
    readsOf(resolver.model, scope, lock.id)[0] === lock
  );
}

/** A database of this process's memory, which waits for no disk and nobody else. */
function isInMemory(call: Call, resolver: Resolver): boolean {
  if (resolver.callee(call) === 'sqlite3.connect') {
    const database = argument(call, 'database', 0);
    return database?.kind === 'Str' && database.value === ':memory:';
  }
  const base = call.func.kind === 'Attribute' ? resolver.value(call.func.value) : undefined;
  return base?.kind === 'instance' && base.made?.kind === 'Call' && isInMemory(base.made, resolver);
}

/** A put only waits when the queue was made with a limit. */
function bounded(call: Call, resolver: Resolver): boolean {
  if (call.func.kind !== 'Attribute') return false;
  const queue = resolver.value(call.func.value);
  if (queue?.kind !== 'instance' || queue.made?.kind !== 'Call') return false;
  const size = argument(queue.made, 'maxsize', 0);
  return size !== undefined && literal(size) !== '0';
}

const WRAPPERS = new Set(['trio.wrap_file', 'anyio.wrap_file', 'trio.Path', 'anyio.Path']);

function wrapped(call: Call, resolver: Resolver): boolean {
  const outer = call.parent;
  return outer.kind === 'Call' && outer.func !== call && WRAPPERS.has(resolver.callee(outer) ?? '');
}

/** A join after an await in the same function: the coroutine waited for the thread's signal, the join only tidies up. */
function awaitedBefore(call: Call): boolean {
  for (const node of around(call)) {
    if (
      node.kind === 'Try' &&
      [...node.orelse, ...node.final].some(
        (each) => each.start <= call.start && call.end <= each.end,
      )
    ) {
      return some(node.body, (inner) => inner.kind === 'Await');
    }
  }
  return false;
}

/** A function that asked before whether it is over waits for no more than the rest. */
function asks(call: Call, method: string): boolean {
  const fn = functionOf(call);
  return (
    fn !== undefined &&
    some(
      fn.body,
      (node) => node.kind === 'Call' && node.end <= call.start && lastName(node) === method,
    )
  );
}

/** A get behind a question whether there is something to get. */
export function isAskedFor(call: Call): boolean {
  return asks(call, 'empty') || asks(call, 'qsize');
}

/** A queue made further up, into which the statement before puts something: nobody else has it yet. */
function isFed({ func, parent }: Call): boolean {
  if (func.kind !== 'Attribute' || parent.kind !== 'ExprStmt') return false;
  const block = blockOf(parent);
  const before = block[block.indexOf(parent) - 1];
  const put =
    before?.kind === 'ExprStmt' && before.value.kind === 'Call' ? before.value : undefined;
  if (put?.func.kind !== 'Attribute' || !/^put(?:_nowait)?$/.test(put.func.attr)) return false;
  return (
    sameTarget(put.func.value, func.value) &&
    block.some(
      (each) => each.kind === 'Assign' && each.targets.some((t) => sameTarget(t, func.value)),
    )
  );
}

/** `~` and `~/…` are looked up in the environment; somebody else's home in the users' table. */
function isOwnHome(call: Call): boolean {
  const name = argument(call, 'path', 0);
  return name?.kind === 'Str' && /^~(?:$|\/)/.test(name.value);
}

/** With a flag like AI_NUMERICHOST, or for this machine's own name, no name server is asked. */
function isNumeric(call: Call): boolean {
  return some(
    call.args.map((arg) => arg.value),
    (node) =>
      (node.kind === 'Name' && node.id.includes('NUMERIC')) ||
      (node.kind === 'Attribute' && node.attr.includes('NUMERIC')) ||
      (node.kind === 'Call' && lastName(node) === 'gethostname'),
  );
}

/** Connecting a datagram socket only notes the address. */
function isDatagram(call: Call, resolver: Resolver): boolean {
  const socket = call.func.kind === 'Attribute' ? resolver.value(call.func.value) : undefined;
  if (socket?.kind !== 'instance' || socket.made?.kind !== 'Call') return false;
  return socket.made.args.some((arg) => /SOCK_DGRAM$/.test(dotted(arg.value) ?? ''));
}

/** A socket that says so when there is nothing to read, or one that was waited for: asking it takes no time. */
function isReady(call: Call, { model }: Resolver): boolean {
  const willSay = [...around(call)].some(
    (node) =>
      node.kind === 'Try' &&
      node.handlers.some(({ type }) =>
        (type?.kind === 'Sequence' ? type.elements : [type]).some(
          (each) => each?.kind === 'Name' && /^(?:BlockingIOError|InterruptedError)$/.test(each.id),
        ),
      ),
  );
  const fn = functionOf(call);
  if (willSay || fn === undefined) return willSay;
  const socket = call.func.kind === 'Attribute' ? call.func.value : call.func;
  const isSet = ({ func }: Call) =>
    func.kind === 'Attribute' && func.attr === 'setblocking' && sameTarget(func.value, socket);
  if (model.calls.some(isSet)) return true;
  return some(
    fn.body,
    (node) =>
      node.kind === 'Call' &&
      /^(?:wait_readable|wait_writable|wait_socket_readable|wait_socket_writable|setblocking|settimeout)$/.test(
        lastName(node),
      ),
  );
}

function lastName(call: Call): string {
  if (call.func.kind === 'Attribute') return call.func.attr;
  return call.func.kind === 'Name' ? call.func.id : '';
}

/** A future of work that was seen to be handed over, in a function that nowhere asks whether it is done. */
function isPending(call: Call, resolver: Resolver): boolean {
  if (call.func.kind !== 'Attribute') return false;
  const future = resolver.value(call.func.value);
  if (future?.kind !== 'instance' || future.made?.kind !== 'Call') return false;
  if (resolver.callee(future.made) === 'concurrent.futures.Future') return false;
  const fn = functionOf(call);
  return (
    fn === undefined || !some(fn.body, (node) => node.kind === 'Call' && lastName(node) === 'done')
  );
}

/** A file opened in the same function was spoken of where it was opened. */
function openedHere(call: Call, resolver: Resolver): boolean {
  if (call.func.kind !== 'Attribute') return false;
  const file = resolver.value(call.func.value);
  if (file?.kind !== 'instance' || file.made === undefined) return false;
  return (
    functionOf(file.made) === functionOf(call) &&
    blockingCall(file.made as Call, resolver) !== undefined
  );
}
