/* Waits for results of futures and pools: what pool_waits.py does around the line that waits, without Python for those that
 * are over soon. Of the others Python hears when they have lasted. */
#include "frames.h"

#include <stddef.h>
#include <structmember.h>

enum { WAIT_RESULT = 10 };
/* Of one future, of some of several, of a multiprocessing pool: as pool_waits numbers them. */
enum { OF_ONE, OF_SOME, OF_POOL };

typedef struct Awaiting {
    PyObject_HEAD
    PyObject *what;
    struct Awaiting *before, *next; /* of those that Python knows nothing of yet */
    void *state;                    /* the thread's, as the interpreter knows it */
    char *frame;                    /* where the line is */
    uint64_t since;
    unsigned kind, actor, timeout;
    unsigned token; /* of the wait that Python keeps */
    bool light;     /* it waits, and nothing has been told of it */
    bool done;
} Awaiting;

static PyTypeObject *type;
static PyObject *state_name, *untold;
static Awaiting *first;
/* Waits that may be told at once in this period. */
static long results_left;

static PyObject *actor_key(uint32_t actor)
{
    PyObject *key = waits_by_actor ? PyLong_FromUnsignedLong(actor) : NULL;
    if (!key)
        PyErr_Clear();
    return key;
}

bool wait_mark(uint32_t actor)
{
    PyObject *key = actor_key(actor);
    bool marked = key && PyDict_Contains(waits_by_actor, key) == 0 && PyDict_SetItem(waits_by_actor, key, untold) == 0;
    Py_XDECREF(key);
    PyErr_Clear();
    return marked;
}

void wait_unmark(uint32_t actor)
{
    /* What has ended the wait may be on its way to the program. */
    PyObject *kind, *value, *traceback;
    PyErr_Fetch(&kind, &value, &traceback);
    PyObject *key = actor_key(actor);
    if (key && PyDict_GetItemWithError(waits_by_actor, key) == untold && PyDict_DelItem(waits_by_actor, key) < 0)
        PyErr_Clear();
    Py_XDECREF(key);
    PyErr_Restore(kind, value, traceback);
}

static void make_light(Awaiting *one)
{
    one->light = true;
    one->next = first;
    if (first)
        first->before = one;
    first = one;
}

/* Nobody need tell of it any more; false when somebody else has seen to that. */
static bool end_light(Awaiting *one)
{
    if (!one->light)
        return false;
    one->light = false;
    if (one->before)
        one->before->next = one->next;
    else
        first = one->next;
    if (one->next)
        one->next->before = one->before;
    one->before = one->next = NULL;
    wait_unmark(one->actor);
    return true;
}

/* In a forked child no other thread's wait goes on. */
void results_after_fork(void)
{
    while (first) {
        Awaiting *one = first;
        first = one->next;
        one->light = false;
        one->before = one->next = NULL;
    }
}

static unsigned milliseconds(PyObject *timeout)
{
    const double most = 0xFFFFFFFFu;
    if (!timeout || timeout == Py_None)
        return 0;
    double ms = PyFloat_AsDouble(timeout) * 1000;
    PyErr_Clear();
    return !(ms >= 1) || ms > 1e300 ? 1 : ms > most ? 0xFFFFFFFFu : (unsigned)ms;
}

static void begin(Thread *thread, Awaiting *one)
{
    if (results_left > 0) {
        results_left--;
        long token = ask_id(ask("result", "(IOI)", one->kind, one->what, one->timeout));
        one->token = token > 0 ? (unsigned)token : 0;
        return;
    }
    uint32_t actor = actor_now(thread);
    if (!wait_mark(actor)) /* it waits already: the outer wait stands for both */
        return;
    effort.notes++;
    one->actor = actor;
    one->state = PyThreadState_Get();
    one->frame = frame_above(0);
    one->since = clock_now();
    make_light(one);
}

static PyObject *awaiting(PyObject *const *args, Py_ssize_t count, unsigned kind)
{
    Thread *thread = count == 2 && ring_open && hooks_on ? thread_here() : NULL;
    Awaiting *one = (Awaiting *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!one)
        return NULL;
    one->kind = kind;
    if (thread && !thread->busy) {
        Py_INCREF(args[0]);
        one->what = args[0];
        one->timeout = milliseconds(args[1]);
        begin(thread, one);
    }
    return (PyObject *)one;
}

static PyObject *awaiting_one(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    return awaiting(args, count, OF_ONE);
}

static PyObject *awaiting_some(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    return awaiting(args, count, OF_SOME);
}

static PyObject *awaiting_pool(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    return awaiting(args, count, OF_POOL);
}

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return none();
}

static unsigned result_of(Awaiting *one)
{
    if (one->kind != OF_ONE || !one->what)
        return RESULT_DONE;
    PyObject *state = PyObject_GetAttr(one->what, state_name);
    bool late = state && PyUnicode_Check(state) &&
                (PyUnicode_CompareWithASCIIString(state, "PENDING") == 0 || PyUnicode_CompareWithASCIIString(state, "RUNNING") == 0);
    Py_XDECREF(state);
    PyErr_Clear();
    return late ? RESULT_TIMEOUT : RESULT_DONE;
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Awaiting *one = (Awaiting *)self;
    one->done = true;
    bool light = end_light(one);
    if (one->token || (light && full_detail)) {
        unsigned result = count > 0 && args[0] != Py_None ? RESULT_ERROR : result_of(one);
        if (one->token) {
            Py_XDECREF(ask("waited", "(II)", one->token, result));
        } else {
            uint64_t now = clock_now();
            uint32_t stack = program_stack_from(frame_above(0));
            effort.notes++;
            ring_write(KIND_WAIT_BEGIN, WAIT_RESULT | (one->timeout ? WAIT_TIMEOUT : 0), one->actor, one->since, 0, stack,
                       one->timeout);
            ring_write(KIND_WAIT_END, result, one->actor, now, 0, stack, 0);
        }
    }
    Py_CLEAR(one->what);
    return none();
}

/* ---- for the watcher ---- */

/* lasting_results(before) -> those that have begun earlier and that Python knows nothing of yet */
static PyObject *lasting(PyObject *module, PyObject *number)
{
    (void)module;
    uint64_t before = PyLong_AsUnsignedLongLong(number);
    PyObject *list = PyErr_Occurred() ? NULL : PyList_New(0);
    for (Awaiting *one = first; list && one; one = one->next)
        if (one->since < before) {
            Py_INCREF(one);
            add_row(&list, (PyObject *)one);
        }
    return list;
}

/* take() -> id of the stack where it waits; None when it is over, or somebody else tells of it. */
static PyObject *take(PyObject *self, PyObject *unused)
{
    Awaiting *one = (Awaiting *)self;
    (void)unused;
    /* Only where it still stands there: a thread may be ended from outside, a greenlet may have gone. */
    if (!one->light || !thread_runs(one->state, one->frame))
        return none();
    Context context = context_from(one->frame, CONTEXT_DEPTH);
    end_light(one);
    return context ? PyLong_FromUnsignedLong(context_stack(context)) : none();
}

/* tell(token) -> whether it still goes on, and will end the wait with this token itself */
static PyObject *tell(PyObject *self, PyObject *token)
{
    Awaiting *one = (Awaiting *)self;
    unsigned long number = PyLong_AsUnsignedLong(token);
    if (PyErr_Occurred())
        return NULL;
    if (!one->done)
        one->token = (unsigned)number;
    return PyBool_FromLong(!one->done);
}

static PyObject *allow_results(PyObject *module, PyObject *number)
{
    (void)module;
    long given = PyLong_AsLong(number);
    if (PyErr_Occurred())
        return NULL;
    if (given > results_left)
        results_left = given;
    return none();
}

static void dealloc(PyObject *self)
{
    Awaiting *one = (Awaiting *)self;
    PyTypeObject *kind = Py_TYPE(self);
    end_light(one);
    Py_XDECREF(one->what);
    PyObject_Free(self);
    Py_DECREF(kind);
}

static PyMemberDef members[] = {
    {"what", T_OBJECT, offsetof(Awaiting, what), READONLY, NULL},
    {"kind", T_UINT, offsetof(Awaiting, kind), READONLY, NULL},
    {"actor", T_UINT, offsetof(Awaiting, actor), READONLY, NULL},
    {"timeout", T_UINT, offsetof(Awaiting, timeout), READONLY, NULL},
    {"since", T_ULONGLONG, offsetof(Awaiting, since), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyMethodDef own_methods[] = {
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, NULL},
    {"take", take, METH_NOARGS, "take() -> stack where it waits, or None when there is nothing to tell"},
    {"tell", tell, METH_O, "tell(token) -> whether it goes on"},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_dealloc, dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, own_methods},
    {Py_tp_doc, "Around a line that waits for results."},
    {0, NULL},
};
static PyType_Spec spec = {"interleave_probe._native.Awaiting", sizeof(Awaiting), 0, Py_TPFLAGS_DEFAULT, slots};

PyMethodDef *results_methods(void)
{
    static PyMethodDef methods[] = {
        {"awaiting", (PyCFunction)(void (*)(void))awaiting_one, METH_FASTCALL, "awaiting(future, timeout): around the line"},
        {"awaiting_some", (PyCFunction)(void (*)(void))awaiting_some, METH_FASTCALL, "awaiting_some(futures, timeout): the same"},
        {"awaiting_pool", (PyCFunction)(void (*)(void))awaiting_pool, METH_FASTCALL, "awaiting_pool(result, timeout): the same"},
        {"lasting_results", lasting, METH_O, "lasting_results(before) -> waits begun before that nothing has been told of"},
        {"allow_results", allow_results, METH_O, "so many more waits may be told at once"},
        {NULL, NULL, 0, NULL},
    };
    if (!type)
        type = (PyTypeObject *)PyType_FromSpec(&spec);
    if (!untold) {
        untold = PyLong_FromLong(-1);
        state_name = PyUnicode_InternFromString("_state");
    }
    PyErr_Clear();
    return methods;
}
