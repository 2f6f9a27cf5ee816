/* Turns and steps of asyncio's event loops: what aio_loop does for the many short ones, without Python. Everything out of
 * the ordinary is handed to the Python functions. */
#include "aio.h"

PyTypeObject *numbers_type;
Numbers *loop_turning(PyObject *loop)
{
    Thread *thread = thread_slot;
    Numbers *numbers = thread ? (Numbers *)thread->numbers : NULL;
    return numbers && numbers->loop == loop ? numbers : NULL;
}

/* The numbers of a loops.running loop; borrowed, NULL when it is not known to run. */
static Numbers *numbers_of(PyObject *loop)
{
    Numbers *here = loop_turning(loop);
    if (here)
        return here;
    PyObject *address = loops.running ? PyLong_FromVoidPtr(loop) : NULL;
    PyObject *numbers = address ? PyDict_GetItem(loops.running, address) : NULL;
    Py_XDECREF(address);
    return numbers && Py_TYPE(numbers) == numbers_type ? (Numbers *)numbers : NULL;
}

bool aio_loop_here(PyObject *loop, uint32_t *id, uint32_t *thread)
{
    Numbers *numbers = numbers_of(loop);
    if (!numbers || !numbers->id)
        return false;
    *id = numbers->id;
    *thread = numbers->thread;
    return thread_slot && thread_slot->id == numbers->thread;
}

/* here(loop) -> whether it runs in this thread, so that it is not closed and may be told what to call. */
static PyObject *here(PyObject *module, PyObject *loop)
{
    (void)module;
    Numbers *numbers = loop_turning(loop);
    PyObject *answer = numbers && numbers->plain ? Py_True : Py_False;
    Py_INCREF(answer);
    return answer;
}

/* turn(loop, timeout) -> numbers: the loop has looked for events. */
static PyObject *turn(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !loops.turn_slowly)
        return none();
    Numbers *numbers = numbers_of(args[0]);
    if (!numbers || numbers->scan) {
        PyObject *answer = PyObject_CallFunctionObjArgs(loops.turn_slowly, args[0], args[1], NULL);
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
        numbers->plain = handles_closes_plainly(args[0]);
        numbers->usual = handles_are_usual(args[0]);
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

static uint32_t number_in(PyObject *state, const char *name)
{
    PyObject *value = PyObject_GetAttrString(state, name);
    uint32_t number = value ? (uint32_t)PyLong_AsUnsignedLongMask(value) : 0;
    Py_XDECREF(value);
    PyErr_Clear();
    return number;
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
        numbers->id = value == Py_None ? 0 : number_in(value, "id");
        numbers->thread = value == Py_None ? 0 : number_in(value, "thread");
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

/* arm(threshold ns, loops.looks, steps with stacks): what is looked at from now on. */
static PyObject *arm(PyObject *module, PyObject *args)
{
    long long threshold;
    long given, stacks;
    (void)module;
    if (!PyArg_ParseTuple(args, "Lll", &threshold, &given, &stacks))
        return NULL;
    bool all = threshold < 0, before = loops.limit < 0 && loops.armed_since != UINT64_MAX;
    if (!all)
        loops.armed_since = UINT64_MAX;
    else if (!before)
        loops.armed_since = clock_now();
    loops.limit = threshold;
    loops.looks = given;
    loops.with_stacks = stacks;
    return none();
}

static PyObject *looks_left(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromLong(loops.looks);
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
    static const struct { PyObject **at; const char *name; } kept[] = {
        {&loops.turn_slowly, "turn"},         {&loops.step_slowly, "step"},       {&loops.check_closed, "check_closed"},
        {&loops.used_up, "used_up"},          {&loops.running, "running"},        {&loops.task_type, "task"},
        {&loops.base_task_type, "python_task"}, {&loops.handle_types[0], "handle"}, {&loops.handle_types[1], "timer"},
        {&loops.current_tasks, "current"},    {&loops.current_task, "current_task"}, {&loops.events, "events"},
        {&loops.handle_init, "handle_init"},  {&loops.call_soon, "call_soon"},    {&loops.get_debug, "get_debug"},
        {&loops.copy_context, "copy_context"}, {&loops.deque, "deque"},
    };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        Py_CLEAR(*kept[i].at);
    Py_CLEAR(loops.seen);
    for (Thread *thread = threads_first(); thread; thread = thread->next)
        thread_turns(thread, NULL, NULL);
    steps_forget();
    if (given == Py_None)
        return none();
    if (!PyDict_Check(given))
        return PyErr_Format(PyExc_TypeError, "a dict of what steps need");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        *kept[i].at = keep(given, kept[i].name);
    loops.seen = table_given(given, "seen");
    Py_XINCREF(loops.seen);
    if (!loops.task_type || !loops.base_task_type || !loops.handle_types[0] || !loops.handle_types[1] || !loops.turn_slowly ||
        !loops.step_slowly) {
        Py_CLEAR(loops.step_slowly);
        Py_CLEAR(loops.turn_slowly);
        return PyErr_Format(PyExc_ValueError, "something is missing");
    }
    steps_learn();
    awaits_learn(PyDict_GetItemString(given, "generator"), PyDict_GetItemString(given, "coroutine_type"),
                 PyDict_GetItemString(given, "asynchronous_type"));
    return none();
}

static PyMethodDef methods[] = {
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
