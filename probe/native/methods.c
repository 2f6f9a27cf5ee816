/* Methods of the interpreter's own types: replaced by descriptors that look the same, and called as they were. */
#include "core.h"

#include <string.h>

PyObject *empty_tuple;

int original_of(PyObject *instance, const char *name, Original *original)
{
    PyObject *bound = PyObject_GetAttrString(instance, name);
    if (!bound)
        return -1;
    original->function = PyCFunction_GetFunction(bound);
    original->flags = PyCFunction_GetFlags(bound);
    original->strict = python_since(15) && strcmp(name, "__exit__") == 0;
    Py_DECREF(bound);
    return original->function ? 0 : -1;
}

void be_as_strict(PyMethodDef *methods, const char *name, PyObject *instance, PyCFunction function)
{
    Original original;
    if (original_of(instance, name, &original)) {
        PyErr_Clear();
        return;
    }
    if (!(original.flags & (METH_NOARGS | METH_O)))
        return;
    for (; methods->ml_name; methods++)
        if (strcmp(methods->ml_name, name) == 0) {
            methods->ml_meth = function;
            methods->ml_flags = original.flags & (METH_NOARGS | METH_O);
        }
}

/* The same for what is there only where processes can be forked. */
void reset_of(PyObject *instance, Original *original)
{
    original->function = NULL;
    if (original_of(instance, "_at_fork_reinit", original))
        PyErr_Clear();
}

/* In the interpreter's own words, which changed with 3.11. */
PyObject *refuse_names(const char *type)
{
    if (python_since(11))
        return PyErr_Format(PyExc_TypeError, "%s.__exit__() takes no keyword arguments", type);
    return PyErr_Format(PyExc_TypeError, "__exit__() takes no keyword arguments");
}

typedef PyObject *(*Fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*FastNamed)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

PyObject *call_original(const Original *original, PyObject *self, PyObject *const *args, Py_ssize_t count,
                        PyObject *names)
{
    int flags = original->flags & (METH_VARARGS | METH_KEYWORDS | METH_FASTCALL | METH_NOARGS | METH_O);
    void (*function)(void) = (void (*)(void))original->function;
    if (flags == METH_NOARGS)
        return original->function(self, NULL);
    if (flags == METH_O)
        return original->function(self, args[0]);
    if (flags == METH_FASTCALL)
        return ((Fast)function)(self, args, count);
    if (flags == (METH_FASTCALL | METH_KEYWORDS))
        return ((FastNamed)function)(self, args, count, names);
    if (!count && !names)
        return ((PyCFunctionWithKeywords)function)(self, empty_tuple, NULL);
    PyObject *tuple = PyTuple_New(count);
    PyObject *dict = names ? PyDict_New() : NULL;
    PyObject *result = NULL;
    if (!tuple || (names && !dict))
        goto done;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_INCREF(args[i]);
        if (PyTuple_SetItem(tuple, i, args[i]) < 0)
            goto done;
    }
    for (Py_ssize_t i = 0; names && i < PyTuple_Size(names); i++)
        if (PyDict_SetItem(dict, PyTuple_GetItem(names, i), args[count + i]) < 0)
            goto done;
    /* A function that takes no names ignores the third argument. */
    result = ((PyCFunctionWithKeywords)function)(self, tuple, dict);
done:
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

/* Only exact ints, bools and floats are looked at: anything else may run code when it is converted. */
Asked understand(PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    Asked asked = {true, true, -1};
    PyObject *blocking = count > 0 ? args[0] : NULL;
    PyObject *timeout = count > 1 ? args[1] : NULL;
    if (count > 2)
        asked.understood = false;
    for (Py_ssize_t i = 0; names && i < PyTuple_Size(names); i++) {
        PyObject *name = PyTuple_GetItem(names, i);
        if (PyUnicode_CompareWithASCIIString(name, "blocking") == 0)
            blocking = args[count + i];
        else if (PyUnicode_CompareWithASCIIString(name, "timeout") == 0)
            timeout = args[count + i];
        else
            asked.understood = false;
    }
    if (blocking) {
        if (PyBool_Check(blocking))
            asked.blocking = blocking == Py_True;
        else if (PyLong_CheckExact(blocking))
            asked.blocking = PyObject_IsTrue(blocking) == 1;
        else
            asked.understood = false;
    }
    if (timeout) {
        double seconds = -1;
        if (PyFloat_CheckExact(timeout))
            seconds = PyFloat_AsDouble(timeout);
        else if (PyLong_CheckExact(timeout))
            seconds = PyLong_AsDouble(timeout);
        else
            asked.understood = false;
        if (PyErr_Occurred()) {
            PyErr_Clear();
            asked.understood = false;
        }
        if (seconds >= 0 && seconds < 9e9)
            asked.timeout = (int64_t)(seconds * 1e9);
        else if (seconds != -1)
            asked.understood = false;
        if (asked.timeout == 0)
            asked.blocking = false;
    }
    return asked;
}

#ifndef INTERLEAVE_FREE
/* Python 3.11 counts calls of functions in C like its own, but for some that its specialized instructions make: of methods
 * like ours, not of the originals. A lock that could be taken one call deeper than it can be released would stay taken. */
bool too_deep(void)
{
    static signed char counted = -1;
    if (counted < 0)
        counted = python_since(11) && !python_since(12);
    if (!counted)
        return false;
    if (Py_EnterRecursiveCall(" while calling a Python object"))
        return true;
    Py_LeaveRecursiveCall();
    return false;
}
#endif

/* A descriptor with the original's name, signature and documentation. */
int put_method(PyTypeObject *type, PyObject *dict, PyObject *saved, PyMethodDef *definition)
{
    PyObject *original = PyDict_GetItemString(dict, definition->ml_name);
    if (!original)
        return 0; /* this version of Python does not have it */
    PyObject *text = PyObject_GetAttrString(original, "__doc__");
    PyObject *signature = PyObject_GetAttrString(original, "__text_signature__");
    if (!text || !signature)
        goto failed;
    if (text != Py_None && !definition->ml_doc) {
        PyObject *whole = signature != Py_None
                              ? PyUnicode_FromFormat("%s%U\n--\n\n%U", definition->ml_name, signature, text)
                              : PyUnicode_FromFormat("%U", text);
        Py_ssize_t size;
        const char *bytes = NULL;
        PyObject *encoded = whole ? PyUnicode_AsUTF8String(whole) : NULL;
        Py_XDECREF(whole);
        if (encoded)
            bytes = PyBytes_AsString(encoded);
        if (!bytes)
            goto failed;
        size = PyBytes_Size(encoded) + 1;
        char *kept = malloc((size_t)size); /* for as long as the process lives, like the original's */
        if (kept)
            memcpy(kept, bytes, (size_t)size);
        definition->ml_doc = kept;
        Py_DECREF(encoded);
    }
    PyObject *method = PyDescr_NewMethod(type, definition);
    int failed = !method || PyDict_SetItemString(saved, definition->ml_name, original) < 0 ||
                 PyDict_SetItemString(dict, definition->ml_name, method) < 0;
    Py_XDECREF(method);
    Py_DECREF(text);
    Py_DECREF(signature);
    return failed ? -1 : 0;
failed:
    Py_XDECREF(text);
    Py_XDECREF(signature);
    return -1;
}

PyObject *make_one(const char *maker)
{
    PyObject *module = PyImport_ImportModule("_thread");
    PyObject *one = module ? PyObject_CallMethod(module, maker, NULL) : NULL;
    Py_XDECREF(module);
    return one;
}

/* Where a type keeps one of its functions. The layout of type objects has not changed since 3.9; where
 * the interpreter can be asked, it is. */
static void **type_slot(PyTypeObject *type, int slot)
{
#ifdef INTERLEAVE_FREE
    return slot == Py_tp_dealloc ? (void **)&type->tp_dealloc : (void **)&type->tp_new;
#else
    size_t offset = slot == Py_tp_dealloc ? 48 : slot == Py_tp_new ? 312 : 0;
    void **place = (void **)((char *)type + offset);
    if (!offset || sizeof(void *) != 8)
        return NULL;
    if (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) {
        if (PyType_GetSlot(type, slot) != *place)
            return NULL;
    }
    return place;
#endif
}

int hook_type(HookedType *hooked, PyMethodDef *methods, PyObject *dict, PyObject *saved, destructor dealloc, newfunc create)
{
    for (PyMethodDef *method = methods; method->ml_name; method++)
        if (put_method(hooked->type, dict, saved, method))
            return -1;
    PyType_Modified(hooked->type);
    hooked->dealloc_slot = (destructor *)type_slot(hooked->type, Py_tp_dealloc);
    if (hooked->dealloc_slot) {
        hooked->dealloc = *hooked->dealloc_slot;
        *hooked->dealloc_slot = dealloc;
    }
    hooked->new_slot = PyDict_GetItemString(dict, "__new__") ? (newfunc *)type_slot(hooked->type, Py_tp_new) : NULL;
    if (hooked->new_slot) {
        hooked->create = *hooked->new_slot;
        *hooked->new_slot = create;
    }
    return 0;
}

void unhook_type(HookedType *hooked)
{
    if (hooked->dealloc_slot)
        *hooked->dealloc_slot = hooked->dealloc;
    if (hooked->new_slot)
        *hooked->new_slot = hooked->create;
    hooked->dealloc_slot = NULL;
    hooked->new_slot = NULL;
    if (hooked->type)
        PyType_Modified(hooked->type);
}
