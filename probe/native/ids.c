/* Ids that the definitions file gives: of texts it has had before and of tasks, without Python. */
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

void sink_forget(void)
{
    Py_CLEAR(strings);
    Py_CLEAR(make_string);
    Py_CLEAR(next_task);
}

/* use_sink(dict of texts, function for another text, iterator of task ids) */
static PyObject *use_sink(PyObject *module, PyObject *args)
{
    PyObject *known, *make, *tasks;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!OO", &PyDict_Type, &known, &make, &tasks))
        return NULL;
    sink_forget();
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
