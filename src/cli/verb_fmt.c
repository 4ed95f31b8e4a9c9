/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "colour.h"
#include "format.h"
#include "options.h"
#include "policy_files.h"
#include "replace_file.h"
#include "verbs.h"

static const struct option_spec specs[] = {
        { "check", false, false },
        { "write", false, false },
        { NULL },
};

static const char usage[] =
        "Usage: leastwise fmt FILE... [OPTION]...\n\n"
        "Lays policies out in one way: two spaces a level, keys in the order of the language. Comments are kept, and what\n"
        "a policy means is proved to be the same, or the file is left as it is. Without an option the policies are printed.\n\n"
        "Options:\n"
        "  --check    name the files that are laid out otherwise, and change nothing\n"
        "  --write    change the files\n\n"
        "Exit status: 0 done, 1 a file is laid out otherwise (--check), 2 bad usage, 3 a policy is broken or cannot be\n"
        "formatted, 70 a file cannot be written.\n";

struct fmt {
        bool check, write;
        bool colour;
};

static int write_file(const char *path, struct str text)
{
        struct stat status;
        int r = stat(path, &status) < 0 ? -errno : replace_file(path, text, status.st_mode & 07777);

        if (r == 0)
                return EXIT_OK;
        fprintf(stderr, "leastwise fmt: cannot write %s: %s\n", path, strerror(-r));
        return EXIT_INTERNAL;
}

static int put(const struct fmt *f, const char *path, struct str before, struct str after)
{
        bool changed = !str_eq(before, after);

        if (f->check) {
                if (changed)
                        printf("%s\n", path);
                return changed ? EXIT_FINDINGS : EXIT_OK;
        }
        if (f->write)
                return changed ? write_file(path, after) : EXIT_OK;
        fwrite(after.ptr, 1, after.len, stdout);
        return EXIT_OK;
}

static int format_file(const struct fmt *f, const char *path)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        CLEANUP(policy_files_deinit) struct policy_files files = { 0 };
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_POLICY_BYTES);
        int r = policy_files_read_alone(&files, &path, 1, &diags);

        if (r == 0)
                r = policy_format(&out, files.inputs[0].path, files.inputs[0].text, &diags);
        if (r == 0)
                return put(f, path, files.inputs[0].text, buf_str(&out));
        if (r == -EINVAL)
                policy_files_print(&diags, &files, f->colour);
        else if (r == -ENOTSUP)
                fprintf(stderr, "leastwise fmt: %s is laid out in a way that cannot be formatted without a doubt; it is left as it is\n", path);
        else if (r == -EMSGSIZE)
                fprintf(stderr, "leastwise fmt: %s would be too large when formatted; it is left as it is\n", path);
        return r == -ENOMEM ? EXIT_INTERNAL : EXIT_POLICY;
}

static int run(int argc, char **argv)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        struct options options;
        struct fmt f = { 0 };
        int status = EXIT_OK;

        if (options_parse(&options, specs, OPTIONS_ANYWHERE, argc, argv, &message) < 0)
                return usage_error("fmt", "%.*s", STR_FMT(buf_str(&message)));
        if (options.wants_help)
                return usage_print(&verb_fmt);
        f.check = options_has(&options, "check");
        f.write = options_has(&options, "write");
        if (options.operand_count == 0)
                return usage_error("fmt", "say which policies to format");
        if (f.check && f.write)
                return usage_error("fmt", "--check only looks, and --write changes files: say one of them");
        if (!colour_wanted(NULL, STDERR_FILENO, &f.colour))
                return EXIT_INTERNAL;
        for (size_t i = 0; i < options.operand_count; ++i) {
                int r = format_file(&f, options.operands[i]);

                status = r > status ? r : status;
        }
        return fflush(stdout) == 0 && !ferror(stdout) ? status : EXIT_INTERNAL;
}

const struct verb verb_fmt = {
        .name = "fmt",
        .summary = "lay policies out in one way",
        .usage = usage,
        .run = run,
};
