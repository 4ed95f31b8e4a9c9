# SPDX-License-Identifier: Apache-2.0
"""Variations of a hostile line: other white space, escapes, order, nesting, and plain damage."""
import random

SPACES = [b" ", b"\t", b"\r", b"\r\r", b" \r ", b"\n", b"\x0b", b"\x0c", b"\xc2\xa0", b"\xe2\x80\xa8", b"\x00", b"\xef\xbb\xbf"]
# What is between tokens is mostly the white space that JSON has, so that most lines still are JSON.
SPACE_WEIGHTS = [8, 8, 12, 6, 6, 1, 1, 1, 1, 1, 1, 1]


def outside_strings(data):
    """Places before and behind the punctuation that stands outside of strings."""
    places, in_string, escaped = [], False, False
    for index, byte in enumerate(data):
        if in_string:
            in_string = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            in_string = True
        elif byte in b"{}[]:,":
            places += [index, index + 1]
    return places


def add_space(data, rng):
    for place in sorted(rng.sample(places, min(len(places), rng.randint(1, 4))), reverse=True) if (places := outside_strings(data)) else []:
        data = data[:place] + rng.choices(SPACES, SPACE_WEIGHTS)[0] + data[place:]
    return data


def escape_letters(data, rng):
    letters = [i for i, byte in enumerate(data) if chr(byte).isalpha() and byte < 0x80 and data[i - 1 : i] != b"\\"]
    for index in sorted(rng.sample(letters, min(len(letters), rng.randint(1, 3))), reverse=True):
        spelt = b"\\u%04x" % data[index]
        data = data[:index] + (spelt.upper().replace(b"U", b"u", 1) if rng.random() < 0.5 else spelt) + data[index + 1 :]
    return data


def change_case(data, rng):
    letters = [i for i, byte in enumerate(data) if chr(byte).isalpha() and byte < 0x80]
    for index in rng.sample(letters, min(len(letters), rng.randint(1, 2))):
        data = data[:index] + data[index : index + 1].swapcase() + data[index + 1 :]
    return data


def reorder(data, rng):
    """Swaps two stretches between commas."""
    commas = [i for i in outside_strings(data) if data[i : i + 1] == b","]
    if len(commas) < 2:
        return data
    first, second = sorted(rng.sample(commas, 2))
    return data[:first] + data[second:].rstrip(b"}") + data[first:second] + b"}" * (len(data) - len(data.rstrip(b"}")))


def nest(data, rng):
    wrappers = [b'{"jsonrpc":"2.0","id":"@n","method":"ping","params":{"_meta":{"x":%s}}}', b'{"jsonrpc":"2.0","id":"@n","method":"ping","params":{"_meta":{"x":\r%s\r}}}',
                b"[%s]", b'{"jsonrpc":"2.0","id":"@n","method":"tools/call","params":{"name":"echo","arguments":{"x":\r%s\r}}}',
                b'{"jsonrpc":"2.0","id":"@n","method":"ping"}\r%s', b'%s\r{"jsonrpc":"2.0","id":"@n","method":"ping"}']
    return rng.choice(wrappers).replace(b"%s", data)


def damage(data, rng):
    for _ in range(rng.randint(1, 2)):
        place = rng.randrange(len(data) + 1)
        what = rng.random()
        if what < 0.4:
            data = data[:place] + data[place + 1 :]
        elif what < 0.7:
            data = data[:place] + bytes([rng.randrange(256)]) + data[place:]
        else:
            end = min(len(data), place + rng.randint(1, 30))
            data = data[:end] + data[place:end] + data[end:]
    return data


WAYS = [add_space, escape_letters, change_case, reorder, nest, damage]


def mutants(case, count, seed):
    rng = random.Random("%s %s" % (seed, case.name))
    for index in range(count):
        data = case.data
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(WAYS)(data, rng)
        yield case._replace(name="%s~%d" % (case.name, index), data=data, answered=None)
