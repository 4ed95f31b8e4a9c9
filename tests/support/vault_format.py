#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vault's format a second time, by docs/vault.md alone and without libsodium: reading, verifying and writing.

    vault_format.py fixtures FOLDER    writes the test vectors: always the same bytes
    vault_format.py show FILE KEYFILE  prints what a vault with a key file holds, values included

XChaCha20-Poly1305 is written out here; BLAKE2b is Python's. Argon2id, which Python does not have, is asked of libsodium.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import struct
import sys

MAGIC = b"lwvault\n"
PASSWORD, KEY_FILE, SYSTEMD = 1, 2, 3
FIXED = struct.Struct("<8sHHIII16s16s")
STATE = struct.Struct("<16sQQII")
ENTRY = struct.Struct("<IHHIIQQQ24s")


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def rounds(state):
    """Ten double rounds of ChaCha20."""
    x = list(state)

    def quarter(a, b, c, d):
        for p, q, r, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[p] = (x[p] + x[q]) & 0xFFFFFFFF
            x[r] = rotate(x[r] ^ x[p], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return x


CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def stream(key, nonce, counter):
    state = (*CONSTANTS, *struct.unpack("<8I", key), counter, *struct.unpack("<3I", nonce))
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(rounds(state), state)))


def poly1305(key, text):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at : at + 16] + b"\x01", "little")) * r % ((1 << 130) - 5)
    return ((total + int.from_bytes(key[16:32], "little")) & ((1 << 128) - 1)).to_bytes(16, "little")


def xchacha(key, nonce):
    """The key and nonce of the ChaCha20-Poly1305 that it comes down to."""
    x = rounds((*CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce[:16])))
    return struct.pack("<8I", *x[:4], *x[12:]), b"\0\0\0\0" + nonce[16:]


def crypt(key, nonce, text):
    blocks = (stream(key, nonce, 1 + at // 64) for at in range(0, len(text), 64))
    return bytes(a ^ b for a, b in zip(text, b"".join(blocks)))


def tag(key, nonce, sealed, bound):
    def padded(text):
        return text + b"\0" * (-len(text) % 16)

    text = padded(bound) + padded(sealed) + struct.pack("<QQ", len(bound), len(sealed))
    return poly1305(stream(key, nonce, 0)[:32], text)


def seal(key, nonce, value, bound):
    key, nonce = xchacha(key, nonce)
    sealed = crypt(key, nonce, value)
    return sealed + tag(key, nonce, sealed, bound)


def unseal(key, nonce, sealed, bound):
    key, nonce = xchacha(key, nonce)
    if not hmac.compare_digest(tag(key, nonce, sealed[:-16], bound), sealed[-16:]):
        raise ValueError("the value does not belong to the entry")
    return crypt(key, nonce, sealed[:-16])


def blake(text, size, key=b""):
    return hashlib.blake2b(text, digest_size=size, key=key).digest()


def argon2id(password, salt, passes, kib):
    """None where there is no libsodium."""
    name = ctypes.util.find_library("sodium")
    if not name:
        return None
    library, out = ctypes.CDLL(name), ctypes.create_string_buffer(32)
    size = (ctypes.c_ulonglong, ctypes.c_size_t)
    if library.sodium_init() < 0:
        return None
    r = library.crypto_pwhash(
        out, size[0](32), password, size[0](len(password)), salt, size[0](passes), size[1](kib << 10), ctypes.c_int(2)
    )
    return out.raw if r == 0 else None


class Header:
    def __init__(self, kind, passes, kib, salt, vault_id, hint):
        self.kind, self.passes, self.kib, self.salt, self.id, self.hint = kind, passes, kib, salt, vault_id, hint

    def stable(self):
        return FIXED.pack(MAGIC, 1, self.kind, self.passes, self.kib, len(self.hint), self.salt, self.id) + self.hint

    def derive(self, key, purpose, size=32):
        return blake(b"leastwise vault " + purpose + b"\n" + self.stable(), size, key)


def write(header, key, generation, written, entries):
    """entries: (name, note, created, rotated, expires, value, nonce)"""
    text = header.stable() + STATE.pack(header.derive(key, b"check", 16), generation, written, len(entries), 0)
    for name, note, created, rotated, expires, value, nonce in sorted(entries):
        size = ENTRY.size + len(name) + len(note) + len(value) + 16
        plain = ENTRY.pack(size, len(name), len(note), len(value), 0, created, rotated, expires, nonce) + name + note
        text += plain + seal(header.derive(key, b"entries"), nonce, value, header.stable() + plain)
    text += blake(text, 32, header.derive(key, b"table"))
    return text + blake(text, 16)


def read(text, get_key):
    """get_key(header) gives 32 bytes. (header, generation, written, [(name, note, created, rotated, expires, value)]); ValueError."""
    magic, version, kind, passes, kib, hint_len, salt, vault_id = FIXED.unpack_from(text)
    header = Header(kind, passes, kib, salt, vault_id, text[FIXED.size : FIXED.size + hint_len])
    at = FIXED.size + hint_len
    check, generation, written, count, zero = STATE.unpack_from(text, at)
    at += STATE.size
    key = get_key(header)
    if magic != MAGIC or version != 1 or zero or blake(text[:-16], 16) != text[-16:]:
        raise ValueError("damaged")
    if check != header.derive(key, b"check", 16):
        raise ValueError("wrong key")
    if not hmac.compare_digest(blake(text[:-48], 32, header.derive(key, b"table")), text[-48:-16]):
        raise ValueError("forged")
    entries = []
    for _ in range(count):
        size, name_len, note_len, value_len, zero, created, rotated, expires, nonce = ENTRY.unpack_from(text, at)
        name = text[at + ENTRY.size :][:name_len]
        note = text[at + ENTRY.size + name_len :][:note_len]
        value_at = at + ENTRY.size + name_len + note_len
        if zero or size != value_at - at + value_len + 16:
            raise ValueError("damaged")
        bound = header.stable() + text[at:value_at]
        value = unseal(header.derive(key, b"entries"), nonce, text[value_at : at + size], bound)
        entries.append((name, note, created, rotated, expires, value))
        at += size
    if at != len(text) - 48 or entries != sorted(entries) or len({e[0] for e in entries}) != len(entries):
        raise ValueError("damaged")
    return header, generation, written, entries


# --- test vectors ---

KEY = bytes(range(32))
FIXTURE_TIME = 1767225600000
FIXTURE_ENTRIES = [
    (b"github/read", b"", FIXTURE_TIME, FIXTURE_TIME, 0, b"not-a-real-token-1", bytes(range(0x40, 0x58))),
    (b"github/write", b"for releases", FIXTURE_TIME, FIXTURE_TIME + 1000, FIXTURE_TIME + 86400000, b"not-a-real-token-2", bytes(range(0x60, 0x78))),
]


def fixture_key_file():
    header = Header(KEY_FILE, 0, 0, bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30)), b"/etc/leastwise/vault.key")
    return write(header, KEY, 3, FIXTURE_TIME, FIXTURE_ENTRIES)


def fixture_password():
    """"correct horse", with as little work as a vault may ask for."""
    header = Header(PASSWORD, 2, 65536, bytes(range(0x30, 0x40)), bytes(range(0x50, 0x60)), b"")
    key = argon2id(b"correct horse", header.salt, header.passes, header.kib)
    return key and write(header, key, 1, FIXTURE_TIME, FIXTURE_ENTRIES[:1])


FIXTURES = {"key_file.vault": fixture_key_file, "password.vault": fixture_password}


def main():
    if sys.argv[1:2] == ["fixtures"]:
        for name, make in FIXTURES.items():
            with open(os.path.join(sys.argv[2], name), "wb") as file:
                file.write(make())
        return 0
    if sys.argv[1:2] == ["show"]:
        with open(sys.argv[2], "rb") as file, open(sys.argv[3], "rb") as key:
            found = read(file.read(), lambda header, key=key.read(): key)
        for entry in found[3]:
            print(*entry)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
