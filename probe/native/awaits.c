/* What suspended tasks wait for: where they stand, read off their coroutines without a frame object being made, and the
 * look at all tasks that finds the few that Python has something to say of. */
#include "aio.h"
#include "frames.h"

/* ---- where a task stands ---- */

enum { COROUTINE, GENERATOR, ASYNCHRONOUS, KINDS };
static PyObject *kinds[KINDS];
static PyObject *awaited_name[KINDS];
/* Of asyncio's own in C: what an await of a future ends in. */
static PyObject *future_iterator;
static Original coroutine_original;
/* Where such an object keeps its frame, or a pointer to it, and a byte below 0 while it is suspended; 0 = not known. */
static size_t frame_at, state_at;
static bool frame_is_object;

static inline const char *frame_in(PyObject *object)
{
    return frame_is_object ? *(char **)((char *)object + frame_at) : (char *)object + frame_at;
}

static int kind_of(PyObject *object)
{
    for (int kind = 0; kind < KINDS; kind++)
        if ((PyObject *)Py_TYPE(object) == kinds[kind])
            return kind;
    return KINDS;
}

static bool ends_here(PyObject *object)
{
    PyObject *type = (PyObject *)Py_TYPE(object);
    if (type == future_iterator)
        return true;
    if (future_iterator)
        return false;
    PyObject *name = PyObject_GetAttrString(type, "__name__");
    if (name && PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "FutureIter") == 0) {
        Py_INCREF(type);
        future_iterator = type;
    }
    Py_XDECREF(name);
    PyErr_Clear();
    return type == future_iterator;
}

PyObject *aio_coroutine_of(PyObject *task)
{
    if (!coroutine_original.function && original_of(task, "get_coro", &coroutine_original))
        coroutine_original.function = NULL;
    PyErr_Clear();
    PyObject *coroutine = coroutine_original.function && (coroutine_original.flags & METH_NOARGS)
                              ? coroutine_original.function(task, NULL)
                              : PyObject_CallMethod(task, "get_coro", NULL);
    if (!coroutine)
        PyErr_Clear();
    return coroutine;
}

bool aio_task_stack(PyObject *task, uint32_t *stack)
{
    Place places[CONTEXT_DEPTH], upside[CONTEXT_DEPTH];
    int count = 0;
    if (!frame_at)
        return false;
    PyObject *node = aio_coroutine_of(task);
    while (node && node != Py_None) {
        int kind = kind_of(node);
        const char *frame = kind < KINDS ? frame_in(node) : NULL;
        bool known = kind == KINDS ? ends_here(node) : frame && (!state_at || *((signed char *)node + state_at) < 0);
        PyObject *next = NULL;
        if (known && frame) {
            known = count < CONTEXT_DEPTH && frame_place(frame, &upside[count]);
            count += known;
            next = known ? PyObject_GetAttr(node, awaited_name[kind]) : NULL;
        }
        Py_DECREF(node);
        node = next;
        if (!known) {
            Py_XDECREF(node);
            count = 0;
            break;
        }
    }
    PyErr_Clear();
    for (int i = 0; i < count; i++)
        places[i] = upside[count - 1 - i];
    /* The coroutines live on: who awaits them has a reference, and nothing has run since. */
    *stack = count ? context_stack(context_of(places, count)) : 0;
    return count > 0;
}

static void learn_frame(PyObject *generator, PyObject *frame, PyObject *code, intptr_t last)
{
    enum { LEAST = 16, MOST = 128 };
    for (size_t at = LEAST; at < MOST && !frame_at; at += sizeof(void *)) {
        bool object = *(PyObject **)((char *)generator + at) == frame;
        const char *place_of = object ? (char *)frame : (char *)generator + at;
        Place place;
        if (frame_may_be_of(place_of, code) && frame_place(place_of, &place) && place_index(&place) == last) {
            frame_at = at;
            frame_is_object = object;
            state_at = object ? 0 : at - 5;
        }
    }
    if (state_at && *((signed char *)generator + state_at) >= 0)
        frame_at = 0;
}

void awaits_learn(PyObject *generator, PyObject *coroutine_type, PyObject *asynchronous_type)
{
    static const char *const names[KINDS] = {"cr_await", "gi_yieldfrom", "ag_await"};
    frame_at = state_at = 0;
    coroutine_original.function = NULL;
    Py_CLEAR(future_iterator);
    for (int kind = 0; kind < KINDS; kind++)
        Py_CLEAR(kinds[kind]);
    if (!generator || !coroutine_type || !asynchronous_type || sizeof(void *) != 8)
        return;
    kinds[COROUTINE] = coroutine_type;
    kinds[GENERATOR] = (PyObject *)Py_TYPE(generator);
    kinds[ASYNCHRONOUS] = asynchronous_type;
    for (int kind = 0; kind < KINDS; kind++) {
        Py_INCREF(kinds[kind]);
        if (!awaited_name[kind])
            awaited_name[kind] = PyUnicode_InternFromString(names[kind]);
    }
    PyObject *frame = PyObject_GetAttrString(generator, "gi_frame");
    PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
    PyObject *last = code ? PyObject_GetAttrString(frame, "f_lasti") : NULL;
    if (last)
        learn_frame(generator, frame, code, (intptr_t)PyLong_AsSsize_t(last));
    Py_XDECREF(last);
    Py_XDECREF(code);
    Py_XDECREF(frame);
    PyErr_Clear();
}

/* ---- the look at all tasks ---- */

/* An await shorter than this is not on record: the next look is early enough. */
static const uint64_t LONG = 50000000;
enum { BETWEEN_CLOCKS = 16 };
static PyObject *waiter_name, *future_name, *since_name, *token_name;
static PyTypeObject *reference_type;
static Original loop_original;

static bool is_reference(PyObject *object)
{
    return reference_type && PyType_IsSubtype(Py_TYPE(object), reference_type);
}

static bool same_loop(PyObject *task, PyObject *loop)
{
    if (!loop_original.function && original_of(task, "get_loop", &loop_original))
        loop_original.function = NULL;
    PyErr_Clear();
    PyObject *its = loop_original.function && (loop_original.flags & METH_NOARGS) ? loop_original.function(task, NULL)
                                                                               : PyObject_CallMethod(task, "get_loop", NULL);
    bool same = its == loop;
    Py_XDECREF(its);
    PyErr_Clear();
    return same;
}

static bool number_of(PyObject *object, PyObject *name, uint64_t *number)
{
    PyObject *value = PyObject_GetAttr(object, name);
    bool good = value && PyLong_Check(value);
    if (good)
        *number = PyLong_AsUnsignedLongLong(value);
    Py_XDECREF(value);
    return good && !PyErr_Occurred();
}

/* True when the wait that is kept is for this future, and neither long enough to be told nor told already. */
static bool goes_on(PyObject *wait, PyObject *future, uint64_t now)
{
    uint64_t since, token;
    PyObject *weak = PyObject_GetAttr(wait, future_name);
    bool same = weak && is_reference(weak) && PyWeakref_GetObject(weak) == future;
    Py_XDECREF(weak);
    bool nothing = same && number_of(wait, token_name, &token) && number_of(wait, since_name, &since) &&
                   (token || now < since + LONG);
    PyErr_Clear();
    return nothing;
}

/* Nothing is to be said of this task now. */
static bool is_usual(PyObject *task, PyObject *loop, uint64_t now, bool unknown_too)
{
    if (!aio_is_task(task))
        return false;
    if (!same_loop(task, loop))
        return true;
    TaskEntry *entry = entry_find(task);
    if (entry)
        entry->met = 1;
    if (aio_is_done(task))
        return !entry || entry->over;
    if (!entry)
        return !unknown_too;
    PyObject *wait = table_at(loops.seen, entry->id);
    PyObject *future = PyObject_GetAttr(task, waiter_name);
    bool usual = future && (future == Py_None ? !wait
                            : wait            ? goes_on(wait, future, now)
                                              : entry->since >= loops.armed_since && now < entry->since + LONG);
    Py_XDECREF(future);
    PyErr_Clear();
    return usual;
}

/* notable(tasks, loop, now, until, unknown_too) -> the next one, from the end of the list, that there may be something to
 * say of; None at the end of the list or of the time. */
static PyObject *notable(PyObject *module, PyObject *args)
{
    PyObject *list, *loop;
    unsigned long long now, until;
    int unknown_too;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!OKKp", &PyList_Type, &list, &loop, &now, &until, &unknown_too))
        return NULL;
    Py_ssize_t size;
    for (unsigned count = 1; (size = PyList_Size(list)) > 0; count++) {
        PyObject *one = PyList_GetItem(list, size - 1);
        PyObject *task = is_reference(one) ? PyWeakref_GetObject(one) : one;
        Py_INCREF(task);
        if (PyList_SetSlice(list, size - 1, size, NULL) < 0) {
            Py_DECREF(task);
            return NULL;
        }
        if (task != Py_None && !is_usual(task, loop, now, unknown_too))
            return task;
        Py_DECREF(task);
        if (count % BETWEEN_CLOCKS == 0 && clock_now() > until)
            break;
    }
    return none();
}

PyMethodDef *awaits_methods(void)
{
    static PyMethodDef methods[] = {
        {"notable", notable, METH_VARARGS,
         "notable(tasks, loop, now, until, unknown_too) -> the next task that there is something to say of, or None"},
        {NULL, NULL, 0, NULL},
    };
    if (!waiter_name) {
        waiter_name = PyUnicode_InternFromString("_fut_waiter");
        future_name = PyUnicode_InternFromString("future");
        since_name = PyUnicode_InternFromString("since");
        token_name = PyUnicode_InternFromString("token");
        PyObject *reference = PyWeakref_NewRef((PyObject *)Py_TYPE(Py_None), NULL);
        reference_type = reference ? Py_TYPE(reference) : NULL;
        Py_XDECREF(reference);
    }
    PyErr_Clear();
    return methods;
}
