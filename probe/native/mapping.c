/* The ring's file: made, allocated for real and mapped, on POSIX systems and Windows. */
#include "ring.h"

#ifdef _WIN32
void *ring_map(Ring *ring, uint64_t from, uint64_t size, void **view)
{
    LARGE_INTEGER end;
    end.QuadPart = (LONGLONG)(from + size);
    if (!SetFilePointerEx(ring->file, end, NULL, FILE_BEGIN) || !SetEndOfFile(ring->file))
        return NULL;
    HANDLE mapping = CreateFileMappingW(ring->file, NULL, PAGE_READWRITE, 0, 0, NULL);
    if (!mapping)
        return NULL;
    uint64_t aligned = from & ~(uint64_t)0xFFFF;
    char *base = MapViewOfFile(mapping, FILE_MAP_WRITE, (DWORD)(aligned >> 32), (DWORD)aligned,
                               (SIZE_T)(size + (from - aligned)));
    CloseHandle(mapping);
    *view = base;
    return base ? base + (from - aligned) : NULL;
}
void ring_unmap_view(void *view, uint64_t size)
{
    (void)size;
    if (view)
        UnmapViewOfFile(view);
}
#else
/* Descriptors above what programs count, compare or close one by one. */
enum { HIGH_DESCRIPTOR = 200 };

static int open_high(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0 || file >= HIGH_DESCRIPTOR)
        return file;
    int high = fcntl(file, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
    if (high < 0)
        return file;
    close(file);
    return high;
}

static bool is_ours(const Ring *ring, int file)
{
    struct stat status;
    return file >= 0 && fstat(file, &status) == 0 && status.st_dev == ring->device && status.st_ino == ring->inode;
}

/* The file's descriptor, opened again when the program has closed or replaced it; -1 when that fails. */
static int descriptor(Ring *ring)
{
    if (is_ours(ring, ring->file))
        return ring->file;
    int file = open_high(ring->path, O_RDWR);
    if (file >= 0 && !is_ours(ring, file)) {
        close(file);
        file = -1;
    }
    ring->file = file;
    return file;
}

static bool allocate(int file, uint64_t from, uint64_t size)
{
#if defined(__linux__)
    int failed = posix_fallocate(file, (off_t)from, (off_t)size);
    if (failed == 0 || failed == ENOSPC)
        return failed == 0;
#endif
    static const char zeros[65536];
    while (size > 0) {
        size_t part = size < sizeof zeros ? (size_t)size : sizeof zeros;
        ssize_t done = pwrite(file, zeros, part, (off_t)from);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += (uint64_t)done;
        size -= (uint64_t)done;
    }
    return true;
}
void *ring_map(Ring *ring, uint64_t from, uint64_t size, void **view)
{
    /* Steps begin at 4096 + n MiB: on systems with larger pages the view starts a little earlier. */
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t aligned = from & ~(page - 1);
    int file = descriptor(ring);
    if (file < 0 || !allocate(file, from, size))
        return NULL;
    char *base = mmap(NULL, (size_t)(size + (from - aligned)), PROT_READ | PROT_WRITE, MAP_SHARED, file,
                      (off_t)aligned);
    if (base == MAP_FAILED)
        return NULL;
    *view = base;
    return base + (from - aligned);
}
void ring_unmap_view(void *view, uint64_t size)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (view)
        munmap(view, (size_t)((size + HEADER % page + page - 1) & ~(page - 1)));
}
#endif

bool ring_create(Ring *ring)
{
    void *view = NULL;
#ifdef _WIN32
    wchar_t wide[4096];
    if (!MultiByteToWideChar(CP_UTF8, 0, ring->path, -1, wide, 4096)) {
        PyErr_SetFromWindowsErrWithFilename(0, ring->path);
        return false;
    }
    ring->file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                             NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    bool opened = ring->file != INVALID_HANDLE_VALUE;
    if (opened && !(ring->header = ring_map(ring, 0, HEADER, &view))) {
        CloseHandle(ring->file);
        opened = false;
    }
    if (!opened)
        PyErr_SetFromWindowsErrWithFilename(0, ring->path);
#else
    struct stat status;
    ring->file = open_high(ring->path, O_RDWR | O_CREAT | O_EXCL);
    bool opened = ring->file >= 0 && fstat(ring->file, &status) == 0;
    if (opened) {
        ring->device = status.st_dev;
        ring->inode = status.st_ino;
        ring->header = ring_map(ring, 0, HEADER, &view);
        opened = ring->header != NULL;
    }
    if (!opened) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, ring->path);
        if (ring->file >= 0) {
            close(ring->file);
            unlink(ring->path);
        }
        ring->file = -1;
    }
#endif
    return opened;
}

void ring_unmap_header(Ring *ring)
{
#ifdef _WIN32
    UnmapViewOfFile(ring->header);
    CloseHandle(ring->file);
#else
    munmap(ring->header, HEADER);
    if (is_ours(ring, ring->file))
        close(ring->file);
    ring->file = -1;
#endif
    ring->header = NULL;
}

void ring_trim(Ring *ring)
{
#ifdef _WIN32
    (void)ring; /* a mapped file cannot be cut there */
#else
    int file = descriptor(ring);
    uint64_t head = atomic_load(&ring->next);
    if (!ring->capacity && file >= 0 && head < ring->mapped) {
        int ignored = ftruncate(file, (off_t)(HEADER + head * RECORD));
        (void)ignored; /* a file a little too long is as good */
    }
#endif
}
