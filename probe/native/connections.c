/* Pipes between processes: what process_notes.py does for each read, write and message, without Python.
 *
 * Whether a read will block is not known before it has: each leaves a note, and Python hears of those that last. */
#include "core.h"

enum { WAIT_RECEIVE = 11, WAIT_SEND = 12 };
/* A note inside of a note is a signal handler's or a finalizer's; of more nobody hears. */
enum { MOST_NOTES = 3, SHORT = 1000000 };

typedef struct {
    uint64_t began;
    PyObject *connection;
    uint32_t actor, timeout, token;
    unsigned op;
} Note;
struct Notes {
    unsigned long thread; /* as Python knows it */
    int count;
    Note notes[MOST_NOTES];
};

/* Messages and short waits that may be told of in this period. */
static long messages_left;
static PyObject *on_first_name;

/* In a forked child the other threads' notes are the parent's. */
void connections_after_fork(void)
{
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        if (thread->notes)
            thread->notes->count = 0;
}

/* After a fork somebody waits to hear of the first thing to watch. */
void tell_first(void)
{
    PyObject *waits = waits_names ? PyDict_GetItem(waits_names, on_first_name) : NULL;
    if (waits && waits != Py_None)
        Py_XDECREF(ask("first", "()"));
}

static PyObject *note(PyObject *connection, unsigned op, uint32_t timeout)
{
    Thread *thread = ring_open && on_first_name ? thread_here() : NULL;
    if (!thread)
        return none();
    tell_first();
    uint32_t actor = actor_now(thread);
    struct Notes *notes = thread->notes;
    if (!notes) {
        if (!(notes = thread->notes = calloc(1, sizeof *notes)))
            return none();
        notes->thread = PyThread_get_thread_ident();
    }
    if (notes->count == MOST_NOTES)
        return none();
    effort.notes++;
    Py_INCREF(connection);
    notes->notes[notes->count++] = (Note){clock_now(), connection, actor, timeout, 0, op};
    return PyLong_FromLong(notes->count);
}

static PyObject *reading(PyObject *module, PyObject *connection)
{
    (void)module;
    return note(connection, WAIT_RECEIVE, 0);
}

static PyObject *writing(PyObject *module, PyObject *connection)
{
    (void)module;
    return note(connection, WAIT_SEND, 0);
}

/* polling(connection, timeout): nothing for one that does not wait */
static PyObject *polling(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2)
        return none();
    if (args[1] == Py_None)
        return note(args[0], WAIT_RECEIVE, 0);
    if (PyFloat_CheckExact(args[1]) && !(PyFloat_AsDouble(args[1]) > 0))
        return none();
    long timeout = ask_id(ask("timeout", "(O)", args[1]));
    return timeout > 0 ? note(args[0], WAIT_RECEIVE, (uint32_t)timeout) : none();
}

static bool may_tell(void)
{
    if (messages_left > 0) {
        messages_left--;
        return true;
    }
    if (messages_left == 0 && !full_detail) {
        messages_left = -1;
        Py_XDECREF(ask("messages_spent", "()"));
    }
    return full_detail;
}

/* over(what one of these gave) */
static PyObject *over(PyObject *module, PyObject *number)
{
    (void)module;
    Thread *thread = thread_slot;
    if (number == Py_None || !thread || !thread->notes)
        return none();
    struct Notes *notes = thread->notes;
    long index = PyLong_AsLong(number);
    if (index < 1 || index > notes->count) {
        PyErr_Clear();
        return none();
    }
    Note ended = notes->notes[index - 1];
    while (notes->count > index) { /* one inside that was never over */
        PyObject *lost = notes->notes[--notes->count].connection;
        Py_DECREF(lost);
    }
    notes->count = (int)index - 1;
    uint64_t now = clock_now();
    if (ended.token)
        Py_XDECREF(ask("waited", "(IiI)", (unsigned)ended.token, RESULT_DONE, 0u));
    else if (ring_open && now - ended.began >= SHORT && may_tell())
        Py_XDECREF(ask("blocked", "(OIIKKI)", ended.connection, ended.op, (unsigned)ended.actor, (unsigned long long)ended.began,
                       (unsigned long long)now, (unsigned)ended.timeout));
    Py_DECREF(ended.connection);
    return none();
}

/* message(connection, data): it is about to be written */
static PyObject *message(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    Thread *thread = count == 2 && ring_open && on_first_name ? thread_here() : NULL;
    if (!thread || !may_tell())
        return none();
    Py_ssize_t size = PyObject_Size(args[1]);
    if (size < 0) {
        PyErr_Clear();
        return none();
    }
    effort.notes++;
    uint32_t id = id_of_object(args[0], "connection"), actor = actor_now(thread);
    ring_write(KIND_MESSAGE, 0, actor, clock_now(), id, size > 0xFFFFFFFFll ? 0xFFFFFFFFu : (uint32_t)size, 0);
    return none();
}

/* lasting(before) -> [(thread, began, connection, op, actor, timeout)] of the notes older than that which are no wait yet */
static PyObject *lasting(PyObject *module, PyObject *number)
{
    unsigned long long before = PyLong_AsUnsignedLongLong(number);
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    PyObject *list = PyList_New(0);
    for (Thread *thread = threads_first(); list && thread; thread = thread->next) {
        struct Notes *notes = atomic_load(&thread->ended) ? NULL : thread->notes;
        /* The innermost is what the thread is at. */
        Note *last = notes && notes->count ? &notes->notes[notes->count - 1] : NULL;
        if (!last || last->token || last->began > before)
            continue;
        PyObject *row = Py_BuildValue("(kKOIII)", notes->thread, (unsigned long long)last->began, last->connection, last->op,
                                      (unsigned)last->actor, (unsigned)last->timeout);
        add_row(&list, row);
    }
    return list;
}

/* became(thread, began, token) -> whether the note is there still: it is this wait now. Token 0 only asks. */
static PyObject *became(PyObject *module, PyObject *args)
{
    unsigned long ident;
    unsigned long long began;
    unsigned token;
    (void)module;
    if (!PyArg_ParseTuple(args, "kKI", &ident, &began, &token))
        return NULL;
    for (Thread *thread = threads_first(); thread; thread = thread->next) {
        struct Notes *notes = atomic_load(&thread->ended) ? NULL : thread->notes;
        if (!notes || notes->thread != ident || !notes->count || notes->notes[notes->count - 1].began != began)
            continue;
        if (token)
            notes->notes[notes->count - 1].token = token;
        Py_INCREF(Py_True);
        return Py_True;
    }
    Py_INCREF(Py_False);
    return Py_False;
}

static PyObject *allow_messages(PyObject *module, PyObject *number)
{
    long given = PyLong_AsLong(number);
    (void)module;
    if (PyErr_Occurred())
        return NULL;
    if (given > messages_left)
        messages_left = given;
    return none();
}

static PyMethodDef methods[] = {
    {"reading", reading, METH_O, "reading(connection) -> a note for over()"},
    {"writing", writing, METH_O, "writing(connection) -> a note for over()"},
    {"polling", (PyCFunction)(void (*)(void))polling, METH_FASTCALL, "polling(connection, timeout) -> a note for over()"},
    {"over", over, METH_O, "over(note): it has been read or written"},
    {"message", (PyCFunction)(void (*)(void))message, METH_FASTCALL, "message(connection, data): it is about to be written"},
    {"lasting", lasting, METH_O, "(thread, began, connection, op, actor, timeout) of notes from before a time"},
    {"became", became, METH_VARARGS, "became(thread, began, token) -> whether that note is there still"},
    {"allow_messages", allow_messages, METH_O, "so many more messages and short waits may be told of"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *connections_methods(void)
{
    if (!on_first_name)
        on_first_name = PyUnicode_InternFromString("on_first");
    PyErr_Clear();
    return methods;
}
