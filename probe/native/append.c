/* Writes definitions without giving the GIL away: a hook that does lets other threads run in its middle, may be while
 * the program holds a lock, and be seen there. */
#include "core.h"

#ifdef _WIN32

PyMethodDef *append_methods(void)
{
    static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
    return methods;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* append(path, data): how many bytes could be written, -1 when the file could not be opened. It is open only meanwhile:
 * programs and their children count their descriptors. */
static PyObject *append(PyObject *module, PyObject *args)
{
    const char *path, *data;
    Py_ssize_t size, written;
    (void)module;
    if (!PyArg_ParseTuple(args, "yy#", &path, &data, &size))
        return NULL;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return PyLong_FromLong(-1);
    do
        written = write(file, data, (size_t)size);
    while (written < 0 && errno == EINTR);
    close(file);
    return PyLong_FromSsize_t(written < 0 ? 0 : written);
}

PyMethodDef *append_methods(void)
{
    static PyMethodDef methods[] = {
        {"append", append, METH_VARARGS, "append(path, data): writes to the end of a file with the GIL held; bytes written, -1 when it cannot be opened"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}

#endif
