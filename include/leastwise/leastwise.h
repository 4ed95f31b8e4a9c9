/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything of the library that is stable. leastwise/session.h is not, and has to be included by itself.
 */
#ifndef LEASTWISE_LEASTWISE_H
#define LEASTWISE_LEASTWISE_H

#include <leastwise/allocator.h>
#include <leastwise/decision.h>
#include <leastwise/error.h>
#include <leastwise/policy.h>
#include <leastwise/version.h>

#endif
