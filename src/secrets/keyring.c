/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hex.h"

/* All that who has found a key by the user's keyring may do with it; nothing for who only knows its number. */
#define ONLY_BY_THE_KEYRING 0x3F000000U

#define NAME_BYTES (sizeof("leastwise:vault:") + 2U * VAULT_ID_BYTES)

static void name_of(char ret[NAME_BYTES], const uint8_t id[VAULT_ID_BYTES])
{
        static const char digits[] = "0123456789abcdef";
        size_t at = sizeof("leastwise:vault:") - 1U;

        memcpy(ret, "leastwise:vault:", at);
        for (size_t i = 0; i < VAULT_ID_BYTES; i++) {
                ret[at++] = digits[id[i] >> 4];
                ret[at++] = digits[id[i] & 15U];
        }
        ret[at] = '\0';
}

static long control(int what, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
        const long r = syscall(SYS_keyctl, what, a, b, c, d);

        return r < 0 ? -errno : r;
}

static long control_key(int what, long key, unsigned long value)
{
        return control(what, (unsigned long)key, value, 0, 0);
}

/* A key that has run out or was taken back is none. */
static int as_missing(long r)
{
        return r == -EKEYEXPIRED || r == -EKEYREVOKED || r == -ENOENT ? -ENOKEY : (int)r;
}

/* Programs that clients start may have a session keyring from which the user's is not to be had, and then the number of a key that was
 * found does not suffice to read it. So it is put into this thread's own keyring, too, which nobody inherits. */
static long find(const uint8_t id[VAULT_ID_BYTES])
{
        char name[NAME_BYTES];

        name_of(name, id);
        return control(KEYCTL_SEARCH, (unsigned long)KEY_SPEC_USER_KEYRING, (unsigned long)"user", (unsigned long)name,
                (unsigned long)KEY_SPEC_THREAD_KEYRING);
}

int keyring_put(const uint8_t id[VAULT_ID_BYTES], const uint8_t key[VAULT_KEY_BYTES], uint32_t seconds)
{
        char name[NAME_BYTES];
        long number, r;

        name_of(name, id);
        /* Added where nobody else looks, so that it is never found without its time limit. */
        number = syscall(SYS_add_key, "user", name, key, (size_t)VAULT_KEY_BYTES, KEY_SPEC_THREAD_KEYRING);
        if (number < 0)
                return -errno;
        r = control_key(KEYCTL_SET_TIMEOUT, number, seconds);
        if (r == 0)
                r = control_key(KEYCTL_SETPERM, number, ONLY_BY_THE_KEYRING);
        /* Takes the place of one of that name. */
        if (r == 0)
                r = control_key(KEYCTL_LINK, number, (unsigned long)KEY_SPEC_USER_KEYRING);
        control_key(KEYCTL_UNLINK, number, (unsigned long)KEY_SPEC_THREAD_KEYRING);
        return (int)r;
}

int keyring_get(const uint8_t id[VAULT_ID_BYTES], uint8_t ret_key[VAULT_KEY_BYTES])
{
        const long number = find(id);
        long r;

        if (number < 0)
                return as_missing(number);
        r = control(KEYCTL_READ, (unsigned long)number, (unsigned long)ret_key, VAULT_KEY_BYTES, 0);
        control_key(KEYCTL_UNLINK, number, (unsigned long)KEY_SPEC_THREAD_KEYRING);
        if (r < 0)
                return as_missing(r);
        return r == (long)VAULT_KEY_BYTES ? 0 : -ENOKEY;
}

int keyring_remove(const uint8_t id[VAULT_ID_BYTES])
{
        const long number = find(id);
        long r;

        if (number < 0)
                return as_missing(number);
        r = control_key(KEYCTL_UNLINK, number, (unsigned long)KEY_SPEC_USER_KEYRING);
        /* Whoever holds it elsewhere has nothing any more. */
        control_key(KEYCTL_REVOKE, number, 0);
        control_key(KEYCTL_UNLINK, number, (unsigned long)KEY_SPEC_THREAD_KEYRING);
        return as_missing(r);
}
