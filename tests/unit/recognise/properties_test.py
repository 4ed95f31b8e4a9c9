#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the recognisers of paths, URLs and mail addresses with readers of Python's library.

    properties_test.py DRIVER [CASES [SEED]]

What holds must hold for every other reader, however it decodes, trims, folds or expands the text first; never the other
way round. So that this says something, ordinary texts must hold, and so must a share of the random ones.
"""
import email.headerregistry
import email.utils
import ipaddress
import ntpath
import posixpath
import random
import socket
import subprocess
import sys
import unicodedata
import urllib.parse

# --- within ---

DIRECTORIES = ["/srv/work", "/data"]
CWD = "/srv/work/here"


def is_inside(path):
    return any(path == directory or path.startswith(directory + "/") for directory in DIRECTORIES)


def without_escapes(text):
    return urllib.parse.unquote(text, errors="replace")


def expanded(text):
    """As a shell-minded program would, with a home outside."""
    return posixpath.expanduser(text.replace("$HOME/", "/root/", 1) if text.startswith("$HOME/") else text)


# What programs do to a path before they open it.
PATH_READINGS = {
    "as it is": lambda text: text,
    "decoded": without_escapes,
    "decoded twice": lambda text: without_escapes(without_escapes(text)),
    "%u decoded": lambda text: text.replace("%u002e", ".").replace("%u002f", "/"),
    "trimmed": str.strip,
    "unquoted": lambda text: text.strip("\"'"),
    "without quotes": lambda text: text.replace("'", "").replace('"', ""),
    "in form KC": lambda text: unicodedata.normalize("NFKC", text),
    "in form KD": lambda text: unicodedata.normalize("NFKD", text),
    "backslashes": lambda text: text.replace("\\", "/"),
    "of Windows": lambda text: ntpath.normpath(text).replace("\\", "/"),
    "up to a NUL": lambda text: text.split("\0")[0],
    "first line": lambda text: text.splitlines()[0] if text else text,
    "expanded": expanded,
    "without unseen": lambda text: "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc")),
    "without accents": lambda text: "".join(c for c in text if unicodedata.combining(c) == 0),
    "ASCII in each part": lambda text: "/".join(part.encode("ascii", "ignore").decode() or "x" for part in text.split("/")) if text[:1] != "/"
    else text.encode("ascii", "ignore").decode(),
    "parts trimmed": lambda text: "/".join(part.strip() for part in text.split("/")),
    "parts without dots behind": lambda text: "/".join(part.rstrip(". ") if part != "." else part for part in text.split("/")),
    "dots and slashes removed once": lambda text: text.replace("../", ""),
    "file URL": lambda text: urllib.parse.urlsplit(text).path if text.lower().startswith("file:") else text,
    "parameters cut": lambda text: "/".join(part.split(";")[0] for part in text.split("/")),
}


def within_agrees(data, config):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    if ".." in text.split("/") or posixpath.normpath(text).startswith("//"):
        return "goes up"
    for name, reading in PATH_READINGS.items():
        if not is_inside(posixpath.normpath(posixpath.join(CWD, reading(text)))):
            return f"outside when read {name}"
    return None


WITHIN_ORDINARY = """/srv/work /srv/work/ /srv/work/a.txt /srv/work/a/b/c.tar.gz /data/x /data/.hidden . ./a a/b/../c a/b//c a/./b .gitignore
src/main.c docs/2026-11-21.md Makefile node_modules/@scope/pkg/index.js [id].tsx a,b;c&d=e+f (x)/y file~ 50% x%y""".split()
WITHIN_ORDINARY = [text for text in WITHIN_ORDINARY if ".." not in text.split("/")]
WITHIN_ORDINARY += ["my file.txt", "/data/Jahresbericht für 2026.pdf", "日本語/ファイル.txt", "naïve.md", "a\u0301.txt", "привет.txt"]
WITHIN_HOSTILE = """/etc/passwd /srv/worker/a /srv/work/../x ../a a/../../../etc .. ... ~ ~/a ~root $HOME/.ssh ${HOME}/a %2e%2e/a ..%2fa
%252e%252e%252fa ..%c0%afa %u002e%u002e%u002fa file:///etc/passwd file:a C:\\x c:/x \\etc ..\\a //etc /srv/work/..;/a -rf a/*/b {a,b} "/etc" '/etc'
/proc/self/root/etc /data2 /database /srv/work%00 ....//a /srv/work/%2e./a""".split()
WITHIN_HOSTILE += [" /etc/passwd", "/srv/work/.. /a", "\uff0e\uff0e/a", "\u2025/a", "..\uff0fa", "..\u2215a", "\u2024\u2024/a", ".\u200b./a", "a\0b",
                   "a\n/etc", "\ufeff/etc", "\u202e", "/srv/work/\u3002\u3002/a", ".\u00ad./x", "..\u2044x", "a\u00a0"]
WITHIN_TOKENS = ["..", ".", "/", "//", "a", "srv", "work", "/srv/work/", "/data/", "etc", "~", " ", "%2e", "%2f", "%", "2e", "\\", "\0", "\n", ";", ":", "$",
                 "{", "}", ",", "*", "?", "[", "]", "\"", "'", "-", "`", "$HOME", "\u2024", "\uff0e", "\uff0f", "\u200b", "\u0301", "é", "\u3000", "ﬁ", "file:"]


def within_random(rng):
    """A text that should hold."""
    parts = ["".join(rng.choice("abcXYZ019_-+@=,()é日 ") for _ in range(rng.randint(1, 12))).strip(" -") + "x" for _ in range(rng.randint(1, 6))]
    return rng.choice(["", "./", "/srv/work/", "/data/", "/data//", "/srv/work/./"]) + "/".join(parts)


# --- url ---

URL_CONFIGS = ["https,http|public||", "|example.com,*.example.org,127.0.0.1,[::1]||", "https|any|443,8443|/pub/", "https,ftp|public,localhost||/pub/"]


def listed(host, patterns):
    """Does a list of hosts name this one?"""
    for pattern in patterns:
        if pattern.startswith("*."):
            if host.endswith(pattern[1:]) and host != pattern[1:]:
                return True
        elif host == pattern.strip("[]"):
            return True
        else:
            try:
                if ipaddress.ip_address(host) == ipaddress.ip_address(pattern.strip("[]")):
                    return True
            except ValueError:
                pass
    return False


def address_of(host):
    """Whatever a lenient program makes of a host that is a number."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(host):
    address = address_of(host)
    if address is None:
        labels = host.split(".")
        return len(labels) > 1 and labels[-1] not in ("localhost", "internal", "local", "arpa", "test", "invalid", "onion", "lan") and host.isascii()
    embedded = [getattr(address, name, None) for name in ("ipv4_mapped", "sixtofour", "teredo")]
    return address.is_global and not address.is_multicast and not any(embedded)


def whatwg_like(text):
    """Scheme, host, port, path as a browser reads them; None for what it would not."""
    text = text.strip("".join(map(chr, range(33)))).replace("\t", "").replace("\n", "").replace("\r", "")
    scheme, colon, rest = text.partition(":")
    if not colon:
        return None
    rest = rest.replace("\\", "/").lstrip("/")
    authority = rest
    for stop in "/?#":
        authority = authority.split(stop)[0]
    path = rest[len(authority):].split("#")[0].split("?")[0]
    hostport = urllib.parse.unquote(authority.rsplit("@")[-1], errors="replace")
    hostport = unicodedata.normalize("NFKC", hostport).replace("\u3002", ".").replace("\u00ad", "")
    host, bracket, port = hostport.partition("]") if hostport.startswith("[") else hostport.partition(":")
    return scheme.lower(), host.strip("[").lower().rstrip("."), port.lstrip(":"), path or "/"


def urllib_like(text):
    parts = urllib.parse.urlsplit(text)
    if parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname or "", str(parts.port or ""), parts.path or "/"


def rfc_like(text):
    """RFC 3986's own expression, and the last colon for the port."""
    import re

    match = re.match(r"^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?", text, re.S)
    authority = (match[4] or "").rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, ""
    return (match[2] or "").lower(), host.strip("[]").lower(), port, match[5] or "/"


DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}


def url_agrees(data, config):
    schemes, hosts, ports, prefix = (field for field in config.split("|"))
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return "not ASCII"
    for reader in (whatwg_like, urllib_like, rfc_like):
        try:
            read = reader(text)
        except ValueError as error:
            return f"{reader.__name__} refuses: {error}"
        if read is None:
            return f"{reader.__name__} refuses"
        scheme, host, port, path = read
        names = hosts.split(",")
        if scheme not in (schemes or "http,https").split(","):
            return f"{reader.__name__}: scheme {scheme}"
        if not listed(host, names) and "any" not in names and not ("public" in names and is_public(host)):
            return f"{reader.__name__}: host {host}"
        if (port or DEFAULT_PORTS.get(scheme, "")) not in (ports.split(",") if ports else [DEFAULT_PORTS.get(scheme, "")]):
            return f"{reader.__name__}: port {port}"
        if prefix:
            for decoded in (path, urllib.parse.unquote(path), urllib.parse.unquote(urllib.parse.unquote(path))):
                decoded = unicodedata.normalize("NFKC", decoded).replace("\\", "/")
                plain = "/".join(segment.split(";")[0] for segment in decoded.split("/"))
                if not posixpath.normpath(plain).startswith(prefix.rstrip("/")) or ".." in plain.split("/"):
                    return f"{reader.__name__}: path {path}"
    return None


URL_ORDINARY = """https://www.python.org/doc/ https://a.b.co.uk/x?y=z&w=1#top http://1.1.1.1/ https://[2606:4700:4700::1111]/dns-query HTTPS://WWW.Debian.ORG/
https://www.python.org:443/ http://www.python.org https://xkcd.com/@user/a:b;c=d,e https://x.io/pub/K%C3%B6ln%20a""".split()
URL_HOSTILE = """http://127.0.0.1/ http://localhost/ http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://127.1/ http://[::1]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[::127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://[fe80::1%25eth0]/ http://169.254.169.254/latest/
http://metadata.google.internal/ http://[fd00:ec2::254]/ http://10.0.0.1/ http://100.64.0.1/ http://192.168.1.1/ http://172.16.0.1/ http://0.0.0.0/ http://0/
https://example.com@evil.net/ https://evil.net\\@example.com/ https://example.com:x@evil.net/ https://evil.net#@example.com/ https://evil.net?@example.com/
https://example.com.evil.net/ https://evilexample.com/ https://example.com%2eevil.net/ https://example.com%00.evil.net/ http:\\\\evil.net http:/evil.net
http:evil.net ///evil.net //evil.net https:///evil.net https://example.com./ https://example.com:0443/ https://example.com:99999/ file:///etc/passwd
https://x.io/pub/../x https://x.io/pub/%2e%2e/x https://x.io/pub/..;/x https://x.io/pub//x https://x.io/pub/%2f..%2fx https://x.io/pub/%252e%252e/x
https://x.io/pub\\..\\x javascript://x.io/ https://example.org/ https://a.example.org/ https://example.com/ ftp://x.io/pub/a http://127.0.0.1.nip.io/""".split()
URL_HOSTILE += ["http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://ｅxample.com/", "http://exa\u00admple.com/", "http://exa\tmple.com/", "http://a\n.com/",
                " http://127.0.0.1/", "http://example.com\u2044@evil.net/", "http://evil.net\u2100.example.com/", "http://example.com\0.evil.net/"]
URL_TOKENS = ["http", "https", "://", ":", "/", "//", "@", "\\", "?", "#", ".", "..", "%2e", "%2f", "%00", "%", "127.0.0.1", "localhost", "example.com",
              ".example.org", "evil.net", "[", "]", "[::1]", "::", "ffff:", "443", ":443", ":8443", ":80", "0x7f", "017", "1", "0", "10.", "192.168.", "xn--", "-", "_", ";", "pub", "/pub/", " ",
              "\t", "\n", "\u3002", "é", "①", ".internal", ".local", "a", "b", "~", "$", "&", "=", "'", "(", "*", "+", ",", "!", "|", "^", "{", "\"", "<"]


def url_random(rng):
    host = rng.choice([
        lambda: ".".join("".join(rng.choice("abcxyz019") for _ in range(rng.randint(1, 8))) for _ in range(rng.randint(1, 3))) + ".com",
        lambda: ".".join(str(rng.randint(0, 255)) for _ in range(4)),
        lambda: "[" + str(ipaddress.IPv6Address(rng.getrandbits(125) | rng.choice([1, 0]) << 125)) + "]",
        lambda: "[" + ":".join(f"{rng.choice([0, 0, 1, 0xffff, 0x2001, 0x2002, 0xfe80, 0x64, rng.getrandbits(16)]):x}" for _ in range(8)) + "]",
        lambda: "example.com", lambda: "a.b.example.org", lambda: "127.0.0.1", lambda: "[0::1]",
    ])()
    return rng.choice(["https://", "http://"]) + host + rng.choice(["", ":443", ":80", ":8443"]) + rng.choice(["", "/", "/pub/x", "/pub/a%20b?c=d#e", "/x"])


# --- mail ---

MAIL_CONFIG = "example.com,*.example.org"


def mail_agrees(data, config):
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return "not ASCII"
    wanted = [part.strip() for part in text.split(",")]
    lenient = email.utils.getaddresses([text])
    header = email.headerregistry.HeaderRegistry()("to", text)
    strict = [(address.display_name, address.addr_spec) for address in header.addresses]
    if header.defects:
        return f"defects: {header.defects}"
    for name, found in (("email.utils", lenient), ("headerregistry", strict)):
        if [address for display, address in found] != wanted or any(display for display, address in found):
            return f"{name} reads {found}"
    for address in wanted:
        local, at, domain = address.rpartition("@")
        if "@" in local or not listed(domain.lower(), MAIL_CONFIG.split(",")):
            return f"{address} is elsewhere"
        if any(c in local for c in "%!:/|\"\\ "):
            return f"{address} may be routed elsewhere"
    return None


MAIL_ORDINARY = ["a@example.com", "first.last+tag@EXAMPLE.com", "a_b-c@x.y.example.org", "a@example.com,b@example.com", "a@example.com, b@z.example.org", "o'b@example.com"]
MAIL_HOSTILE = ["a@evil.net", "A <a@example.com>", "\"a@example.com\" <b@evil.net>", "a@example.com, b@evil.net", "b%evil.net@example.com", "evil.net!b@example.com",
                "@evil.net:a@example.com", "\"b@evil.net\"@example.com", "a(c)@example.com", "a@example.com\nBcc: b@evil.net", "g:a@example.com;", "a@[127.0.0.1]",
                "a@example.com;b@evil.net", "a@example.com b@evil.net", "a@example.com\0", "a＠evil.net@example.com", "a@example.com.", "a@evil.net@example.com",
                "a@example.com,,b@example.com", "a@example.org", "<a@example.com>", "a@example.com.evil.net", "=?utf-8?q?b?=@example.com", "a\\@b@example.com"]
MAIL_TOKENS = ["@", "a", "b", ",", ", ", ";", ":", "<", ">", "(", ")", "\"", "\\", ".", "..", "example.com", "x.example.org", "evil.net", "%", "!", " ", "\n", "\r\n", "\t",
               "\0", "+", "-", "_", "=", "'", "?", "[", "]", "xn--", "é", "＠", "@example.com", "Bcc:", "=?utf-8?q?", "1", "localhost"]


def mail_random(rng):
    def one():
        local = "".join(rng.choice("abcXYZ019_-+='") for _ in range(rng.randint(1, 20)))
        return "x" + local + rng.choice(["", ".y"]) + "@" + rng.choice(["example.com", "a.example.org", "b.c.EXAMPLE.org", "Example.com"])

    return rng.choice([",", ", "]).join(one() for _ in range(rng.randint(1, 4)))


# --- the comparison ---

KINDS = {
    "within": ([",".join(DIRECTORIES) + "|" + CWD], within_agrees, WITHIN_ORDINARY, WITHIN_HOSTILE, WITHIN_TOKENS, within_random),
    "url": (URL_CONFIGS, url_agrees, URL_ORDINARY, URL_HOSTILE, URL_TOKENS, url_random),
    "mail": ([MAIL_CONFIG], mail_agrees, MAIL_ORDINARY, MAIL_HOSTILE, MAIL_TOKENS, mail_random),
}


def mutate(rng, seeds, tokens):
    text = rng.choice(seeds)
    if rng.random() < 0.2:
        other = rng.choice(seeds)
        text = text[: rng.randint(0, len(text))] + other[rng.randint(0, len(other)) :]
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 5])):
        at = rng.randint(0, len(text))
        cut = rng.choice([0, 0, 0, 1, 1, 3])
        text = text[:at] + rng.choice([rng.choice(tokens), rng.choice(tokens), "", chr(rng.randint(0, 255))]) + text[at + cut :]
    data = text.encode("utf-8")
    if rng.random() < 0.05 and data:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    return data


def judge(driver, cases):
    lines = "".join(f"{kind}\t{config}\t{data.hex()}\n" for kind, config, data in cases)
    result = subprocess.run([driver], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    verdicts = [line.split("\t")[0] for line in result.stdout.decode().splitlines()]
    assert len(verdicts) == len(cases), f"{len(verdicts)} answers to {len(cases)} lines"
    return verdicts


def every_folding_character():
    """Each character that a normal form makes into a separator, that is white, or that nobody sees, at both sides of a dot."""
    for number in range(0x110000):
        if 0xD800 <= number < 0xE000:
            continue
        c = chr(number)
        folded = unicodedata.normalize("NFKC", c) + unicodedata.normalize("NFKD", c)
        if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Zs") or set(folded) & set("./\\:~$%*?"):
            if c not in ". /:~$%":
                yield c


def check_characters(driver):
    cases = [("within", KINDS["within"][0][0], f"a{c}b".encode()) for c in every_folding_character()]
    verdicts = judge(driver, cases)
    return [f"{data!r} holds, with a character that is folded or not seen" for (_, _, data), verdict in zip(cases, verdicts) if verdict == "holds"]


def check_kind(driver, kind, count, rng):
    configs, agrees, ordinary, hostile, tokens, make = KINDS[kind]
    failures = []
    plain = [(kind, configs[0], text.encode()) for text in ordinary]
    cases = [(kind, rng.choice(configs), mutate(rng, ordinary + hostile, tokens)) for _ in range(count)]
    made = [(kind, rng.choice(configs), make(rng).encode()) for _ in range(count // 10)]
    bare = [(kind, config, text.encode()) for config in configs for text in hostile]
    verdicts = judge(driver, plain + bare + made + cases)
    for (_, config, data), verdict in zip(plain, verdicts):
        if verdict != "holds":
            failures.append(f"{kind}: {data!r} is ordinary, and is {verdict}")
    for (_, config, data), verdict in zip(plain + bare + made + cases, verdicts):
        why = agrees(data, config) if verdict == "holds" else None
        if why:
            failures.append(f"{kind} {config}: {data!r} holds, but {why}")
    held = sum(verdict == "holds" for verdict in verdicts[-len(cases) :])
    held_made = sum(verdict == "holds" for verdict in verdicts[len(plain) + len(bare) : -len(cases)])
    print(f"{kind}: {held} of {len(cases)} changed texts hold, {held_made} of {len(made)} ordinary random ones")
    if held * 100 < len(cases) or held_made * (10 if kind == "url" else 2) < len(made):
        failures.append(f"{kind}: too few hold for this to say much")
    return failures


def main(arguments):
    driver = arguments[0]
    count = int(arguments[1]) if len(arguments) > 1 else 20000
    seed = int(arguments[2]) if len(arguments) > 2 else 1
    rng = random.Random(seed)
    failures = check_characters(driver)
    for kind in KINDS:
        failures += check_kind(driver, kind, count, rng)
    for failure in failures[:50]:
        print(failure)
    print(f"{len(failures)} failures, seed {seed}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
