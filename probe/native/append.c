/* Quotes texts, and writes definitions without giving the GIL away: a hook that does lets other threads run in its middle, may be while
 * the program holds a lock, and be seen there. */
#include "core.h"

#ifdef _WIN32

#include <windows.h>

/* With this access the system itself goes to the end for each write; the C library would look for it first, and other
 * threads write meanwhile. */
static Py_ssize_t append_to(const char *path, const char *data, Py_ssize_t size)
{
    wchar_t wide[4096];
    DWORD written = 0;
    if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 4096))
        return -1;
    HANDLE file = CreateFileW(wide, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return -1;
    if (!WriteFile(file, data, (DWORD)size, &written, NULL))
        written = 0;
    CloseHandle(file);
    return (Py_ssize_t)written;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static Py_ssize_t append_to(const char *path, const char *data, Py_ssize_t size)
{
    Py_ssize_t written;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return -1;
    do
        written = write(file, data, (size_t)size);
    while (written < 0 && errno == EINTR);
    close(file);
    return written < 0 ? 0 : written;
}

#endif

/* What is not plain takes two escapes at most. */
enum { LONGEST = 12 };

static char *put_escape(char *to, unsigned unit)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = digits[unit >> shift & 15];
    return to;
}

static char *put_character(char *to, Py_UCS4 character)
{
    if (character >= 0x10000) {
        to = put_escape(to, 0xD800 + ((character - 0x10000) >> 10));
        return put_escape(to, 0xDC00 + ((character - 0x10000) & 1023));
    }
    if (character < 32 || character > 126 || character == '"' || character == '\\')
        return put_escape(to, character);
    *to++ = (char)character;
    return to;
}

/* quote(text): its JSON. Programs find what they have loaded themselves: the library's way would load a module more. */
static PyObject *quote(PyObject *module, PyObject *text)
{
    (void)module;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text");
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GetLength(text);
    Py_UCS4 *characters = PyUnicode_AsUCS4Copy(text);
    char *json = characters ? malloc((size_t)length * LONGEST + 2) : NULL;
    PyObject *quoted = NULL;
    if (json) {
        char *end = json;
        *end++ = '"';
        for (Py_ssize_t i = 0; i < length; i++)
            end = put_character(end, characters[i]);
        *end++ = '"';
        quoted = PyUnicode_FromStringAndSize(json, end - json);
    } else if (characters) {
        PyErr_NoMemory();
    }
    free(json);
    PyMem_Free(characters);
    return quoted;
}

/* append(path, data): how many bytes could be written, -1 when the file could not be opened. It is open only meanwhile:
 * programs and their children count their descriptors. */
static PyObject *append(PyObject *module, PyObject *args)
{
    const char *path, *data;
    Py_ssize_t size;
    (void)module;
    if (!PyArg_ParseTuple(args, "yy#", &path, &data, &size))
        return NULL;
    return PyLong_FromSsize_t(append_to(path, data, size));
}

PyMethodDef *append_methods(void)
{
    static PyMethodDef methods[] = {
        {"quote", quote, METH_O, "quote(text): its JSON, all ASCII"},
        {"append", append, METH_VARARGS, "append(path, data): writes to the end of a file with the GIL held; bytes written, -1 when it cannot be opened"},
        {NULL, NULL, 0, NULL},
    };
    return methods;
}
