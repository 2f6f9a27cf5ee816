// What is known of libraries: their canonical names, what their functions return, which names are worth a look at all.

/** Modules that are never looked for in the workspace, and whose fully dotted names count even when nobody imports them. */
export const KNOWN_MODULES = new Set(
  `_thread abc anyio asyncio aiohttp aiofiles builtins bz2 codecs collections concurrent contextlib contextvars copy ctypes curio fcntl functools getpass
   ftplib glob gzip hashlib http httpcore httpx httpx2 imaplib io itertools json logging lzma math msvcrt multiprocess multiprocessing mysql nntplib
   numpy openai os pandas pathlib pickle poplib psycopg psycopg2 pymongo pymysql pymssql queue random redis requests
   sched select selectors shutil signal smtplib socket socketserver sqlalchemy sqlite3 ssl subprocess sys telnetlib tempfile
   threading time timeit trio typing types urllib urllib3 uuid uvloop weakref xmlrpc yaml zipfile zlib boto3 grpc paramiko typing_extensions
   fastapi starlette flask quart sanic tornado django unittest pytest billiard joblib gevent hypercorn`.split(
    /\s+/,
  ),
);

const CANONICAL: ReadonlyMap<string, string> = new Map([
  ['concurrent.futures.thread', 'concurrent.futures'],
  ['concurrent.futures.process', 'concurrent.futures'],
  ['concurrent.futures._base', 'concurrent.futures'],
  ['multiprocess', 'multiprocessing'],
  ['billiard', 'multiprocessing'],
  ['multiprocessing.pool.Pool', 'multiprocessing.Pool'],
  ['multiprocessing.pool.ThreadPool', 'multiprocessing.ThreadPool'],
  ['multiprocessing.dummy.Pool', 'multiprocessing.ThreadPool'],
  ['multiprocessing.process.Process', 'multiprocessing.Process'],
  ['multiprocessing.context.Process', 'multiprocessing.Process'],
  ['multiprocessing.SpawnProcess', 'multiprocessing.Process'],
  ['multiprocessing.queues', 'multiprocessing'],
  ['multiprocessing.synchronize', 'multiprocessing'],
  ['multiprocessing.sharedctypes', 'multiprocessing'],
  ['multiprocessing.dummy.Process', 'threading.Thread'],
  ['multiprocessing.managers.SyncManager', 'multiprocessing.SyncManager'],
  ['asyncio.tasks', 'asyncio'],
  ['asyncio.locks', 'asyncio'],
  ['asyncio.queues', 'asyncio'],
  ['asyncio.events', 'asyncio'],
  ['asyncio.runners', 'asyncio'],
  ['asyncio.timeouts', 'asyncio'],
  ['asyncio.taskgroups', 'asyncio'],
  ['asyncio.exceptions', 'asyncio'],
  ['asyncio.futures', 'asyncio'],
  ['asyncio.coroutines', 'asyncio'],
  ['asyncio.threads', 'asyncio'],
  ['asyncio.subprocess', 'asyncio'],
  ['asyncio.AbstractEventLoop', 'asyncio.Loop'],
  ['asyncio.BaseEventLoop', 'asyncio.Loop'],
  ['uvloop.Loop', 'asyncio.Loop'],
  ['_thread.allocate_lock', 'threading.Lock'],
  ['_thread.LockType', 'threading.Lock'],
  ['threading._allocate_lock', 'threading.Lock'],
  ['threading._RLock', 'threading.RLock'],
  ['io.open', 'open'],
  ['builtins', ''],
  ['urllib3.connectionpool', 'urllib3'],
  ['urllib3.poolmanager', 'urllib3'],
  ['urllib3.request.RequestMethods', 'urllib3.RequestMethods'],
  ['httpx2', 'httpx'],
  ['requests.sessions', 'requests'],
  ['requests.api', 'requests'],
  ['pathlib.PosixPath', 'pathlib.Path'],
  ['pathlib.WindowsPath', 'pathlib.Path'],
  ['anyio.Path', 'anyio.Path'],
  ['posix', 'os'],
  ['posixpath', 'os.path'],
  ['ntpath', 'os.path'],
  ['_queue.SimpleQueue', 'queue.SimpleQueue'],
  ['trio.lowlevel.checkpoint', 'trio.lowlevel.checkpoint'],
  ['async_timeout.timeout', 'async_timeout.timeout'],
  ['typing_extensions', 'typing'],
]);

/** One name for each thing, whichever module it was taken from. */
export function canonical(path: string): string {
  const whole = CANONICAL.get(path);
  if (whole !== undefined) return whole;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const head = CANONICAL.get(path.slice(0, dot));
    if (head === '') return path.slice(dot + 1);
    if (head !== undefined) return canonicalTail(head + path.slice(dot));
  }
  return path;
}

function canonicalTail(path: string): string {
  return CANONICAL.get(path) ?? path;
}

/** What calling this gives, for functions; classes give themselves. `T#m` is method m of an instance of T. */
const RETURNS: ReadonlyMap<string, string> = new Map([
  ['asyncio.create_task', 'asyncio.Task'],
  ['asyncio.ensure_future', 'asyncio.Task'],
  ['asyncio.gather', 'asyncio.Future'],
  ['asyncio.shield', 'asyncio.Future'],
  ['asyncio.get_event_loop', 'asyncio.Loop'],
  ['asyncio.get_running_loop', 'asyncio.Loop'],
  ['asyncio.new_event_loop', 'asyncio.Loop'],
  ['uvloop.new_event_loop', 'asyncio.Loop'],
  ['asyncio.wrap_future', 'asyncio.Future'],
  ['asyncio.run_coroutine_threadsafe', 'concurrent.futures.Future'],
  ['asyncio.current_task', 'asyncio.Task'],
  ['asyncio.Loop#create_task', 'asyncio.Task'],
  ['asyncio.Loop#create_future', 'asyncio.Future'],
  ['asyncio.Loop#run_in_executor', 'asyncio.Future'],
  ['asyncio.Runner#get_loop', 'asyncio.Loop'],
  ['asyncio.TaskGroup#create_task', 'asyncio.Task'],
  ['concurrent.futures.ThreadPoolExecutor#submit', 'concurrent.futures.Future'],
  ['concurrent.futures.ProcessPoolExecutor#submit', 'concurrent.futures.Future'],
  ['multiprocessing.Pool#apply_async', 'multiprocessing.AsyncResult'],
  ['multiprocessing.Pool#map_async', 'multiprocessing.AsyncResult'],
  ['multiprocessing.Pool#starmap_async', 'multiprocessing.AsyncResult'],
  ['multiprocessing.ThreadPool#apply_async', 'multiprocessing.AsyncResult'],
  ['multiprocessing.ThreadPool#map_async', 'multiprocessing.AsyncResult'],
  ['multiprocessing.get_context', 'multiprocessing'],
  ['multiprocessing.SyncManager#dict', 'multiprocessing.DictProxy'],
  ['multiprocessing.SyncManager#list', 'multiprocessing.ListProxy'],
  ['multiprocessing.SyncManager#Queue', 'queue.Queue'],
  ['multiprocessing.SyncManager#Lock', 'multiprocessing.Lock'],
  ['multiprocessing.Manager', 'multiprocessing.SyncManager'],
  ['multiprocessing.Pipe', 'multiprocessing.Pipe'],
  ['multiprocessing.current_process', 'multiprocessing.Process'],
  ['threading.current_thread', 'threading.Thread'],
  ['threading.main_thread', 'threading.Thread'],
  ['threading.currentThread', 'threading.Thread'],
  ['open', 'io.File'],
  ['os.fdopen', 'io.File'],
  ['os.popen', 'io.File'],
  ['tempfile.NamedTemporaryFile', 'io.File'],
  ['tempfile.TemporaryFile', 'io.File'],
  ['codecs.open', 'io.File'],
  ['bz2.open', 'io.File'],
  ['lzma.open', 'io.File'],
  ['gzip.open', 'io.File'],
  ['socket.create_connection', 'socket.socket'],
  ['socket.socket#makefile', 'io.File'],
  ['sqlite3.connect', 'sqlite3.Connection'],
  ['sqlite3.Connection#cursor', 'sqlite3.Cursor'],
  ['sqlite3.Connection#execute', 'sqlite3.Cursor'],
  ['psycopg2.connect', 'psycopg2.Connection'],
  ['psycopg2.Connection#cursor', 'psycopg2.Cursor'],
  ['psycopg.connect', 'psycopg2.Connection'],
  ['pymysql.connect', 'psycopg2.Connection'],
  ['mysql.connector.connect', 'psycopg2.Connection'],
  ['redis.from_url', 'redis.Redis'],
  ['redis.StrictRedis', 'redis.Redis'],
  ['requests.session', 'requests.Session'],
  ['urllib.request.build_opener', 'urllib.request.OpenerDirector'],
  ['pathlib.Path.home', 'pathlib.Path'],
  ['pathlib.Path.cwd', 'pathlib.Path'],
  ['trio.open_nursery', 'trio.Nursery'],
  ['anyio.create_task_group', 'anyio.TaskGroup'],
  ['trio.open_memory_channel', 'trio.Channels'],
  ['anyio.create_lock', 'anyio.Lock'],
  ['copy.copy', ''],
  ['collections.namedtuple', ''],
  ['typing.cast', ''],
  ['typing.TypeVar', ''],
]);

const PATH_TO_PATH = new Set(
  'absolute resolve joinpath with_name with_suffix with_stem expanduser relative_to rename replace readlink'.split(
    ' ',
  ),
);

/** The type of what a call to this gives; undefined when it is not known. */
export function returnType(path: string): string | undefined {
  const known = RETURNS.get(path);
  if (known !== undefined) return known === '' ? undefined : known;
  const hash = path.indexOf('#');
  if (hash !== -1) {
    const type = path.slice(0, hash);
    const method = path.slice(hash + 1);
    if (type === 'pathlib.Path') {
      if (PATH_TO_PATH.has(method)) return type;
      return method === 'open' ? 'io.File' : undefined;
    }
    // A multiprocessing context makes the things the module makes.
    if (type === 'multiprocessing' || type === 'multiprocessing.Context') {
      const made = `multiprocessing.${method}`;
      return RETURNS.get(made) ?? (/^[A-Z]/.test(method) ? made : undefined);
    }
    return undefined;
  }
  if (/^[a-z]\w*$/.test(path)) return undefined;
  const last = path.slice(path.lastIndexOf('.') + 1);
  if (/^_?[A-Z]\w*[a-z]\w*$/.test(last) || path === 'socket.socket') return path;
  return undefined;
}

/** Attributes whose type is known: `future.loop`, `path.parent`. */
export function attributeType(type: string, attribute: string): string | undefined {
  if (type === 'pathlib.Path' && attribute === 'parent') return type;
  if (type === 'multiprocessing.Process' || type === 'threading.Thread') return undefined;
  return undefined;
}

const names = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** What `from module import *` brings, as far as the rules care: with several stars a name is looked for in each. */
export const EXPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['time', names('sleep time monotonic perf_counter process_time')],
  ['subprocess', names('run call check_call check_output getoutput getstatusoutput Popen')],
  [
    'os',
    names('system popen wait waitpid fork forkpty fdopen open spawnl spawnv posix_spawn path'),
  ],
  ['os.path', names('exists isfile isdir getsize getmtime realpath abspath')],
  [
    'threading',
    names(
      'Thread Timer Lock RLock Condition Event Semaphore BoundedSemaphore Barrier current_thread currentThread activeCount main_thread local',
    ),
  ],
  [
    'multiprocessing',
    names(
      'Process Pool Queue SimpleQueue JoinableQueue Lock RLock Condition Event Semaphore BoundedSemaphore Barrier Manager Value Array Pipe get_context set_start_method current_process',
    ),
  ],
  ['queue', names('Queue LifoQueue PriorityQueue SimpleQueue')],
  ['concurrent.futures', names('ThreadPoolExecutor ProcessPoolExecutor Future wait as_completed')],
  [
    'asyncio',
    names(
      'sleep gather wait wait_for shield create_task ensure_future run timeout timeout_at to_thread TaskGroup Lock Event Condition Semaphore BoundedSemaphore Queue LifoQueue PriorityQueue Task Future CancelledError get_event_loop get_running_loop new_event_loop open_connection start_server create_subprocess_exec create_subprocess_shell as_completed run_coroutine_threadsafe Barrier Runner',
    ),
  ],
  ['requests', names('get post put patch delete head options request Session session')],
  ['socket', names('socket create_connection getaddrinfo gethostbyname')],
]);

export const BUILTINS = new Set(
  'open input print slice object range len int str float bool bytes bytearray complex frozenset list dict set tuple sorted sum min max map filter zip enumerate id type super isinstance hasattr getattr setattr repr abs any all iter next anext reversed exec eval compile __import__ BaseException Exception KeyboardInterrupt SystemExit GeneratorExit'.split(
    ' ',
  ),
);

/** Words without which a module has nothing to say to those that import it: no locks, no waiting, nothing async. */
export const WORTH_IMPORTING =
  /^[ \t]*(?:from|import)[ \t]+(?:asyncio|trio|anyio|threading|_thread|multiprocessing|concurrent|queue|subprocess|requests|urllib3?|httpx|sqlite3|socket)\b|^[ \t]*async def\b|\.sleep\(|\binput\(|\bos\.(?:system|wait|popen)/m;
