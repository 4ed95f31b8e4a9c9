// SPDX-License-Identifier: Apache-2.0
//
// Listens in on an SDK's stdio transport, between the client and the process that it has started, and compares what
// one end of a chain wrote with what the other end read.

import { readFileSync } from 'node:fs';

/** Keeps the bytes of both directions at the client's end. Call it before the client connects. */
export function tapTransport(transport) {
        const tap = { sent: [], received: [], notes: [] };
        const start = transport.start;
        transport.start = async function () {
                await start.call(this);
                const child = this._process;
                child.stdout.on('data', (chunk) => tap.received.push(chunk));
                const write = child.stdin.write;
                child.stdin.write = function (chunk, ...rest) {
                        tap.sent.push(Buffer.from(chunk));
                        return write.call(this, chunk, ...rest);
                };
                tap.pid = child.pid;
                tap.child = child;
        };
        return tap;
}

export const linesOf = (bytes) => bytes.toString('utf8').split('\n').filter((line) => line !== '');

/**
 * Did every message that went in at one end come out at the other: none lost, doubled, changed or reordered? Lines
 * must be the same bytes, or the same JSON text except for white space and the spelling of escapes.
 */
export function compareLines(label, before, after) {
        const a = linesOf(before);
        const b = linesOf(after);
        const found = [];
        for (let i = 0; i < Math.max(a.length, b.length); i++) {
                if (a[i] === b[i])
                        continue;
                const same = a[i] !== undefined && b[i] !== undefined &&
                        JSON.stringify(JSON.parse(a[i])) === JSON.stringify(JSON.parse(b[i]));
                if (!same)
                        found.push(`${label}: message ${i} of ${a.length}/${b.length}\n  in:  ${clip(a[i])}\n  out: ${clip(b[i])}`);
                if (found.length === 3)
                        break;
        }
        return found;
}

const clip = (line) => (line === undefined ? '(nothing)' : line.length > 600 ? `${line.slice(0, 600)}… (${line.length})` : line);

/** Both directions of a recorded run, client's end against server's end. */
export function compareEnds(tap, files) {
        return [
                ...compareLines('client to server', Buffer.concat(tap.sent), readFileSync(files.in)),
                ...compareLines('server to client', readFileSync(files.out), Buffer.concat(tap.received)),
        ];
}
