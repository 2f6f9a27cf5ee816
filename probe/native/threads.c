/* Threads: their records, from their first act to their end. */
#include "core.h"

#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#endif

THREAD_LOCAL Thread *thread_slot;
bool hooks_on;
static Thread *threads;
PyObject *waits_by_actor, *waits_names;

/* ---- the end of a thread: noticed by the operating system's own means, without the GIL ---- */

#ifdef _WIN32
static DWORD end_key = FLS_OUT_OF_INDEXES;
static void WINAPI at_end(void *thread)
{
    if (thread_slot == thread)
        thread_slot = NULL;
    if (thread)
        atomic_store(&((Thread *)thread)->ended, true);
}
#else
static pthread_key_t end_key;
static bool end_key_made;
static void at_end(void *thread)
{
    /* What runs later still in this thread gets a record of its own: this one is another's soon. */
    if (thread_slot == thread)
        thread_slot = NULL;
    atomic_store(&((Thread *)thread)->ended, true);
}
#endif

static void watch_end(Thread *thread)
{
#ifdef _WIN32
    if (end_key == FLS_OUT_OF_INDEXES)
        end_key = FlsAlloc(at_end);
    if (end_key != FLS_OUT_OF_INDEXES)
        FlsSetValue(end_key, thread);
#else
    if (!end_key_made)
        end_key_made = pthread_key_create(&end_key, at_end) == 0;
    if (end_key_made)
        pthread_setspecific(end_key, thread);
#endif
}

/* The record of an ended thread, cleared for a new one; one that ended with a lock keeps its record until somebody else
 * lets the lock go. Records are never freed: whoever walks the list may run Python code, and so other threads, on the way. */
static Thread *thread_again(void)
{
    for (Thread *thread = threads; thread; thread = thread->next) {
        if (thread->count || !atomic_load(&thread->ended))
            continue;
        Thread *next = thread->next;
        if (thread->held != thread->first)
            free(thread->held);
        free(thread->notes);
        thread_turns(thread, NULL, NULL);
        memset(thread, 0, sizeof *thread);
        thread->next = next;
        return thread;
    }
    return NULL;
}

Thread *thread_make(void)
{
    if (!asking_installed())
        return NULL;
    Thread *thread = thread_again();
    if (!thread) {
        thread = calloc(1, sizeof *thread);
        if (!thread)
            return NULL;
        thread->next = threads;
        threads = thread;
    }
    thread->held = thread->first;
    thread->room = sizeof thread->first / sizeof *thread->first;
    thread_slot = thread;
    watch_end(thread);
    return thread;
}

uint32_t thread_ask_id(Thread *thread)
{
    if (!thread->busy) {
        long id = ask_id(ask("thread", "()"));
        if (id > 0)
            thread->id = (uint32_t)id;
    }
    return thread->id;
}

void thread_turns(Thread *thread, PyObject *loop, PyObject *numbers)
{
    PyObject *before = thread->numbers;
    Py_XINCREF(numbers);
    thread->loop = loop;
    thread->numbers = numbers;
    Py_XDECREF(before);
}

Thread *threads_first(void)
{
    return threads;
}

/* In a forked child only the forking thread lives, under an id it has still to get. */
void threads_after_fork(void)
{
    for (Thread *thread = threads; thread; thread = thread->next) {
        thread->waiting = NULL;
        thread_turns(thread, NULL, NULL);
        thread->id = 0;
        thread->task = 0;
        thread->pool = 0;
        if (thread != thread_slot) {
            thread->count = thread->own_count = 0;
            atomic_store(&thread->ended, true);
        }
        for (int i = 0; i < thread->count; i++)
            thread->held[i].actor = 0;
    }
}

/* The callbacks keep it. */
static PyObject *kept(const char *name)
{
    PyObject *found = callback(name);
    Py_XDECREF(found);
    return found;
}

int threads_install(PyObject *given)
{
    asking_install(given);
    waits_by_actor = kept("waiting");
    waits_names = kept("waits");
    waits_learn(kept("permits"), kept("signals"));
    return 0;
}

uint32_t actor_now(Thread *thread)
{
    if (!thread->id)
        thread_ask_id(thread);
    if (thread->task)
        return thread->task;
    if (thread->in_loop && !thread->busy) {
        long task = aio_task_now();
        if (task < 0)
            task = ask_id(ask("running_task", "()"));
        if (task > 0)
            return (uint32_t)task | TASK_BIT;
    }
    return thread->id;
}
