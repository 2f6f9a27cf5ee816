/* Who makes plain locks: _thread.allocate_lock and its old alias stay the same objects, what they call is ours; and where it is done. */
#include "frames.h"

#include <string.h>

PyCFunction maker_original;
static PyMethodDef *makers[2];

void hook_makers(PyCFunction ours)
{
    static const char *names[2] = {"allocate_lock", "allocate"};
    PyObject *module = PyImport_ImportModule("_thread");
    for (int i = 0; module && i < 2; i++) {
        PyObject *function = PyObject_GetAttrString(module, names[i]);
        if (function && PyCFunction_Check(function) && PyCFunction_GetFlags(function) == METH_NOARGS) {
            /* Behind the head of any function of C, in all versions. */
            PyMethodDef *definition = *(PyMethodDef **)((char *)function + sizeof(PyObject));
            if (strcmp(definition->ml_name, names[i]) == 0 && definition->ml_meth == PyCFunction_GetFunction(function))
                makers[i] = definition;
        }
        Py_XDECREF(function);
    }
    PyErr_Clear();
    Py_XDECREF(module);
    if (makers[0] && makers[1] && makers[0]->ml_meth == makers[1]->ml_meth) {
        maker_original = makers[0]->ml_meth;
        makers[0]->ml_meth = makers[1]->ml_meth = ours;
    } else {
        makers[0] = makers[1] = NULL;
    }
}

void unhook_makers(void)
{
    for (int i = 0; i < 2; i++)
        if (makers[i])
            makers[i]->ml_meth = maker_original;
    makers[0] = makers[1] = NULL;
}

Context creation_here(void)
{
    for (char *frame = current_frame(); frame; frame = frame_behind(frame)) {
        if (!is_real(frame))
            continue;
        int judged = code_judged(code_of(frame));
        unsigned role = judged < 0 ? ROLE_PROGRAM : (unsigned)judged >> 4;
        if (role != ROLE_PASSES_ON)
            return role == ROLE_PROGRAM ? context_from(frame, CONTEXT_DEPTH) : 0;
    }
    return 0;
}
