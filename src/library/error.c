/* SPDX-License-Identifier: Apache-2.0 */
#include <leastwise/allocator.h>
#include <leastwise/error.h>
#include <leastwise/version.h>

#include <errno.h>
#include <limits.h>

#include "library.h"
#include "versioned.h"

const char *leastwise_strerror(int error)
{
        if (error < 0 && error != INT_MIN)
                error = -error;
        switch (error) {
        case 0:
                return "no error";
        case LEASTWISE_ERROR_ARGUMENT:
                return "the caller gave an argument that is missing, unknown or out of range";
        case LEASTWISE_ERROR_MEMORY:
                return "there is not enough memory";
        case LEASTWISE_ERROR_POLICY:
                return "the policy is not good; its diagnostics say why";
        case LEASTWISE_ERROR_NOT_ENFORCED:
                return "the policy asks for something that the calling program does not see to";
        case LEASTWISE_ERROR_RANDOM:
                return "the system gives no random numbers";
        default:
                return "an error that this version does not know";
        }
}

int public_error(int negative_errno)
{
        switch (negative_errno) {
        case 0:
                return 0;
        case -ENOMEM:
        case -EMSGSIZE:
                return -LEASTWISE_ERROR_MEMORY;
        case -EIO:
                return -LEASTWISE_ERROR_RANDOM;
        default:
                return -LEASTWISE_ERROR_ARGUMENT;
        }
}

const char *leastwise_version(void)
{
        return LEASTWISE_VERSION;
}

static struct leastwise_allocator callers;

static void *resize(void *userdata, void *ptr, size_t size)
{
        const struct leastwise_allocator *allocator = userdata;

        return allocator->resize(ptr, size, allocator->userdata);
}

static void release(void *userdata, void *ptr)
{
        const struct leastwise_allocator *allocator = userdata;

        allocator->release(ptr, allocator->userdata);
}

int leastwise_set_allocator(const struct leastwise_allocator *allocator)
{
        static const struct allocator through = { resize, release, &callers };
        struct leastwise_allocator given;

        if (!allocator) {
                mem_set_allocator(NULL);
                return 0;
        }
        if (!versioned_read(&given, sizeof(given), sizeof(given), allocator) || !given.resize || !given.release)
                return -LEASTWISE_ERROR_ARGUMENT;
        callers = given;
        mem_set_allocator(&through);
        return 0;
}
