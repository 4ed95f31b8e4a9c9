/* SPDX-License-Identifier: Apache-2.0
 *
 * A Criterion test runs in a child process whose leaks LeakSanitizer's report at exit does not show as a failure.
 * The last line of a body that allocates is therefore CHECK_NO_LEAKS(); without AddressSanitizer it is nothing.
 */
#pragma once

#include <criterion/criterion.h>

#if defined(__SANITIZE_ADDRESS__)
#define LEAKS_ARE_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_ARE_CHECKED 1
#endif
#endif

#ifdef LEAKS_ARE_CHECKED
#include <sanitizer/lsan_interface.h>
#define CHECK_NO_LEAKS() cr_assert_eq(__lsan_do_recoverable_leak_check(), 0, "memory leaked: see stderr")
#else
#define CHECK_NO_LEAKS() ((void)0)
#endif
