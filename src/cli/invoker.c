/* SPDX-License-Identifier: Apache-2.0 */
#include "invoker.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "cleanup.h"
#include "verb.h"

#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define INVOKER "SUDO_UID"

/* More than the name of any terminal or locale. */
#define PLAIN_BYTES 64U

/* As `run` has it: nothing was started. */
#define EXIT_OWN 125

/* These say how to show something, and nothing else. */
static const char *const looks[] = { "TERM", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "CLICOLOR_FORCE" };
#define LOOKS_COUNT (sizeof(looks) / sizeof(looks[0]))

static bool other;

/* A text that is no number names nobody, who is another user too. */
static bool is_ours(const char *text)
{
        const size_t len = strlen(text);

        return len > 0 && len <= 10 && strspn(text, "0123456789") == len && strtoull(text, NULL, 10) == geteuid();
}

/* Neither a path nor anything that a terminal would take for more than letters. */
static bool is_plain(const char *value)
{
        const size_t len = strlen(value);

        return len > 0 && len <= PLAIN_BYTES &&
               strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+@-") == len;
}

static int copy(char **ret, const char *value)
{
        *ret = str_dup(str_from(value));
        return *ret ? 0 : -ENOMEM;
}

static int set(const char *name, const char *value)
{
        return setenv(name, value, 1) < 0 ? -errno : 0;
}

/* What may stay, taken out before all of it goes. */
static int make_anew(const struct passwd *user)
{
        char *kept[LOOKS_COUNT] = { 0 };
        AUTO_FREE char *invoker = NULL;
        int r = copy(&invoker, getenv(INVOKER));

        for (size_t i = 0; r == 0 && i < LOOKS_COUNT; i++) {
                const char *value = getenv(looks[i]);

                if (value && is_plain(value))
                        r = copy(&kept[i], value);
        }
        if (r == 0 && clearenv() != 0)
                r = -ENOMEM;
        for (size_t i = 0; i < LOOKS_COUNT; i++) {
                if (r == 0 && kept[i])
                        r = set(looks[i], kept[i]);
                mem_free(kept[i]);
        }
        if (r == 0)
                r = set(INVOKER, invoker);
        if (r == 0)
                r = set("PATH", SYSTEM_PATH);
        if (r == 0)
                r = set("HOME", user->pw_dir);
        if (r == 0)
                r = set("USER", user->pw_name);
        if (r == 0)
                r = set("LOGNAME", user->pw_name);
        if (r == 0 && user->pw_shell && user->pw_shell[0] == '/')
                r = set("SHELL", user->pw_shell);
        return r;
}

int invoker_settle(void)
{
        const char *by = getenv(INVOKER);
        const struct passwd *user;

        other = by && !is_ours(by);
        if (!other)
                return 0;
        user = getpwuid(geteuid());
        if (!user || !user->pw_dir || user->pw_dir[0] != '/') {
                fprintf(stderr,
                        "leastwise: started by another user (" INVOKER
                        " is set), and the password file has no home directory for the user with the id %lu: give it "
                        "one\n",
                        (unsigned long)geteuid());
                return EXIT_OWN;
        }
        if (make_anew(user) == 0)
                return 0;
        fputs("leastwise: out of memory\n", stderr);
        return EXIT_OWN;
}

bool invoker_is_other(void)
{
        return other;
}

int invoker_leave_directory(void)
{
        const char *home = getenv("HOME");

        if (!other || (home && chdir(home) == 0))
                return 0;
        return chdir("/") < 0 ? -errno : 0;
}
