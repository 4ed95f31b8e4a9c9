/* SPDX-License-Identifier: Apache-2.0
 *
 * A file system that is really full: a new window cannot be made and refuses, one that is there goes on counting. Skipped
 * (exit status 77) where nothing can be mounted.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "limits_file.h"

#define CHECK(condition)                                                    \
        do {                                                                \
                if (!(condition)) {                                         \
                        fprintf(stderr, "%d: %s\n", __LINE__, #condition); \
                        exit(1);                                            \
                }                                                           \
        } while (0)

static void mount_small_disk(char *dir)
{
        CHECK(mkdtemp(dir) != NULL);
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
                mount("none", dir, "tmpfs", 0, "size=64k,mode=0700") < 0) {
                fprintf(stderr, "skipped: a file system cannot be mounted here: %s\n", strerror(errno));
                rmdir(dir);
                exit(77);
        }
}

static enum limit_store_result take(struct limit_store *store, struct str state)
{
        AUTO_BUF struct buf problem = BUF_INIT(10000);
        struct limit_use use = { .state = state, .span_ms = 1000, .most = amount_of(1000), .add = amount_of(1) };
        size_t at;

        return store->reserve(store->userdata, &use, 1, 1, &at, &problem);
}

int main(void)
{
        char dir[] = "/tmp/leastwise-full-disk-XXXXXX", state[64], filler_path[64];
        struct limit_files *files = NULL;
        struct limit_store store;
        FILE *filler;

        mount_small_disk(dir);
        snprintf(state, sizeof(state), "%s/leastwise", dir);
        snprintf(filler_path, sizeof(filler_path), "%s/filler", dir);
        CHECK(limit_files_new(&files, state, true) == 0);
        store = limit_files_store(files);
        CHECK(take(&store, STR("a.0000000000000000")) == LIMIT_STORE_RESERVED);
        filler = fopen(filler_path, "we");
        CHECK(filler != NULL);
        while (fputc('x', filler) != EOF && fflush(filler) == 0)
                ;
        fclose(filler);

        for (int i = 0; i < 10; i++) {
                CHECK(take(&store, STR("b.0000000000000000")) == LIMIT_STORE_FAILED);
                CHECK(take(&store, STR("a.0000000000000000")) == LIMIT_STORE_RESERVED);
        }
        CHECK(unlink(filler_path) == 0);
        CHECK(take(&store, STR("b.0000000000000000")) == LIMIT_STORE_RESERVED);

        limit_files_free(files);
        CHECK(umount(dir) == 0);
        rmdir(dir);
        return 0;
}
