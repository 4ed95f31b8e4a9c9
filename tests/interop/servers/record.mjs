// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into a server on node (`--import record.mjs?to=PREFIX`): keeps every byte that the server reads from its
// stdin and writes to its stdout in PREFIX.<start>.<pid>.in and .out, without changing any.

import { appendFileSync, writeFileSync } from 'node:fs';

const base = `${new URL(import.meta.url).searchParams.get('to')}.${Math.round(performance.timeOrigin * 1000)}.${process.pid}`;
writeFileSync(`${base}.in`, '');
writeFileSync(`${base}.out`, '');

const push = process.stdin.push;
process.stdin.push = function (chunk, ...rest) {
        if (chunk !== null && chunk !== undefined)
                appendFileSync(`${base}.in`, chunk);
        return push.call(this, chunk, ...rest);
};

const write = process.stdout.write;
process.stdout.write = function (chunk, ...rest) {
        appendFileSync(`${base}.out`, chunk);
        return write.call(this, chunk, ...rest);
};
