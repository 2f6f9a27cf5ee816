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
static bool is_ours(const Ring *ring, int file)
{
    struct stat status;
    return file >= 0 && fstat(file, &status) == 0 && status.st_dev == ring->device && status.st_ino == ring->inode;
}

/* The file, opened for a moment: programs and their children count, close and redirect descriptors. -1 when that fails. */
static int open_again(const Ring *ring)
{
    int file = open(ring->path, O_RDWR | O_CLOEXEC);
    if (file >= 0 && !is_ours(ring, file)) {
        close(file);
        errno = ENOENT;
        file = -1;
    }
    return file;
}

enum { CHUNK = 1 << 18, LARGE_PAGE = 1 << 21 };

#if defined(__linux__)
#include <sys/uio.h>

/* The same few pages over and over: each is a fault the first time, also to read nothing from it. */
static ssize_t write_chunk(int file, size_t size, off_t from)
{
    enum { PART = 1 << 14 };
    static char zeros[PART];
    struct iovec parts[CHUNK / PART];
    int count = 0;
    for (size_t left = size; left > 0; left -= parts[count++].iov_len)
        parts[count] = (struct iovec){zeros, left < PART ? left : PART};
    return pwritev(file, parts, count, from);
}
#else
static ssize_t write_chunk(int file, size_t size, off_t from)
{
    static char zeros[CHUNK];
    return pwrite(file, zeros, size, from);
}
#endif

/* False when the system has no way to reserve space and there is none to write. */
static bool write_zeros(int file, uint64_t from, uint64_t size)
{
    while (size > 0) {
        /* Each chunk ends where a large page of the file cache does. */
        size_t part = CHUNK - (size_t)(from & (CHUNK - 1));
        if (part > size)
            part = (size_t)size;
        ssize_t done = write_chunk(file, part, (off_t)from);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += (uint64_t)done;
        size -= (uint64_t)done;
    }
    return true;
}

/* Space for real. What is written as well is in the cache already, in pages that one fault maps by the dozen; the first
 * step is written in part only, as most programs have little to say. */
static bool allocate(int file, uint64_t from, uint64_t size)
{
    bool there = false;
#if defined(__linux__)
    int failed = posix_fallocate(file, (off_t)from, (off_t)size);
    there = failed == 0;
    if (failed == ENOSPC || failed == EFBIG || failed == EDQUOT) {
        errno = failed;
        return false;
    }
#endif
    uint64_t begin = from <= HEADER && there && size > CHUNK - from ? CHUNK - from : size;
    return write_zeros(file, from, begin) || there;
}

/* Maps a part of the file where its large pages can be mapped as such: address and place in the file alike. */
static char *map_alike(int file, uint64_t from, size_t size)
{
#if defined(__linux__)
    char *room = mmap(NULL, size + LARGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room != MAP_FAILED) {
        size_t skip = (size_t)((from - (uintptr_t)room) & (LARGE_PAGE - 1));
        char *base = mmap(room + skip, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, (off_t)from);
        if (base == MAP_FAILED) {
            int error = errno;
            munmap(room, size + LARGE_PAGE);
            errno = error;
            return MAP_FAILED;
        }
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size_t end = skip + ((size + page - 1) & ~(page - 1));
        if (skip)
            munmap(room, skip);
        if (end < size + LARGE_PAGE)
            munmap(room + end, size + LARGE_PAGE - end);
        return base;
    }
#endif
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)from);
}

static void *map_of(int file, uint64_t from, uint64_t size, void **view)
{
    /* Steps begin at 4096 + n MiB; their views a page earlier, where pages of every size begin. */
    uint64_t before = from < HEADER ? from : HEADER;
    if (!allocate(file, from, size)) {
        int error = errno;
        int ignored = from ? ftruncate(file, (off_t)from) : 0; /* what there was of it stays the program's */
        (void)ignored;
        errno = error;
        return NULL;
    }
    char *base = map_alike(file, from - before, (size_t)(size + before));
    if (base == MAP_FAILED)
        return NULL;
    *view = base;
    return base + before;
}

void *ring_map(Ring *ring, uint64_t from, uint64_t size, void **view)
{
    int file = open_again(ring);
    if (file < 0)
        return NULL;
    void *base = map_of(file, from, size, view);
    int error = errno;
    close(file);
    errno = error;
    return base;
}

void ring_unmap_view(void *view, uint64_t size)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (view)
        munmap(view, (size_t)((size + HEADER + page - 1) & ~(page - 1)));
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
    int file = open(ring->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool opened = file >= 0 && fstat(file, &status) == 0;
    if (opened) {
        ring->device = status.st_dev;
        ring->inode = status.st_ino;
        ring->header = map_of(file, 0, HEADER, &view);
        opened = ring->header != NULL;
    }
    if (!opened)
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, ring->path);
    if (file >= 0) {
        close(file);
        if (!opened)
            unlink(ring->path);
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
#endif
    ring->header = NULL;
}

void ring_trim(Ring *ring)
{
#ifdef _WIN32
    (void)ring; /* a mapped file cannot be cut there */
#else
    uint64_t head = atomic_load(&ring->next);
    if (ring->capacity || head >= ring->mapped)
        return;
    int file = open_again(ring);
    if (file >= 0) {
        int ignored = ftruncate(file, (off_t)(HEADER + head * RECORD));
        (void)ignored; /* a file a little too long is as good */
        close(file);
    }
#endif
}
