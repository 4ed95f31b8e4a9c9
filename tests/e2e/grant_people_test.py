#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""grant_people_test.py LEASTWISE: grants last no longer than the standing of who gave them."""
import signal
import sys
import tempfile
import time

import grant_test
from grant_test import NAMESPACE, POLICY, Place, Session, check, granted


def people(place, *who, dates=""):
    place.put("people", "".join(f'{name} namespaces="leastwise-approval,{NAMESPACE}"{dates} {place.read(name + ".pub")}' for name in who))


def keys(place):
    for who in ("alice", "bob"):
        place.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", who)
    people(place, "alice", "bob")
    place.put("gone", "# none\n")
    place.put("signed.yaml", POLICY + "approvers: { signers: people, revoked: gone }\n")


def denied_soon(session):
    end = time.monotonic() + 20
    while session.runs("send", to="a"):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def end_with_who_may_approve(place):
    """A revoked key's grant, another's beside it, and one that nobody has signed."""
    keys(place)
    terms = ("--tool", "send", "--for", "1h", "--because", "x")
    session = Session(place, "signed.yaml")
    session.tools()
    granted(place, *terms, "--sign", "--key", place.path("alice"))
    granted(place, *terms, "--sign", "--key", place.path("bob"))
    check("signed and in force", session.runs("send", to="a"))
    place.put("gone", "# lost\n" + place.read("alice.pub"))
    check("a key is revoked", denied_soon(session))
    session.hears(b"has been revoked: the tool send is as the policies say again")
    check("nothing is granted any more", place.leastwise("grant", "--list")[1] == "Nothing is granted.\n")
    granted(place, *terms, "--sign", "--key", place.path("bob"))
    check("by who may yet", session.runs("send", to="a"))
    session.end()
    session = Session(place, "policy.yaml")
    session.tools()
    granted(place, *terms)
    check("without approvers", session.runs("send", to="a"))
    place.put("policy.yaml", POLICY + "approvers: { signers: people }\n")
    place.leastwise("trust", "policy.yaml")
    place.leastwise("trust", "people")
    check("somebody has to sign now", denied_soon(session))
    session.end()
    ends = [r for r in place.audit() if r["kind"] == "grant" and r["reason"] == "grant-revoked"]
    check("on record", len(ends) == 3 and all(r["from"] == "proxy" and "other people" in r["detail"] for r in ends), ends)


def end_before_the_key_does(place):
    keys(place)
    people(place, "alice", dates=time.strftime(',valid-before="%Y%m%d%H%M%SZ"', time.gmtime(time.time() + 1800)))
    session = Session(place, "signed.yaml")
    session.tools()
    terms = ("--tool", "send", "--because", "x", "--sign", "--key", place.path("alice"))
    status, said = grant_test.at_terminal(place, "y\n", *terms, "--for", "31m")
    check("longer than the key", status == 1 and "let the grant end before" in said, (status, said))
    check("nothing is granted", not session.runs("send", to="a"))
    granted(place, *terms, "--for", "29m")
    check("within the key's time", session.runs("send", to="a"))
    session.end()


def main():
    signal.signal(signal.SIGALRM, grant_test.too_late)
    signal.alarm(100)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        for step in (end_with_who_may_approve, end_before_the_key_does):
            step(place)
    for failure in grant_test.failures:
        print(failure, file=sys.stderr)
    return 1 if grant_test.failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main())
