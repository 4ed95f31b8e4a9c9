/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into the proxy that is measured: counts every request to the C library's heap in the file that
 * BENCH_ALLOCATIONS names, which the benchmark reads while the proxy runs. What the proxy starts is not counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own names for what this library covers: dlsym() might allocate. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong *counter;

__attribute__((constructor)) static void start_counting(void)
{
        const char *path = getenv("BENCH_ALLOCATIONS");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *map;

        if (fd < 0)
                return;
        map = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (map != MAP_FAILED)
                counter = map;
        unsetenv("BENCH_ALLOCATIONS");
        unsetenv("LD_PRELOAD");
}

static void count(void)
{
        if (counter)
                atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

void *malloc(size_t size)
{
        count();
        return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
        count();
        return __libc_calloc(number, size);
}

void *realloc(void *ptr, size_t size)
{
        count();
        return __libc_realloc(ptr, size);
}

void *memalign(size_t alignment, size_t size)
{
        count();
        return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
        count();
        return __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
        count();
        *ret = __libc_memalign(alignment, size);
        return *ret ? 0 : ENOMEM;
}
