/* Turns and steps of asyncio's event loops: what aio_loop does for the many short ones, without Python. Everything out of
 * the ordinary is handed to the Python functions. */
#include "aio.h"

#include <string.h>

/* Places of a loop's numbers, as in aio_loop, which takes them for a list. */
enum { LAST, TURN, WORST, IDLE, TURNS, STATE, SCAN };
enum { LONG_STEP = 5000000 };
typedef struct {
    PyObject_HEAD
    int64_t last, turn, worst, idle, turns;
    PyObject *state;
    PyObject *loop; /* an address: the loop has turned at least once, and keeps this while it runs */
    bool scan;
    bool plain; /* it says by asyncio's own _check_closed() that it is closed, which it cannot be while it runs */
} Numbers;
static PyTypeObject *numbers_type;

static PyObject *turn_slowly, *step_slowly, *used_up; /* aio_loop._turn, _step, _disarm */
static PyObject *check_closed;                        /* BaseEventLoop._check_closed */
static PyObject *running;                             /* aio_loop.running */
static Table *seen;                                   /* aio_waits.seen */
static PyObject *task_type, *base_task_type;          /* asyncio's Task in C and, for what is to be looked at, in Python */
static PyObject *handle_types[2];
static PyObject *callback_name, *self_name, *exception_name;
static Py_ssize_t callback_at; /* in a Handle; 0 = not known */
static Original done_original, cancelled_original;
static bool task_known;
/* Steps of this many ns and less are not looked at; looks left before that is so. */
static int64_t limit;
static long looks;
/* Steps of tasks that Python looks at in this period, also in full detail. */
static long with_stacks;

/* asyncio's loop → running task where it shows it, NULL elsewhere and while asyncio is not watched. */
static PyObject *current_tasks;
/* Where asyncio keeps that to itself, since 3.14: its current_task(). */
static PyObject *current_task;

/* The loop whose numbers were read last. */
static PyObject *state_seen;
static uint32_t state_id, state_thread;

static bool read_state(PyObject *state)
{
    if (state == state_seen)
        return true;
    PyObject *id = PyObject_GetAttrString(state, "id");
    PyObject *thread = PyObject_GetAttrString(state, "thread");
    bool good = id && thread;
    if (good) {
        state_id = (uint32_t)PyLong_AsUnsignedLongMask(id);
        state_thread = (uint32_t)PyLong_AsUnsignedLongMask(thread);
        Py_INCREF(state);
        Py_XDECREF(state_seen);
        state_seen = state;
    }
    Py_XDECREF(id);
    Py_XDECREF(thread);
    if (!good)
        PyErr_Clear();
    return good;
}

/* The numbers of the loop that turns in this thread, when it is this one; borrowed. */
static inline Numbers *numbers_here(PyObject *loop)
{
    Thread *thread = thread_slot;
    Numbers *numbers = thread ? (Numbers *)thread->numbers : NULL;
    return numbers && numbers->loop == loop ? numbers : NULL;
}

/* The numbers of a running loop; borrowed, NULL when it is not known to run. */
static Numbers *numbers_of(PyObject *loop)
{
    Numbers *here = numbers_here(loop);
    if (here)
        return here;
    PyObject *address = running ? PyLong_FromVoidPtr(loop) : NULL;
    PyObject *numbers = address ? PyDict_GetItem(running, address) : NULL;
    Py_XDECREF(address);
    return numbers && Py_TYPE(numbers) == numbers_type ? (Numbers *)numbers : NULL;
}

bool aio_loop_here(PyObject *loop, uint32_t *id, uint32_t *thread)
{
    Numbers *numbers = numbers_of(loop);
    if (!numbers || numbers->state == Py_None || !read_state(numbers->state))
        return false;
    *id = state_id;
    *thread = state_thread;
    return thread_slot && thread_slot->id == state_thread;
}

/* ---- tasks ---- */

bool aio_is_task(PyObject *object)
{
    return (PyObject *)Py_TYPE(object) == task_type;
}

static bool ask_task(const Original *original, const char *name, PyObject *task)
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
    if (!task_known) {
        if (original_of(task, "done", &done_original) || original_of(task, "cancelled", &cancelled_original)) {
            done_original.function = cancelled_original.function = NULL;
            PyErr_Clear();
        }
        task_known = true;
    }
    return ask_task(&done_original, "done", task);
}

bool aio_waits_seen(uint32_t number)
{
    return table_at(seen, number) != NULL;
}

PyObject *aio_running_task(PyObject *loop)
{
    if (!loop)
        return NULL;
    if (current_tasks)
        return PyDict_GetItem(current_tasks, loop);
    PyObject *task = current_task ? PyObject_CallFunctionObjArgs(current_task, loop, NULL) : NULL;
    if (!task)
        PyErr_Clear();
    else if (task == Py_None)
        Py_CLEAR(task);
    Py_XDECREF(task); /* its loop has it while it runs */
    return task;
}

bool aio_tells_tasks(void)
{
    return current_tasks || current_task;
}

TaskEntry *aio_running_entry(PyObject *loop, PyObject **task)
{
    *task = aio_running_task(loop);
    return *task && *task != Py_None && aio_is_task(*task) ? entry_find(*task) : NULL;
}

static bool holds_locks(uint32_t actor)
{
    Thread *thread = thread_slot;
    for (int i = 0; thread && i < thread->count; i++)
        if (thread->held[i].actor == actor)
            return true;
    return false;
}

/* ---- what a handle calls ---- */

static PyObject *wrapper_type, *method_type, *function_type;

static inline PyObject *word_at(PyObject *object, Py_ssize_t offset)
{
    return *(PyObject **)((char *)object + offset);
}

/* Whose method a handle calls: borrowed for as long as the handle keeps its callback; NULL for what is no method.
 * The places in a bound method and in what wraps a task's step are known once the interpreter has said the same. */
static PyObject *self_of(PyObject *callback)
{
    enum { IN_WRAPPER = 16, IN_METHOD = 24 };
    PyObject *type = (PyObject *)Py_TYPE(callback);
    if (type == wrapper_type)
        return word_at(callback, IN_WRAPPER);
    if (type == method_type)
        return word_at(callback, IN_METHOD);
    if (type == function_type)
        return NULL;
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
        wrapper_type = type; /* a type of _asyncio: it lives as long as its tasks' */
    Py_DECREF(self);
    return self;
}

static PyObject *callback_of(PyObject *handle)
{
    PyObject *type = (PyObject *)Py_TYPE(handle);
    if (callback_at && (type == handle_types[0] || type == handle_types[1]))
        return word_at(handle, callback_at);
    PyObject *callback = PyObject_GetAttr(handle, callback_name);
    if (!callback)
        PyErr_Clear();
    Py_XDECREF(callback); /* the handle has it */
    return callback;
}

/* Where a Handle keeps its callback, as the descriptor of its slot says. */
static void learn_handle(void)
{
    typedef struct {
        const char *name;
        int type;
        Py_ssize_t offset;
    } Member;
    enum { MEMBER_AT = 40, OBJECT = 16 };
    callback_at = 0;
    PyObject *descriptor = PyObject_GetAttr(handle_types[0], callback_name);
    PyObject *kind = descriptor ? PyObject_GetAttrString((PyObject *)Py_TYPE(descriptor), "__name__") : NULL;
    if (kind && PyUnicode_CompareWithASCIIString(kind, "member_descriptor") == 0 && sizeof(void *) == 8) {
        const Member *member = (const Member *)word_at(descriptor, MEMBER_AT);
        if (member && strcmp(member->name, "_callback") == 0 && member->type == OBJECT && member->offset >= 16 &&
            member->offset < 256)
            callback_at = member->offset;
    }
    Py_XDECREF(kind);
    Py_XDECREF(descriptor);
    PyErr_Clear();
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
    if (bound && word_at(bound, 24) == list && word_at(bound, 16) == turn)
        method_type = (PyObject *)Py_TYPE(bound);
    function_type = plain;
    Py_XDECREF(plain);
    Py_XDECREF(bound);
    Py_XDECREF(list);
    Py_XDECREF(maker);
    Py_XDECREF(types);
    PyErr_Clear();
}

/* ---- steps ---- */

enum { SLOWLY, NOTHING_MORE };

/* A step of a task in full detail. */
static int step_of_task(PyObject *task, uint64_t now, uint32_t *actor)
{
    TaskEntry *entry = entry_find(task);
    if (!entry || entry->over || entry->place || aio_waits_seen(entry->id))
        return SLOWLY;
    entry_runs(task, entry);
    *actor = entry->id | TASK_BIT;
    if (holds_locks(*actor))
        return SLOWLY;
    if (!aio_is_done(task)) {
        entry->since = now;
        return NOTHING_MORE;
    }
    if (entry->defined || ask_task(&cancelled_original, "cancelled", task))
        return SLOWLY;
    PyObject *error = PyObject_GetAttr(task, exception_name);
    Py_XDECREF(error);
    if (error != Py_None) {
        PyErr_Clear();
        return SLOWLY;
    }
    ring_write(KIND_TASK_END, RESULT_DONE, *actor, now, entry->loop, 0, 0);
    entry->over = true;
    entry_drop(task);
    return NOTHING_MORE;
}

static int looked(PyObject *handle, Numbers *numbers, uint64_t now, int64_t took)
{
    if (took >= LONG_STEP || numbers->state == Py_None || !read_state(numbers->state))
        return SLOWLY;
    effort.looks++;
    uint32_t actor = state_thread;
    PyObject *callback = callback_of(handle);
    PyObject *self = callback ? self_of(callback) : NULL;
    if (self && aio_is_task(self)) {
        if (with_stacks > 0) {
            with_stacks--;
            return SLOWLY;
        }
        if (step_of_task(self, now, &actor) == SLOWLY)
            return SLOWLY;
    } else if (self && (PyType_IsSubtype(Py_TYPE(self), (PyTypeObject *)base_task_type) ||
                        PyType_IsSubtype(Py_TYPE(self), (PyTypeObject *)task_type))) {
        return SLOWLY;
    }
    if (full_detail)
        ring_write(KIND_LOOP_STEP, 0, actor, now, state_id, 0, (uint32_t)(took > 0 ? took / 1000 : 0));
    else
        aio_spend(1);
    return NOTHING_MORE;
}

void aio_spend(long spent)
{
    long before = looks;
    looks -= spent;
    if (before > 0 && looks <= 0 && !full_detail && used_up) {
        Py_INCREF(used_up);
        Py_XDECREF(PyObject_CallObject(used_up, NULL));
        Py_DECREF(used_up);
        PyErr_Clear();
    }
}

/* step(handle, numbers): a handle has run. */
static PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !step_slowly || Py_TYPE(args[1]) != numbers_type)
        return none();
    Numbers *numbers = (Numbers *)args[1];
    effort.steps++;
    uint64_t now = clock_now();
    int64_t took = (int64_t)now - numbers->last;
    PyObject *answer = NULL;
    if (took > limit && looked(args[0], numbers, now, took) == SLOWLY) {
        effort.asks++;
        PyObject *stamp = PyLong_FromUnsignedLongLong(now);
        answer = stamp && numbers->loop
                     ? PyObject_CallFunctionObjArgs(step_slowly, numbers->loop, args[0], args[1], stamp, NULL)
                     : NULL;
        Py_XDECREF(stamp);
        if (!answer && !PyErr_Occurred())
            answer = none();
    } else {
        answer = none();
    }
    numbers->last = (int64_t)now;
    return answer;
}

/* here(loop) -> whether it runs in this thread, so that it is not closed and may be told what to call. */
static PyObject *here(PyObject *module, PyObject *loop)
{
    (void)module;
    Numbers *numbers = numbers_here(loop);
    PyObject *answer = numbers && numbers->plain ? Py_True : Py_False;
    Py_INCREF(answer);
    return answer;
}

static bool is_plain(PyObject *loop)
{
    PyObject *bound = PyObject_GetAttrString(loop, "_check_closed");
    PyObject *function = bound ? PyObject_GetAttrString(bound, "__func__") : NULL;
    bool plain = function && function == check_closed;
    Py_XDECREF(function);
    Py_XDECREF(bound);
    PyErr_Clear();
    return plain;
}

/* turn(loop, timeout) -> numbers: the loop has looked for events. */
static PyObject *turn(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !turn_slowly)
        return none();
    Numbers *numbers = numbers_of(args[0]);
    if (!numbers || numbers->scan) {
        PyObject *answer = PyObject_CallFunctionObjArgs(turn_slowly, args[0], args[1], NULL);
        if (answer && Py_TYPE(answer) == numbers_type)
            ((Numbers *)answer)->loop = args[0];
        return answer;
    }
    int64_t now = (int64_t)clock_now();
    int64_t busy = numbers->last - numbers->turn;
    if (busy > numbers->worst)
        numbers->worst = busy;
    if (now > numbers->last && (args[1] == Py_None || PyObject_IsTrue(args[1]) == 1))
        numbers->idle += now - numbers->last;
    numbers->turns++;
    effort.steps++;
    numbers->turn = numbers->last = now;
    numbers->loop = args[0];
    if (PyErr_Occurred())
        PyErr_Clear();
    Thread *thread = thread_slot;
    if (thread && thread->in_loop && thread->numbers != (PyObject *)numbers) {
        numbers->plain = is_plain(args[0]);
        thread_turns(thread, args[0], (PyObject *)numbers);
    }
    Py_INCREF(numbers);
    return (PyObject *)numbers;
}

/* ---- a loop's numbers ---- */

static PyObject *numbers_item(PyObject *self, Py_ssize_t place)
{
    Numbers *numbers = (Numbers *)self;
    if (place == STATE) {
        Py_INCREF(numbers->state);
        return numbers->state;
    }
    if (place == SCAN)
        return PyBool_FromLong(numbers->scan);
    if (place >= LAST && place <= TURNS)
        return PyLong_FromLongLong((&numbers->last)[place]);
    PyErr_SetString(PyExc_IndexError, "there are seven places");
    return NULL;
}

static int numbers_set(PyObject *self, Py_ssize_t place, PyObject *value)
{
    Numbers *numbers = (Numbers *)self;
    if (!value || place < LAST || place > SCAN) {
        PyErr_SetString(PyExc_IndexError, "there are seven places");
        return -1;
    }
    if (place == STATE) {
        PyObject *before = numbers->state;
        Py_INCREF(value);
        numbers->state = value;
        Py_XDECREF(before);
        return 0;
    }
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred())
        return -1;
    if (place == SCAN)
        numbers->scan = number != 0;
    else
        (&numbers->last)[place] = number;
    return 0;
}

static void numbers_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Numbers *)self)->state);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot numbers_slots[] = {
    {Py_sq_item, numbers_item},
    {Py_sq_ass_item, numbers_set},
    {Py_tp_dealloc, numbers_dealloc},
    {Py_tp_doc, "What is kept of a running loop."},
    {0, NULL},
};
static PyType_Spec numbers_spec = {"interleave_probe._native.Numbers", sizeof(Numbers), 0, Py_TPFLAGS_DEFAULT, numbers_slots};

/* numbers(list) -> the same, kept here */
static PyObject *numbers_from(PyObject *module, PyObject *list)
{
    (void)module;
    allocfunc make = (allocfunc)PyType_GetSlot(numbers_type, Py_tp_alloc);
    Numbers *numbers = PyList_Check(list) && PyList_Size(list) == SCAN + 1 ? (Numbers *)make(numbers_type, 0) : NULL;
    if (!numbers)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "a list of seven");
    Py_INCREF(Py_None);
    numbers->state = Py_None;
    for (Py_ssize_t i = 0; i <= SCAN; i++)
        if (numbers_set((PyObject *)numbers, i, PyList_GetItem(list, i)) < 0) {
            Py_DECREF(numbers);
            return NULL;
        }
    return (PyObject *)numbers;
}

/* arm(threshold ns, looks, steps with stacks): what is looked at from now on. */
static PyObject *arm(PyObject *module, PyObject *args)
{
    long long threshold;
    long given, stacks;
    (void)module;
    if (!PyArg_ParseTuple(args, "Lll", &threshold, &given, &stacks))
        return NULL;
    limit = threshold;
    looks = given;
    with_stacks = stacks;
    return none();
}

static PyObject *looks_left(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromLong(looks);
}

static PyObject *spend(PyObject *module, PyObject *number)
{
    (void)module;
    aio_spend(PyLong_AsLong(number));
    if (PyErr_Occurred())
        return NULL;
    return none();
}

static PyObject *keep(PyObject *given, const char *name)
{
    PyObject *value = given ? PyDict_GetItemString(given, name) : NULL;
    if (value == Py_None)
        return NULL;
    Py_XINCREF(value);
    return value;
}

/* watch_loops({name: object}); None for no more. */
static PyObject *watch_loops(PyObject *module, PyObject *given)
{
    (void)module;
    PyObject **kept[] = {&turn_slowly, &step_slowly, &check_closed, &used_up, &running, &task_type, &base_task_type,
                         &handle_types[0], &handle_types[1], &current_tasks, &current_task, &state_seen};
    static const char *const names[] = {"turn", "step", "check_closed", "used_up", "running", "task", "python_task", "handle",
                                        "timer", "current", "current_task", ""};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        Py_CLEAR(*kept[i]);
    Py_CLEAR(seen);
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        thread_turns(thread, NULL, NULL);
    wrapper_type = NULL;
    task_known = false;
    if (given == Py_None)
        return none();
    if (!PyDict_Check(given))
        return PyErr_Format(PyExc_TypeError, "a dict of what steps need");
    if (!callback_name) {
        callback_name = PyUnicode_InternFromString("_callback");
        self_name = PyUnicode_InternFromString("__self__");
        exception_name = PyUnicode_InternFromString("_exception");
    }
    for (size_t i = 0; i + 1 < sizeof kept / sizeof *kept; i++)
        *kept[i] = keep(given, names[i]);
    seen = table_given(given, "seen");
    Py_XINCREF(seen);
    if (!task_type || !base_task_type || !handle_types[0] || !handle_types[1] || !turn_slowly || !step_slowly) {
        Py_CLEAR(step_slowly);
        Py_CLEAR(turn_slowly);
        return PyErr_Format(PyExc_ValueError, "something is missing");
    }
    learn_handle();
    learn_method(turn_slowly);
    return none();
}

static PyMethodDef methods[] = {
    {"step", (PyCFunction)(void (*)(void))step, METH_FASTCALL, "step(handle, numbers): a handle has run"},
    {"here", here, METH_O, "here(loop) -> whether it runs in this thread and says as usual when it is closed"},
    {"turn", (PyCFunction)(void (*)(void))turn, METH_FASTCALL, "turn(loop, timeout) -> numbers: a turn begins"},
    {"numbers", numbers_from, METH_O, "numbers(list) -> what is kept of a running loop"},
    {"arm", arm, METH_VARARGS, "arm(threshold, looks, stacks): what step() looks at"},
    {"looks_left", looks_left, METH_NOARGS, "looks that are left of arm()'s"},
    {"spend", spend, METH_O, "spend(looks): somebody else has looked"},
    {"watch_loops", watch_loops, METH_O, "watch_loops(dict): what all of these need; None: no more"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *loop_methods(void)
{
    if (!numbers_type)
        numbers_type = (PyTypeObject *)PyType_FromSpec(&numbers_spec);
    PyErr_Clear();
    return methods;
}
