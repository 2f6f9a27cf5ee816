/* Handles of event loops: where they keep what, and call_soon() of a loop that turns in this thread, which makes its handle here
 * with less work than asyncio's own functions take. What is out of the ordinary is left to these. */
#include "aio.h"

#include <string.h>

Py_ssize_t handle_at[HANDLE_SLOTS];
static const char *const slot_names[HANDLE_SLOTS] = {"_callback", "_args",    "_cancelled",        "_loop",
                                                     "_repr",     "_context", "_source_traceback"};
static PyObject *debug_name, *ready_name, *handle_name, *init_name;
static PyTypeObject *deque_type;
static Original append;

/* Where the objects of a type keep a slot, as its descriptor says; 0 = not known. */
static Py_ssize_t slot_of(PyObject *type, const char *name)
{
    typedef struct {
        const char *name;
        int type;
        Py_ssize_t offset;
    } Member;
    enum { MEMBER_AT = 40, OBJECT = 16 };
    Py_ssize_t at = 0;
    PyObject *descriptor = PyObject_GetAttrString(type, name);
    PyObject *kind = descriptor ? PyObject_GetAttrString((PyObject *)Py_TYPE(descriptor), "__name__") : NULL;
    if (kind && PyUnicode_CompareWithASCIIString(kind, "member_descriptor") == 0 && sizeof(void *) == 8) {
        const Member *member = *(const Member **)((char *)descriptor + MEMBER_AT);
        if (member && strcmp(member->name, name) == 0 && member->type == OBJECT && member->offset >= 16 && member->offset < 256)
            at = member->offset;
    }
    Py_XDECREF(kind);
    Py_XDECREF(descriptor);
    PyErr_Clear();
    return at;
}

static void learn_queue(void)
{
    append.function = NULL;
    deque_type = NULL;
    PyObject *queue = loops.deque ? PyObject_CallObject(loops.deque, NULL) : NULL;
    if (queue && original_of(queue, "append", &append) == 0 && (append.flags & METH_O) && (PyObject *)Py_TYPE(queue) == loops.deque)
        deque_type = Py_TYPE(queue);
    Py_XDECREF(queue);
    PyErr_Clear();
}

void handles_learn(void)
{
    if (!debug_name) {
        debug_name = PyUnicode_InternFromString("_debug");
        ready_name = PyUnicode_InternFromString("_ready");
        handle_name = PyUnicode_InternFromString("Handle");
        init_name = PyUnicode_InternFromString("__init__");
    }
    for (int i = 0; i < HANDLE_SLOTS; i++)
        handle_at[i] = slot_of(loops.handle_types[0], slot_names[i]);
    learn_queue();
}

/* Whether asyncio's own function answers for this method of a loop. */
static bool is_own(PyObject *loop, const char *name, PyObject *own)
{
    PyObject *bound = PyObject_GetAttrString(loop, name);
    PyObject *function = bound ? PyObject_GetAttrString(bound, "__func__") : NULL;
    bool same = function && function == own;
    Py_XDECREF(function);
    Py_XDECREF(bound);
    PyErr_Clear();
    return same;
}

bool handles_closes_plainly(PyObject *loop)
{
    return is_own(loop, "_check_closed", loops.check_closed);
}

static inline bool makes_handles(void)
{
    PyObject *made = PyDict_GetItemWithError(loops.events, handle_name);
    if (unlikely(!made))
        PyErr_Clear();
    return made == loops.handle_types[0];
}

bool handles_are_usual(PyObject *loop)
{
    if (!loops.events || !loops.handle_init || !loops.copy_context || !deque_type)
        return false;
    for (int i = 0; i < HANDLE_SLOTS; i++)
        if (!handle_at[i])
            return false;
    PyObject *init = PyObject_GetAttr(loops.handle_types[0], init_name);
    bool same = init == loops.handle_init;
    Py_XDECREF(init);
    PyErr_Clear();
    return same && is_own(loop, "_call_soon", loops.call_soon) && is_own(loop, "get_debug", loops.get_debug);
}

/* The loop's queue; a new reference, NULL when asyncio itself must do it, as in debug mode. */
static PyObject *queue_of(PyObject *loop)
{
    PyObject *debug = PyObject_GetAttr(loop, debug_name);
    Py_XDECREF(debug); /* one of two that live for ever, or not what is looked for */
    PyObject *queue = debug == Py_False ? PyObject_GetAttr(loop, ready_name) : NULL;
    if (queue && Py_TYPE(queue) == deque_type)
        return queue;
    Py_XDECREF(queue);
    PyErr_Clear();
    return NULL;
}

static inline void put(PyObject *handle, int slot, PyObject *value)
{
    *(PyObject **)((char *)handle + handle_at[slot]) = value;
}

/* A Handle as its __init__ leaves it where the loop is not in debug mode. */
static PyObject *new_handle(PyObject *loop, PyObject *callback, PyObject *args, PyObject *context)
{
    if (context != Py_None)
        Py_INCREF(context);
    else if (!(context = PyObject_CallObject(loops.copy_context, NULL)))
        return NULL;
    PyTypeObject *type = (PyTypeObject *)loops.handle_types[0];
    PyObject *handle = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!handle) {
        Py_DECREF(context);
        return NULL;
    }
    Py_INCREF(callback);
    Py_INCREF(args);
    Py_INCREF(loop);
    Py_INCREF(Py_False);
    Py_INCREF(Py_None);
    Py_INCREF(Py_None);
    put(handle, HANDLE_CALLBACK, callback);
    put(handle, HANDLE_ARGS, args);
    put(handle, HANDLE_LOOP, loop);
    put(handle, HANDLE_CONTEXT, context);
    put(handle, HANDLE_CANCELLED, Py_False);
    put(handle, HANDLE_REPR, Py_None);
    put(handle, HANDLE_TRACEBACK, Py_None);
    return handle;
}

/* soon(loop, callback, args, context) -> Handle that is in the loop's queue, or None: asyncio must see to it. */
static PyObject *soon(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    Numbers *numbers = count == 4 ? loop_turning(args[0]) : NULL;
    PyObject *queue = numbers && numbers->plain && numbers->usual && makes_handles() ? queue_of(args[0]) : NULL;
    if (unlikely(!queue))
        return none();
    PyObject *handle = new_handle(args[0], args[1], args[2], args[3]);
    PyObject *done = handle ? append.function(queue, handle) : NULL;
    Py_DECREF(queue);
    if (unlikely(!done)) {
        Py_XDECREF(handle);
        return NULL;
    }
    Py_DECREF(done);
    effort.handles++;
    return handle;
}

PyMethodDef *handles_methods(void)
{
    static PyMethodDef methods[] = {
        {"soon", (PyCFunction)(void (*)(void))soon, METH_FASTCALL,
         "soon(loop, callback, args, context) -> Handle, or None: call_soon() of a loop that turns here"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
