/* SPDX-License-Identifier: Apache-2.0
 *
 * A file system that is really full: 64 KiB in memory, mounted in a mount namespace of the test's own. Where
 * that is not permitted the test is skipped (exit status 77), which the test runner shows.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_file.h"
#include "audit.h"

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

static void add(struct audit_log *log)
{
        struct audit_event event = { AUDIT_DECISION, .time_ms = 1, .detail = STR("a text for a person") };
        uint64_t seq;

        CHECK(audit_log_add(log, &event, &seq) == 0);
}

static long lines_of(const char *path, long *ret_last_seq)
{
        char line[4096];
        long count = 0;
        FILE *f = fopen(path, "re");

        CHECK(f != NULL);
        while (fgets(line, sizeof(line), f)) {
                CHECK(line[strlen(line) - 1] == '\n');
                CHECK(sscanf(line, "{\"v\":1,\"seq\":%ld,", ret_last_seq) == 1);
                CHECK(*ret_last_seq == ++count);
        }
        fclose(f);
        return count;
}

int main(void)
{
        char dir[] = "/tmp/leastwise-full-disk-XXXXXX", state[64], filler_path[64];
        struct audit_config config = { .session = STR("S") };
        struct audit_file *file = NULL;
        struct audit_log *log = NULL;
        char *message = NULL;
        long written = 0, last = 0;
        FILE *filler;
        int r = 0;

        mount_small_disk(dir);
        snprintf(state, sizeof(state), "%s/leastwise", dir);
        snprintf(filler_path, sizeof(filler_path), "%s/filler", dir);
        CHECK(audit_log_new(&log, &config) == 0);
        CHECK(audit_file_new(&file, state, config.session, true, &message) == 0);
        filler = fopen(filler_path, "we");
        for (int i = 0; i < 20000; i++)
                fputc('x', filler);
        fclose(filler);

        while (written < 10000) {
                add(log);
                r = audit_file_write(file, audit_log_pending(log));
                if (r < 0)
                        break;
                audit_log_written(log);
                written++;
        }
        CHECK(r == -ENOSPC);
        CHECK(lines_of(audit_file_path(file), &last) == written);
        for (int i = 0; i < 5; i++) {
                audit_log_discard(log, 2);
                add(log);
                CHECK(audit_file_write(file, audit_log_pending(log)) == -ENOSPC);
                CHECK(lines_of(audit_file_path(file), &last) == written);
        }
        CHECK(unlink(filler_path) == 0);
        CHECK(audit_file_write(file, audit_log_pending(log)) == 0);
        audit_log_written(log);
        CHECK(lines_of(audit_file_path(file), &last) == written + 2); /* the gap and what followed it */

        audit_file_free(file);
        audit_log_free(log);
        CHECK(umount(dir) == 0);
        rmdir(dir);
        return 0;
}
