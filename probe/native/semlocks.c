/* _multiprocessing.SemLock: its methods replaced inside the type's own dict. The real work is done by the originals. */
#include "core.h"

enum { WAIT_CONDITION = 2 };
enum { ACQUIRE_WAITED = 1, ACQUIRE_TRY = 2, ACQUIRE_TIMEOUT = 4, ACQUIRE_REENTRY = 8 };
/* What Python knows of a semaphore. */
enum { SEM_PART = 1, SEM_REENTRANT = 2, SEM_LOCK = 4 };

/* One semaphore of the system, at its handle. Is never forgotten: a new one at an old handle is told of when it is made. */
typedef struct { void *handle; uint32_t id; unsigned about; bool used; } Semaphore;

static Semaphore *semaphores;
static size_t room, used;
static Original acquire_original, release_original, exit_original, count_original;
static PyTypeObject *sem_type;
static PyObject *handle_name;
/* The handle is the first thing in the object, as one of them has shown. */
enum { HANDLE_AT = 16 };
static bool handle_seen;

static Semaphore *find(void *handle)
{
    if (!room)
        return NULL;
    size_t slot = (size_t)mix(0, (uintptr_t)handle) & (room - 1);
    for (; semaphores[slot].used; slot = (slot + 1) & (room - 1))
        if (semaphores[slot].handle == handle)
            break;
    return &semaphores[slot];
}

static bool grow(void)
{
    size_t before = room;
    Semaphore *old = semaphores, *more = calloc(before ? before * 2 : 64, sizeof *more);
    if (!more)
        return false;
    semaphores = more;
    room = before ? before * 2 : 64;
    for (size_t i = 0; i < before; i++)
        if (old[i].used)
            *find(old[i].handle) = old[i];
    free(old);
    return true;
}

static bool handle_of(PyObject *self, void **handle)
{
    if (handle_seen) {
        *handle = *(void **)((char *)self + HANDLE_AT);
        return true;
    }
    PyObject *number = PyObject_GetAttr(self, handle_name);
    *handle = number ? PyLong_AsVoidPtr(number) : NULL;
    Py_XDECREF(number);
    bool known = !PyErr_Occurred();
    PyErr_Clear();
    return known;
}

/* What is known of it, NULL for nothing. */
static Semaphore *known(PyObject *self)
{
    void *handle;
    Semaphore *found = room && handle_of(self, &handle) ? find(handle) : NULL;
    return found && found->used ? found : NULL;
}

/* Object id, defined the first time. Python code may run then, and the table grow. */
static uint32_t id_of(PyObject *self)
{
    Semaphore *one = known(self);
    if (!one || one->id)
        return one ? one->id : 0;
    void *handle = one->handle;
    long id = ask_id(ask("semaphore", "(N)", PyLong_FromVoidPtr(handle)));
    one = find(handle);
    if (id > 0 && one && one->used)
        one->id = (uint32_t)id;
    return id > 0 ? (uint32_t)id : 0;
}

static Thread *hooked(void)
{
    Thread *thread = hooks_on && ring_open ? thread_here() : NULL;
    return thread && !thread->busy ? thread : NULL;
}

/* ---- what acquire() was asked for: (block=True, timeout=None) ---- */

static Asked asked_of(PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Asked asked = {count <= 2, true, -1};
    PyObject *block = count > 0 ? args[0] : NULL, *timeout = count > 1 ? args[1] : NULL;
    for (Py_ssize_t i = 0; names && i < PyTuple_Size(names); i++) {
        PyObject *name = PyTuple_GetItem(names, i);
        if (PyUnicode_CompareWithASCIIString(name, "block") == 0)
            block = args[count + i];
        else if (PyUnicode_CompareWithASCIIString(name, "timeout") == 0)
            timeout = args[count + i];
        else
            asked.understood = false;
    }
    if (block && (PyBool_Check(block) || PyLong_CheckExact(block)))
        asked.blocking = PyObject_IsTrue(block) == 1;
    else if (block)
        asked.understood = false;
    if (timeout && timeout != Py_None) {
        double seconds = PyFloat_CheckExact(timeout)  ? PyFloat_AsDouble(timeout)
                         : PyLong_CheckExact(timeout) ? PyLong_AsDouble(timeout)
                                                      : (asked.understood = false, 0);
        if (PyErr_Occurred()) {
            PyErr_Clear();
            asked.understood = false;
        }
        asked.timeout = seconds > 9e9 ? INT64_MAX : seconds > 0 ? (int64_t)(seconds * 1e9) : 0;
    }
    return asked;
}

/* ---- what Python says of a place, the first time that something happens there ---- */

/* `op`: what the outermost call of the library waits for that stands here, 0 for none; its object is the first local
 * variable of the frame at `depth`. `stack`: from the first frame that is the program's. */
typedef struct { uint32_t op, object, stack; } Place;

static Place place_here(void)
{
    Context here = context_here(CONTEXT_DEPTH);
    Meaning *meaning = context_meaning(here);
    if (meaning && meaning->known) {
        if (!meaning->op)
            return (Place){0, 0, meaning->stack};
        PyObject *subject = frame_first_local(meaning->depth);
        Py_XINCREF(subject);
        uint32_t id = subject ? id_of_object(subject, "subject") : 0;
        Py_XDECREF(subject);
        if (id)
            return (Place){meaning->op, id, meaning->stack};
    }
    PyObject *answer = ask("semaphore_place", "()");
    unsigned op, object, stack;
    int depth;
    if (!answer)
        return (Place){0, 0, 0};
    bool good = PyArg_ParseTuple(answer, "IIIi", &op, &object, &stack, &depth);
    Py_DECREF(answer);
    if (!good) {
        PyErr_Clear();
        return (Place){0, 0, 0};
    }
    if (meaning && meaning == context_meaning(here) && (!op || depth >= 0))
        *meaning = (Meaning){true, (int16_t)depth, op, stack};
    return (Place){op, object, stack};
}

/* ---- hooks ---- */

static void took(Thread *thread, PyObject *self, unsigned about, unsigned flags)
{
    effort.notes++;
    if (about & SEM_REENTRANT) {
        PyObject *count = call_original(&count_original, self, NULL, 0, NULL);
        if (count && PyLong_AsLong(count) > 1)
            flags |= ACQUIRE_REENTRY;
        Py_XDECREF(count);
        PyErr_Clear();
    }
    uint32_t id = id_of(self), stack = place_here().stack, actor = actor_now(thread);
    ring_write(KIND_ACQUIRE, flags, actor, clock_now(), id, stack, 0);
}

static void begin_waiting(Thread *thread, PyObject *self, unsigned about, int64_t timeout, Waiting *wait)
{
    tell_first();
    effort.notes++;
    Place place = place_here();
    /* A lock that a condition of the program's has is the program's own. */
    bool outer = place.op && (about & SEM_PART || place.op != WAIT_CONDITION);
    uint32_t object = outer ? place.object : id_of(self);
    unsigned op = outer ? place.op : about & (SEM_PART | SEM_LOCK) ? WAIT_ACQUIRE : WAIT_SEMAPHORE;
    wait_begin_for(thread, op, object, place.stack, timeout, wait);
}

static PyObject *acquire(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Thread *thread = hooked();
    Semaphore *one = thread ? known(self) : NULL;
    if (!one)
        return call_original(&acquire_original, self, args, count, names);
    unsigned about = one->about;
    bool plain = !count && !names;
    Asked asked = {true, true, -1};
    if (!plain)
        asked = asked_of(args, count, names);
    if (!asked.understood)
        return call_original(&acquire_original, self, args, count, names);
    unsigned flags = asked.timeout >= 0 ? ACQUIRE_TIMEOUT : 0;
    if (!asked.blocking)
        flags = ACQUIRE_TRY;
    PyObject *no = Py_False;
    PyObject *result = call_original(&acquire_original, self, &no, 1, NULL);
    if (result != Py_False) {
        if (result && !(about & SEM_PART))
            took(thread, self, about, flags);
        return result;
    }
    if (!asked.blocking)
        return result;
    Py_DECREF(result);
    Waiting wait;
    begin_waiting(thread, self, about, asked.timeout, &wait);
    result = call_original(&acquire_original, self, args, count, names);
    wait_end(thread, &wait, !result ? RESULT_ERROR : result == Py_True ? RESULT_DONE : RESULT_TIMEOUT);
    if (result == Py_True && !(about & SEM_PART) && ring_open)
        took(thread, self, about, flags | ACQUIRE_WAITED);
    return result;
}

static PyObject *let_go(PyObject *self)
{
    PyObject *result = call_original(&release_original, self, NULL, 0, NULL);
    Thread *thread = result ? hooked() : NULL;
    Semaphore *one = thread ? known(self) : NULL;
    if (one && !(one->about & SEM_PART)) {
        uint32_t id = id_of(self), actor = actor_now(thread);
        ring_write(KIND_RELEASE, 0, actor, clock_now(), id, 0, 0);
    }
    return result;
}

static PyObject *release(PyObject *self, PyObject *unused)
{
    (void)unused;
    return let_go(self);
}

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return acquire(self, NULL, 0, NULL);
}

/* Up to 3.9 it takes what acquire() does. */
static PyObject *enter_with(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return acquire(self, args, count, NULL);
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    /* Whatever it is given it only looks at the number; a wrong one is for the original to refuse. */
    if (names && PyTuple_Size(names) > 0)
        return refuse_names("SemLock");
    return count > 3 ? call_original(&exit_original, self, args, count, NULL) : let_go(self);
}

/* Where the original takes no names the interpreter itself says so. */
static PyObject *leave_without(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return leave(self, args, count, NULL);
}

enum { ENTER = 2, EXIT = 3 };
static PyMethodDef replaced[] = {
    {"acquire", (PyCFunction)(void (*)(void))acquire, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"release", release, METH_NOARGS, NULL},
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- from Python ---- */

static PyObject *sem_dict, *sem_saved;

/* hook_semaphores(SemLock's dict, one of them): before the methods of any have been asked for */
static PyObject *hook_semaphores(PyObject *module, PyObject *args)
{
    PyObject *dict, *one;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O", &PyDict_Type, &dict, &one))
        return NULL;
    if (sem_dict)
        return none();
    if (!handle_name && !(handle_name = PyUnicode_InternFromString("handle")))
        return NULL;
    Original enter_original;
    if (original_of(one, "__enter__", &enter_original) || original_of(one, "acquire", &acquire_original) || original_of(one, "release", &release_original) ||
        original_of(one, "__exit__", &exit_original) || original_of(one, "_count", &count_original))
        return NULL;
    void *handle;
    handle_seen = false;
    PyObject *size = PyObject_GetAttrString((PyObject *)Py_TYPE(one), "__basicsize__");
    bool large = size && PyLong_AsSsize_t(size) >= HANDLE_AT + (Py_ssize_t)sizeof handle;
    Py_XDECREF(size);
    handle_seen = handle_of(one, &handle) && large && *(void **)((char *)one + HANDLE_AT) == handle;
    sem_type = Py_TYPE(one);
    if (!(enter_original.flags & METH_NOARGS)) {
        replaced[ENTER].ml_meth = (PyCFunction)(void (*)(void))enter_with;
        replaced[ENTER].ml_flags = METH_FASTCALL;
    }
    if (exit_original.flags & METH_FASTCALL) {
        replaced[EXIT].ml_meth = (PyCFunction)(void (*)(void))leave_without;
        replaced[EXIT].ml_flags = METH_FASTCALL;
    }
    if (!(sem_saved = PyDict_New()))
        return NULL;
    Py_INCREF(dict);
    sem_dict = dict;
    for (PyMethodDef *method = replaced; method->ml_name; method++)
        if (put_method(sem_type, dict, sem_saved, method) < 0) {
            semlocks_uninstall();
            return NULL;
        }
    PyType_Modified(sem_type);
    return none();
}

void semlocks_uninstall(void)
{
    if (sem_dict) {
        if (PyDict_Update(sem_dict, sem_saved) < 0)
            PyErr_Clear();
        PyType_Modified(sem_type);
    }
    Py_CLEAR(sem_dict);
    Py_CLEAR(sem_saved);
    free(semaphores);
    semaphores = NULL;
    room = used = 0;
}

void semlocks_after_fork(void)
{
    for (size_t i = 0; i < room; i++)
        semaphores[i].id = 0;
}

/* know_semaphore(handle, SEM_x): it is new, or known better */
static PyObject *know_semaphore(PyObject *module, PyObject *args)
{
    PyObject *number;
    unsigned about;
    (void)module;
    if (!PyArg_ParseTuple(args, "OI", &number, &about))
        return NULL;
    void *handle = PyLong_AsVoidPtr(number);
    if (PyErr_Occurred() || ((used + 1) * 2 > room && !grow()))
        return PyErr_Occurred() ? NULL : none();
    Semaphore *one = find(handle);
    used += !one->used;
    *one = (Semaphore){handle, 0, about, true};
    return none();
}

static PyMethodDef methods[] = {
    {"hook_semaphores", hook_semaphores, METH_VARARGS, "hook_semaphores(dict, one): puts the hooks of SemLock in place"},
    {"know_semaphore", know_semaphore, METH_VARARGS, "know_semaphore(handle, about): what it is, when it is made"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *semlocks_methods(void)
{
    return methods;
}
