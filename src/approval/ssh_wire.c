/* SPDX-License-Identifier: Apache-2.0 */
#include "ssh_wire.h"

#include <errno.h>
#include <sodium.h>

bool ssh_take_byte(struct ssh_reader *r, uint8_t *ret)
{
        if (r->left.len < 1)
                return false;
        *ret = (uint8_t)r->left.ptr[0];
        r->left = str_skip(r->left, 1);
        return true;
}

static uint32_t number_at(const char *ptr)
{
        uint32_t number = 0;

        for (int i = 0; i < 4; i++)
                number = number << 8 | (uint8_t)ptr[i];
        return number;
}

bool ssh_take_uint32(struct ssh_reader *r, uint32_t *ret)
{
        if (r->left.len < 4)
                return false;
        *ret = number_at(r->left.ptr);
        r->left = str_skip(r->left, 4);
        return true;
}

bool ssh_take_string(struct ssh_reader *r, struct str *ret)
{
        uint32_t len;

        if (r->left.len < 4)
                return false;
        len = number_at(r->left.ptr);
        if (len > r->left.len - 4)
                return false;
        *ret = str_of(r->left.ptr + 4, len);
        r->left = str_skip(r->left, 4 + (size_t)len);
        return true;
}

bool ssh_take_exactly(struct ssh_reader *r, struct str bytes)
{
        if (!str_starts_with(r->left, bytes))
                return false;
        r->left = str_skip(r->left, bytes.len);
        return true;
}

int ssh_append_string(struct buf *b, struct str bytes)
{
        const char length[4] = { (char)(uint8_t)(bytes.len >> 24), (char)(uint8_t)(bytes.len >> 16), (char)(uint8_t)(bytes.len >> 8),
                (char)(uint8_t)bytes.len };
        int r = bytes.len > UINT32_MAX ? -EMSGSIZE : buf_append(b, length, sizeof(length));

        return r < 0 ? r : buf_append_str(b, bytes);
}

int ssh_base64_append(struct buf *b, struct str text)
{
        const size_t most = text.len / 4 * 3;
        size_t len;
        int r;

        if (text.len == 0 || text.len % 4 != 0)
                return -EBADMSG;
        r = buf_reserve(b, most);
        if (r < 0)
                return r;
        if (sodium_base642bin((unsigned char *)b->data + b->len, most, text.ptr, text.len, NULL, &len, NULL,
                    sodium_base64_VARIANT_ORIGINAL) < 0)
                return -EBADMSG;
        b->len += len;
        return 0;
}
