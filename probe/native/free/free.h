/* What the files of the core for free-threaded builds share. Included by core.h in the place of what needs the GIL.
 *
 * Who may change what: a thread's own record belongs to it, but for what its guard is for; the record of a lock to who has the
 * guard of its part of the table; places and judgements are only ever added. Inside a guard nothing of Python's is called:
 * it could wait for the world to be stopped, while a thread that waits for the guard keeps the world from stopping. So a
 * stopped world, and with it a forked child, never finds a guard taken. A part's guard comes before a thread's. */
#ifndef INTERLEAVE_FREE_H
#define INTERLEAVE_FREE_H

#ifndef Py_GIL_DISABLED
#error "these are the headers of an interpreter with a GIL"
#endif

/* ---- guard.c ---- */

typedef struct { atomic_bool taken; } Guard;
void guard_wait(Guard *guard);
static inline void guard_take(Guard *guard)
{
    if (unlikely(atomic_exchange_explicit(&guard->taken, true, memory_order_acquire)))
        guard_wait(guard);
}
static inline void guard_give(Guard *guard)
{
    atomic_store_explicit(&guard->taken, false, memory_order_release);
}

/* ---- threads.c: threads, what they hold, which task runs ---- */

typedef struct {
    void *address;
    uint64_t serial; /* tells locks at a reused address apart */
    uint64_t at;
    uint64_t chain; /* hash of everything this actor holds up to here */
    uint32_t actor;
    Context site;
} Held;

/* A lock of a library's own that was free: the table of locks gets it when somebody waits for it. */
enum { MOST_OWN = 8 };
typedef struct {
    void *address;
    uint64_t at; /* the last acquire is the one that counts */
    Context site;
} OwnHeld;

/* The wait going on. */
typedef struct {
    uint64_t since; /* 0 = none */
    uint64_t address;
    uint32_t op, object, stack, actor;
} Going;

typedef struct {
    void *code;
    uintptr_t instruction;
    Context site;
    unsigned role;
} Near;
enum { NEAR_SITES = 64, NEAR_NESTS = 32, HELD_AT_FIRST = 6 };

struct Thread {
    /* Its own. */
    _Atomic uint32_t id; /* actor of the thread; 0 until Python was asked */
    uint32_t task;       /* TASK_BIT | id while a task's step runs, else 0 */
    uint32_t epoch;      /* grows with each thread started or joined */
    int busy;            /* > 0: the probe's own code runs here; hooks stand aside */
    bool in_loop;        /* it runs an event loop: which task acts is asked for only when needed */
    bool waits;          /* a wait of its is told */
    _Atomic uint64_t locks, own_locks, made, emits, asks; /* see Effort */
    Near sites[NEAR_SITES];
    uint64_t nests[NEAR_NESTS]; /* hashes of nestings that were there already */
    /* For whoever has the guard. */
    Guard guard;
    int count, room; /* of held */
    Held *held;
    Held first[HELD_AT_FIRST];
    int own_count;
    OwnHeld own[MOST_OWN]; /* in the order of taking */
    Going going;
    atomic_bool ended;
    Thread *next; /* never changes */
};

extern atomic_bool hooks_on;
static inline bool hooks_are_on(void)
{
    return atomic_load_explicit(&hooks_on, memory_order_acquire);
}
/* As thread_here(), NULL where hooks must stand aside. */
static inline Thread *thread_hooked(void)
{
    if (!hooks_are_on())
        return NULL;
    Thread *thread = thread_here();
    return thread && !thread->busy ? thread : NULL;
}
/* Which loop turns in a thread is not looked at here. */
static inline void thread_turns(Thread *thread, PyObject *loop, PyObject *numbers)
{
    (void)thread, (void)loop, (void)numbers;
}
Thread *threads_first(void);
void threads_after_fork(void);
/* Nobody holds or waits for anything. */
void threads_clear(void);
PyMethodDef *threads_methods(void);
/* One thread's, which alone adds to it. */
static inline void count_one(_Atomic uint64_t *number)
{
    atomic_store_explicit(number, atomic_load_explicit(number, memory_order_relaxed) + 1, memory_order_relaxed);
}
void count_emit(void);
#define EMITTED() count_emit()
#define ASKED(thread) ((thread) ? count_one(&(thread)->asks) : (void)0)

/* Whether Python keeps a wait of this actor: the lock is a part of what it waits for. */
bool waits_already(uint32_t actor);

/* ---- places.c ---- */

/* Empty until the first use; false where there is no room. */
bool places_install(void);
/* The site of the code that takes a lock here, and whose lock that is. May run Python code. */
Context site_for(Thread *thread, unsigned *role, bool given_back);

/* ---- table.c: the lock at an address ---- */

typedef struct Lock Lock;
struct Lock {
    void *address;
    Thread *thread;  /* whose held list has it */
    uint64_t serial;
    uint64_t at;     /* acquired at */
    uint64_t waited, held; /* totals, ns */
    uint32_t id;     /* object id; 0 until defined */
    uint32_t owner;  /* actor; 0 = free or unknown */
    uint32_t acquires, contended, told;
    uint32_t waiters;
    uint32_t waker;  /* actor that released it last, while somebody waited */
    uint32_t era;    /* what was known in an earlier one is forgotten */
    uint32_t nth;    /* of those made on its line; 0 = not counted */
    Context created, site;
    uint16_t flags;  /* of the acquire to be published at release */
    uint8_t kind, role;
    bool unknown_id;   /* could not be defined */
    bool told_acquire; /* its acquire is recorded, so its release will be */
    bool pending;      /* that record waits for the release */
};
typedef struct Part Part;
/* The part of the table that an address belongs to, with its guard taken; part_give() gives it back. */
Part *part_take(void *address);
void part_give(Part *part);
/* With the part's guard taken. */
Lock *part_find(Part *part, void *address);
Lock *part_add(Part *part, void *address, uint8_t kind);
void part_remove(Part *part, void *address);
/* Copies what is at an address; false when nothing is. */
bool table_look(void *address, Lock *copy);
/* Of those of this era, a part at a time: `visit` must not call Python. */
void table_each(void (*visit)(Lock *, void *), void *argument);
/* A new process or a new recording: what was known is forgotten when it is next looked at. */
void table_next_era(void);
uint32_t table_era(void);
/* True when it was not there yet. A full set says false. */
bool nests_add(uint64_t hash);
void nests_clear(void);

/* ---- holding.c, waits.c, asked.c ---- */

extern bool full_detail;
/* Who takes a lock, and where: found before it is taken, as that may run Python code. */
typedef struct {
    Context site;
    unsigned role;
    uint32_t actor;
} Taking;
/* False when this one is not to be recorded. */
bool taking_begin(Thread *thread, Taking *taking, bool given_back);
/* Takes a lock by `take`, and notes it as one step to all others; false when it is not free. */
bool lock_take(Thread *thread, PyObject *lock, uint8_t kind, unsigned flags, const Taking *taking, bool (*take)(PyObject *));
/* It was taken. */
void lock_acquired(Thread *thread, void *address, uint8_t kind, unsigned flags, const Taking *taking);
typedef struct {
    uint64_t serial; /* 0 = nothing is to be said */
    void *address;
    uint64_t since, now;
    uint32_t id, actor, owner;
    Context site;
    uint16_t flags;
    bool pending, told, watched;
} Releasing;
/* Before a release; gives the lock back by `give` in the same step, where there is one. True when that was done. */
bool lock_releasing(Thread *thread, PyObject *lock, Releasing *facts, bool (*give)(PyObject *));
void lock_released(const Releasing *facts);
typedef struct {
    void *address;
    uint64_t since, serial; /* serial 0 = not known */
    uint32_t object, stack, actor;
    bool told;
} Waiting;
void wait_begin(Thread *thread, void *address, uint8_t kind, int64_t timeout_ns, const Taking *taking, bool given_back, Waiting *wait);
void wait_end(Thread *thread, Waiting *wait, unsigned result);
/* Object id of the lock at an address, defined if need be. May run Python code. `serial` 0: whichever is there. */
uint32_t lock_id(void *address, uint64_t serial);
/* Who took a lock of a library's own that has no record, and where; 0 when nobody is known. */
uint32_t own_holder(void *address, Context *site);
/* What an actor holds in one thread, outermost first, copied; NULL where that is nothing. The caller frees it. */
Held *held_by(Thread *thread, uint32_t actor, int *count);
void lock_created(void *address, uint8_t kind);
void lock_gone(void *address);
/* It is free now, whoever had it (after a fork). */
void lock_reset(void *address);
PyMethodDef *asked_methods(void);
void holding_clear(void);
static inline uint32_t micros(uint64_t ns)
{
    return (uint32_t)(ns / 1000);
}

#endif
