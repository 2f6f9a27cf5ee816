/* Steps of event loops: whose they are, what they say of a task, without Python for the usual ones. */
#include "aio.h"

Loops loops;

static PyObject *callback_name, *self_name, *exception_name, *token_name;
static PyObject *wrapper_type, *method_type, *function_type;
static Original done_original, cancelled_original;

/* ---- tasks ---- */

bool aio_is_task(PyObject *object)
{
    return (PyObject *)Py_TYPE(object) == loops.task_type;
}

bool aio_ask_task(const Original *original, const char *name, PyObject *task)
{
    PyObject *answer = original->function && (original->flags & METH_NOARGS) ? original->function(task, NULL)
                                                                             : PyObject_CallMethod(task, name, NULL);
    bool yes = answer == Py_True;
    if (answer)
        Py_DECREF(answer);
    else
        PyErr_Clear();
    return yes;
}

bool aio_is_done(PyObject *task)
{
    if (unlikely(!loops.task_known)) {
        if (original_of(task, "done", &done_original) || original_of(task, "cancelled", &cancelled_original)) {
            done_original.function = cancelled_original.function = NULL;
            PyErr_Clear();
        }
        loops.task_known = true;
    }
    return aio_ask_task(&done_original, "done", task);
}

/* False when Python must say that the wait is over, as it is on record. */
static COLD bool forget_wait(PyObject *wait, uint32_t number)
{
    PyObject *token = PyObject_GetAttr(wait, token_name);
    bool recorded = !token || PyObject_IsTrue(token) != 0;
    Py_XDECREF(token);
    PyErr_Clear();
    if (!recorded)
        table_drop(loops.seen, number);
    return !recorded;
}

bool aio_has_moved(uint32_t number)
{
    PyObject *wait = table_at(loops.seen, number);
    return likely(!wait) || forget_wait(wait, number);
}

PyObject *aio_running_task(PyObject *loop)
{
    if (!loop)
        return NULL;
    if (loops.current_tasks) {
        PyObject *found = PyDict_GetItemWithError(loops.current_tasks, loop);
        if (unlikely(!found))
            PyErr_Clear();
        return found;
    }
    PyObject *task = loops.current_task ? PyObject_CallFunctionObjArgs(loops.current_task, loop, NULL) : NULL;
    if (!task)
        PyErr_Clear();
    else if (task == Py_None)
        Py_CLEAR(task);
    Py_XDECREF(task); /* its loop has it while it runs */
    return task;
}

bool aio_tells_tasks(void)
{
    return loops.current_tasks || loops.current_task;
}

TaskEntry *aio_running_entry(PyObject *loop, PyObject **task)
{
    *task = aio_running_task(loop);
    return *task && *task != Py_None && aio_is_task(*task) ? entry_find(*task) : NULL;
}

bool aio_holds_locks(uint32_t actor)
{
    Thread *thread = thread_slot;
    for (int i = 0; thread && i < thread->count; i++)
        if (thread->held[i].actor == actor)
            return true;
    return false;
}

/* ---- what a handle calls ---- */

static inline PyObject *word_at(PyObject *object, Py_ssize_t offset)
{
    return *(PyObject **)((char *)object + offset);
}

enum { IN_WRAPPER = 16, IN_METHOD = 24 };

static COLD PyObject *unusual_self_of(PyObject *callback)
{
    if (PyCFunction_Check(callback))
        return PyCFunction_GetSelf(callback);
    PyObject *self = PyObject_GetAttr(callback, self_name);
    if (!self) {
        PyErr_Clear();
        return NULL;
    }
    if (Py_REFCNT(self) == 1) { /* made for the asking: no method of anything */
        Py_DECREF(self);
        return NULL;
    }
    if (!wrapper_type && aio_is_task(self) && word_at(callback, IN_WRAPPER) == self)
        wrapper_type = (PyObject *)Py_TYPE(callback); /* a type of _asyncio: it lives as long as its tasks' */
    Py_DECREF(self);
    return self;
}

/* Whose method a handle calls: borrowed for as long as the handle keeps its callback; NULL for what is no method.
 * The places in a bound method and in what wraps a task's step are known once the interpreter has said the same. */
static inline PyObject *self_of(PyObject *callback)
{
    PyObject *type = (PyObject *)Py_TYPE(callback);
    if (type == wrapper_type)
        return word_at(callback, IN_WRAPPER);
    if (type == method_type)
        return word_at(callback, IN_METHOD);
    if (type == function_type)
        return NULL;
    return unusual_self_of(callback);
}

static COLD PyObject *unusual_callback_of(PyObject *handle)
{
    PyObject *callback = PyObject_GetAttr(handle, callback_name);
    if (!callback)
        PyErr_Clear();
    Py_XDECREF(callback); /* the handle has it */
    return callback;
}

static inline PyObject *callback_of(PyObject *handle)
{
    PyObject *type = (PyObject *)Py_TYPE(handle);
    if (likely(handle_at[HANDLE_CALLBACK] && (type == loops.handle_types[0] || type == loops.handle_types[1])))
        return word_at(handle, handle_at[HANDLE_CALLBACK]);
    return unusual_callback_of(handle);
}

static void learn_method(PyObject *turn)
{
    /* Any method bound to anything: the list's own, and a Python function bound to it. */
    PyObject *types = PyImport_ImportModule("types");
    PyObject *maker = types ? PyObject_GetAttrString(types, "MethodType") : NULL;
    PyObject *list = PyList_New(0);
    PyObject *bound = maker && list ? PyObject_CallFunctionObjArgs(maker, turn, list, NULL) : NULL;
    function_type = method_type = NULL;
    PyObject *plain = types ? PyObject_GetAttrString(types, "FunctionType") : NULL;
    if (bound && word_at(bound, IN_METHOD) == list && word_at(bound, 16) == turn)
        method_type = (PyObject *)Py_TYPE(bound);
    function_type = plain;
    Py_XDECREF(plain);
    Py_XDECREF(bound);
    Py_XDECREF(list);
    Py_XDECREF(maker);
    Py_XDECREF(types);
    PyErr_Clear();
}

void steps_forget(void)
{
    wrapper_type = NULL;
    loops.task_known = false;
}

void steps_learn(void)
{
    if (!callback_name) {
        callback_name = PyUnicode_InternFromString("_callback");
        self_name = PyUnicode_InternFromString("__self__");
        exception_name = PyUnicode_InternFromString("_exception");
        token_name = PyUnicode_InternFromString("token");
    }
    handles_learn();
    learn_method(loops.turn_slowly);
}

/* ---- steps ---- */

enum { SLOWLY, NOTHING_MORE };
enum { LONG_STEP = 5000000, SHORT_AWAIT = 1000000, STACK_LOOKS = 5 };

/* The task's last await, when it was noted with its place: a sample, where there are very many. */
static COLD void tell_await(TaskEntry *entry, uint64_t began)
{
    uint32_t actor = entry->id | TASK_BIT, stack = entry->place;
    entry->place = 0;
    if (entry->since < loops.armed_since || began < entry->since + SHORT_AWAIT)
        return;
    ring_write(KIND_TASK_SUSPEND, 0, actor, entry->since, 0, stack, 0);
    ring_write(KIND_TASK_RESUME, 0, actor, began, entry->loop, 0, 0);
}

static COLD int task_ends(PyObject *task, TaskEntry *entry, uint64_t now)
{
    if (entry->defined || aio_ask_task(&cancelled_original, "cancelled", task))
        return SLOWLY;
    PyObject *error = PyObject_GetAttr(task, exception_name);
    Py_XDECREF(error);
    if (error != Py_None) {
        PyErr_Clear();
        return SLOWLY;
    }
    ring_write(KIND_TASK_END, RESULT_DONE, entry->id | TASK_BIT, now, entry->loop, 0, 0);
    entry->over = true;
    entry_drop(task);
    return NOTHING_MORE;
}

static COLD int suspends_here(PyObject *task, TaskEntry *entry)
{
    uint32_t stack;
    Py_INCREF(entry); /* a stack that is new is written by Python code */
    bool known = aio_task_stack(task, &stack);
    if (known) {
        loops.with_stacks--;
        effort.looks += STACK_LOOKS;
        entry->place = stack;
    }
    Py_DECREF(entry);
    return known ? NOTHING_MORE : SLOWLY;
}

static int step_of_task(PyObject *task, Numbers *numbers, uint64_t now, uint32_t *actor)
{
    TaskEntry *entry = entry_next(task);
    if (unlikely(!entry)) {
        if (aio_is_done(task))
            return NOTHING_MORE;
        entry = aio_met(numbers->loop, task);
        if (!entry)
            return SLOWLY;
    }
    if (unlikely(entry->over))
        return SLOWLY;
    if (entry->place)
        tell_await(entry, (uint64_t)numbers->last);
    *actor = entry->id | TASK_BIT;
    if (unlikely(!aio_has_moved(entry->id) || aio_holds_locks(*actor)))
        return SLOWLY;
    if (aio_is_done(task))
        return task_ends(task, entry, now);
    entry->since = now;
    return unlikely(loops.with_stacks > 0) ? suspends_here(task, entry) : NOTHING_MORE;
}

static int looked(PyObject *handle, Numbers *numbers, uint64_t now, int64_t took)
{
    uint32_t state_id, actor;
    if (unlikely(took >= LONG_STEP || !numbers_read(numbers, &state_id, &actor)))
        return SLOWLY;
    effort.looks++;
    PyObject *callback = callback_of(handle);
    PyObject *self = callback ? self_of(callback) : NULL;
    if (self && likely(aio_is_task(self))) {
        if (unlikely(step_of_task(self, numbers, now, &actor) == SLOWLY))
            return SLOWLY;
    } else if (self && (PyType_IsSubtype(Py_TYPE(self), (PyTypeObject *)loops.base_task_type) ||
                        PyType_IsSubtype(Py_TYPE(self), (PyTypeObject *)loops.task_type))) {
        return SLOWLY;
    }
    if (full_detail)
        ring_write(KIND_LOOP_STEP, 0, actor, now, state_id, 0, took > 0 ? (uint32_t)took / 1000 : 0);
    else
        aio_spend(1);
    return NOTHING_MORE;
}

void aio_spend(long spent)
{
    long before = loops.looks;
    loops.looks -= spent;
    if (before > 0 && loops.looks <= 0 && !full_detail && loops.used_up) {
        Py_INCREF(loops.used_up);
        Py_XDECREF(PyObject_CallObject(loops.used_up, NULL));
        Py_DECREF(loops.used_up);
        PyErr_Clear();
    }
}

static COLD PyObject *ask_step(PyObject *handle, Numbers *numbers, uint64_t now)
{
    effort.asks++;
    if (!loops.step_slowly || !numbers->loop)
        return none();
    PyObject *stamp = PyLong_FromUnsignedLongLong(now);
    PyObject *answer =
        stamp ? PyObject_CallFunctionObjArgs(loops.step_slowly, numbers->loop, handle, (PyObject *)numbers, stamp, NULL) : NULL;
    Py_XDECREF(stamp);
    return answer;
}

/* step(handle, numbers): a handle has run. */
static PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (unlikely(count != 2 || Py_TYPE(args[1]) != numbers_type || !loops.step_slowly))
        return none();
    Numbers *numbers = (Numbers *)args[1];
    effort.steps++;
    uint64_t now = clock_now();
    int64_t took = (int64_t)now - numbers->last;
    PyObject *answer = NULL;
    if (took > loops.limit && unlikely(looked(args[0], numbers, now, took) == SLOWLY))
        answer = ask_step(args[0], numbers, now);
    else
        answer = none();
    numbers->last = (int64_t)now;
    return answer;
}

PyMethodDef *steps_methods(void)
{
    static PyMethodDef methods[] = {
        {"step", (PyCFunction)(void (*)(void))step, METH_FASTCALL, "step(handle, numbers): a handle has run"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
