/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs every file of the folders named on the command line through a fuzz entry, once each: the main() of the
 * fuzz targets where libFuzzer is not linked. Fails when a folder has no file, as then nothing was shown.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* An entry may define it, as for libFuzzer. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The bytes are handed over in a block of exactly their size, so that a sanitizer sees a read past them. */
static int replay_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        struct stat st;
        uint8_t *data;
        size_t size;

        if (!file || fstat(fileno(file), &st) < 0 || !S_ISREG(st.st_mode)) {
                perror(path);
                if (file)
                        fclose(file);
                return -1;
        }
        size = (size_t)st.st_size;
        data = malloc(size ? size : 1);
        if (!data || fread(data, 1, size, file) != size) {
                perror(path);
                free(data);
                fclose(file);
                return -1;
        }
        fclose(file);
        /* Seen last when the entry does not come back. */
        fprintf(stderr, "%s\n", path);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
        return 0;
}

static long replay_folder(const char *folder)
{
        struct dirent **entries;
        int n = scandir(folder, &entries, NULL, alphasort);
        long replayed = 0;

        if (n < 0) {
                perror(folder);
                return -1;
        }
        for (int i = 0; i < n; i++) {
                char path[4096];

                snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
                if (entries[i]->d_name[0] != '.' && replayed >= 0)
                        replayed = replay_file(path) < 0 ? -1 : replayed + 1;
                free(entries[i]);
        }
        free(entries);
        return replayed;
}

int main(int argc, char **argv)
{
        if (LLVMFuzzerInitialize)
                LLVMFuzzerInitialize(&argc, &argv);
        if (argc < 2) {
                fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
                return 2;
        }
        for (int i = 1; i < argc; i++) {
                long replayed = replay_folder(argv[i]);

                if (replayed <= 0) {
                        fprintf(stderr, "%s: no input replayed\n", argv[i]);
                        return 1;
                }
                printf("%s: %ld inputs\n", argv[i], replayed);
        }
        return 0;
}
