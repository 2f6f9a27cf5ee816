/* Ids that the definitions file gives: of texts and objects it has had before and of tasks, without Python. */
#include "core.h"

static PyObject *strings, *make_string, *next_task;

uint32_t sink_string(PyObject *text)
{
    PyObject *known = strings ? PyDict_GetItem(strings, text) : NULL;
    if (known)
        return (uint32_t)PyLong_AsUnsignedLongMask(known);
    if (!make_string)
        return 0;
    Thread *thread = thread_slot;
    if (thread)
        thread->busy++;
    long id = ask_id(PyObject_CallFunctionObjArgs(make_string, text, NULL));
    if (thread)
        thread->busy--;
    if (id < 0)
        PyErr_Clear();
    return id > 0 ? (uint32_t)id : 0;
}

uint32_t sink_next_task(void)
{
    PyObject *number = next_task ? PyIter_Next(next_task) : NULL;
    uint32_t id = number ? (uint32_t)PyLong_AsUnsignedLongMask(number) : 0;
    Py_XDECREF(number);
    PyErr_Clear();
    return id;
}

/* Objects that were asked for lately, each with its id. */
enum { MOST_KNOWN = 64 };
static struct { void *address; PyObject *weak; uint32_t id; } known[MOST_KNOWN];
static PyObject *forget_dead;

/* One of them has died: its weak reference would be an object more, for a program that counts its own. */
static PyObject *forget_object(PyObject *module, PyObject *weak)
{
    (void)module;
    for (int i = 0; i < MOST_KNOWN; i++) {
        if (known[i].weak != weak)
            continue;
        known[i].address = NULL;
        known[i].weak = NULL;
        Py_DECREF(weak);
        break;
    }
    return none();
}

uint32_t id_of_object(PyObject *object, const char *question)
{
    size_t slot = (size_t)mix(0, (uintptr_t)object) & (MOST_KNOWN - 1);
    if (known[slot].address == object && PyWeakref_GetObject(known[slot].weak) == object)
        return known[slot].id;
    long id = ask_id(ask(question, "(O)", object));
    PyObject *weak = id > 0 ? PyWeakref_NewRef(object, forget_dead) : NULL;
    if (weak) {
        PyObject *before = known[slot].weak;
        known[slot].address = object;
        known[slot].weak = weak;
        known[slot].id = (uint32_t)id;
        Py_XDECREF(before);
    }
    PyErr_Clear();
    return id > 0 ? (uint32_t)id : 0;
}

void sink_forget(void)
{
    for (int i = 0; i < MOST_KNOWN; i++) {
        known[i].address = NULL;
        Py_CLEAR(known[i].weak);
    }
    Py_CLEAR(strings);
    Py_CLEAR(make_string);
    Py_CLEAR(next_task);
    Py_CLEAR(forget_dead);
}

/* use_sink(dict of texts, function for another text, iterator of task ids) */
static PyObject *use_sink(PyObject *module, PyObject *args)
{
    PyObject *known, *make, *tasks;
    (void)module;
    static PyMethodDef forget = {"forget_object", forget_object, METH_O, NULL};
    if (!PyArg_ParseTuple(args, "O!OO", &PyDict_Type, &known, &make, &tasks))
        return NULL;
    sink_forget();
    if (!(forget_dead = PyCFunction_New(&forget, NULL)))
        return NULL;
    Py_INCREF(known);
    Py_INCREF(make);
    Py_INCREF(tasks);
    strings = known;
    make_string = make;
    next_task = tasks;
    return none();
}

static PyMethodDef methods[] = {
    {"use_sink", use_sink, METH_VARARGS, "use_sink(strings, string, tasks): where ids of this process come from"},
    {NULL, NULL, 0, NULL},
};

PyMethodDef *ids_methods(void)
{
    return methods;
}
