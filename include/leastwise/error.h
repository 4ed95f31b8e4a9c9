/* SPDX-License-Identifier: Apache-2.0
 *
 * What can go wrong with a call of the library. A denial is not an error: it is a decision (decision.h).
 *
 * Functions that can fail return 0, or one of these codes negated; then what they would have given is not touched. A code keeps
 * its number and its meaning for good; new ones may come, so treat every negative value as failure.
 */
#ifndef LEASTWISE_ERROR_H
#define LEASTWISE_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum leastwise_error {
        LEASTWISE_ERROR_ARGUMENT = 1,     /* the caller's mistake: a member that is missing, unknown or out of range */
        LEASTWISE_ERROR_MEMORY = 2,
        LEASTWISE_ERROR_POLICY = 3,       /* a policy is not good; the diagnostics say what and where */
        LEASTWISE_ERROR_NOT_ENFORCED = 4, /* a policy asks for what neither the library nor, as it said, its caller does */
        LEASTWISE_ERROR_RANDOM = 5,       /* the system gives no random numbers */
        _LEASTWISE_ERROR_FORCE_INT = 0x7fffffff
};

/* A phrase for people, in English and lower case, for a code of either sign. Never NULL, never freed. From any thread.
 * Since 0.1. */
const char *leastwise_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif
