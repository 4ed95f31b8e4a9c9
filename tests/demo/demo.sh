#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What leastwise does, on the demo server of this tree. Every message and record shown is a real one, and the script
# fails when one of them is not what the heading says: it is a test as much as a demonstration.
#
#     tests/demo/demo.sh [BUILD-DIRECTORY]
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=$(CDPATH='' cd -- "${1:-$top/build}" && pwd -P)
PATH=$build/src/cli:$build/src/demo:$PATH

dir=$(mktemp -d "${TMPDIR:-/tmp}/leastwise-demo.XXXXXX")
proxy=
cleanup() {
        exec 3>&- 4<&- || :
        [ -z "$proxy" ] || wait "$proxy" 2>/dev/null || :
        rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }
# A whole line, broken behind commas and spaces to the width of a page.
show() {
        printf '%s\n' "$2" | sed 's/[, ]/&\n/g' | awk -v head="  $1 " '
                length(line $0) > 108 { print head line; head = "     "; line = "" }
                { line = line $0 }
                END { print head line }'
}
has() { case $1 in *"$2"*) ;; *) die "expected $2 in: $1" ;; esac; }
has_not() { case $1 in *"$2"*) die "did not expect $2 in: $1" ;; *) ;; esac; }

# The program refuses policies that others could write; a checkout's mode is its owner's affair, so use a copy.
umask 077
cp "$top/policies/demo.yaml" "$dir/demo.yaml"
cd "$dir"
export XDG_STATE_HOME="$dir/state" XDG_CONFIG_HOME="$dir/config"
LEASTWISE_DEMO_TOKEN=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
token=$LEASTWISE_DEMO_TOKEN
export LEASTWISE_DEMO_TOKEN

# The fingerprint that the server's whoami gives of its token: FNV-1a folded to 16 bits.
fingerprint() {
        rest=$1 hash=2166136261
        while [ -n "$rest" ]; do
                tail=${rest#?}
                byte=$(printf '%d' "'${rest%"$tail"}")
                hash=$((((hash ^ byte) * 16777619) & 4294967295))
                rest=$tail
        done
        printf '%04x' $(((hash >> 16) ^ (hash & 65535)))
}

# --- A client that sends a line and waits for the answer. Everything it gets is kept. ---
id=0
connect() {
        rm -f "$dir/to" "$dir/from"
        mkfifo "$dir/to" "$dir/from"
        "$@" <"$dir/to" >"$dir/from" 2>>"$dir/stderr" &
        proxy=$!
        exec 3>"$dir/to" 4<"$dir/from"
        ask '"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"demo","version":"1"}}'
        printf '%s\n' '{"jsonrpc":"2.0","method":"notifications/initialized"}' >&3
}
disconnect() {
        exec 3>&-
        cat <&4 >>"$dir/received"
        exec 4<&-
        status=0
        wait "$proxy" || status=$?
        proxy=
        [ "$status" -eq 0 ] || { cat "$dir/stderr" >&2; die "exit status $status"; }
}
# Leaves question and answer in $question and $answer.
ask() {
        id=$((id + 1))
        question="{\"jsonrpc\":\"2.0\",\"id\":$id,$1}"
        printf '%s\n' "$question" >&3
        IFS= read -r answer <&4 || { cat "$dir/stderr" >&2; die "no answer to $question"; }
        printf '%s\n' "$answer" >>"$dir/received"
}
call() { ask "\"method\":\"tools/call\",\"params\":{\"name\":\"$1\",\"arguments\":$2}"; }
show_both() { show '->' "$question"; show '<-' "$answer"; }
tool_names() { printf '%s\n' "$answer" | grep -o '"name":"[a-z_]*"' | cut -d'"' -f4 | tr '\n' ' '; }

heading "1. The tools that the server offers"
connect leastwise-demo-server
ask '"method":"tools/list"'
say "$(tool_names)"
has "$answer" '"delete_note"'
disconnect

heading "   The same server behind policies/demo.yaml:  leastwise tools --policy demo.yaml -- leastwise-demo-server"
leastwise tools --policy demo.yaml -- leastwise-demo-server 2>>"$dir/stderr" >"$dir/tools" ||
        { cat "$dir/stderr" >&2; die "leastwise tools failed"; }
sed 's/^/  /' "$dir/tools"

: >"$dir/received"
connect leastwise run --policy demo.yaml -- leastwise-demo-server
ask '"method":"tools/list"'
say "and what a client is told of: $(tool_names)"
has_not "$answer" delete_note
has_not "$answer" send_note

heading "2. An allowed call, through  leastwise run --policy demo.yaml -- leastwise-demo-server"
call add '{"a":19,"b":23}'
allowed=$id
show_both
has "$answer" '"text":"42"'

heading "3. A denied call, with its reason"
call delete_note '{"name":"roadmap"}'
denied=$id
show_both
has "$answer" 'Deleting notes is never part of this job'
call read_note '{"name":"roadmap"}'
has "$answer" 'Write things down'
say "(the note is still there: the server never saw the call)"

heading "4. The credential: in the server's environment as DEMO_TOKEN, and nowhere else"
call whoami '{}'
show_both
has "$answer" "arrived: ${#token} characters, fingerprint $(fingerprint "$token")"
call read_note '{"name":"setup"}'
show_both
has "$answer" 'Set up with the token'
disconnect
for place in received stderr tools; do
        ! grep -qF "$token" "$dir/$place" || die "the credential is in $place"
done
! grep -rqF "$token" "$XDG_STATE_HOME" || die "the credential is in the state directory"
say "lines that the client received: $(wc -l <"$dir/received"); with the credential's value in them: $(grep -cF "$token" "$dir/received" || :)"
say "the same in the proxy's standard error and in the audit records: none"

heading "5. The audit records of those two calls (without v, time and session, which every record has)"
audit=$(find "$XDG_STATE_HOME/leastwise/audit" -name '*.jsonl' -newer "$dir/tools" | head -n 1)
[ -n "$audit" ] || die "no audit file"
sed -n "/\"id\":\($allowed\|$denied\),/{s/\"v\":1,//;s/\"time\":\"[^\"]*\",\"session\":\"[^\"]*\",//;p}" "$audit" >"$dir/records"
while IFS= read -r record; do show '  ' "$record"; done <"$dir/records"
say "and $(($(wc -l <"$audit") - $(wc -l <"$dir/records"))) more: start, handshake, list, the other calls, stop"
grep -q '"name":"delete_note","verdict":"deny"' "$dir/records" || die "no record of the denied call"
printf '\n'
