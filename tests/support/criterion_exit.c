/* SPDX-License-Identifier: Apache-2.0
 *
 * Linked into every Criterion program. Criterion's own process, which starts the tests, now and then leaks 48 bytes of its
 * own at exit, and LeakSanitizer then fails a run whose tests all passed. What the tests leak is found in their own processes,
 * by CHECK_NO_LEAKS(); a leak report at exit would be lost there anyway.
 */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
        return "leak_check_at_exit=0";
}
