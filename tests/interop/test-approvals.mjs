// SPDX-License-Identifier: Apache-2.0
//
// Real clients whose calls wait for a person: none of them runs into its own time limit, what is approved too late runs when the same call
// is made again, once, and a modern client comes back by itself. The person is a program under `ask:` that thinks for a while.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { servers, workDir, wrap } from './lib/env.mjs';
import { check, suite, within } from './lib/tap.mjs';
import { errorOf } from './lib/transcript.mjs';
import { linesOf } from './lib/wire.mjs';

const show = (value) => JSON.stringify(value);
const seen = (promise) => promise.catch(errorOf);
const received = (c) => linesOf(Buffer.concat(c.tap.received)).map((line) => JSON.parse(line));
const notYet = (result) => result.isError === true && /Not run yet.*leastwise approve [0-9A-Z]{6}/.test(result.content?.[0]?.text);
const echoed = (result, message) => result.isError !== true && show(result).includes(message);

/** A policy under which echo needs an approval, by somebody who answers after @seconds (null: nobody does). */
function asking(work, hold, seconds) {
        const program = join(work.path, 'person');
        const file = join(work.path, 'asking.yaml');
        writeFileSync(program, 'read -r card\nsleep "$1"\necho \'{"verdict":"approve"}\'\n', { mode: 0o600 });
        writeFileSync(file, [
                'leastwise: 1', 'name: asking', 'purpose: One tool needs a person.',
                `tools: { approve: [{ tool: echo${hold ? `, hold: ${hold}` : ''}, say: "Say {message}" }], allow: [add] }`,
                ...(seconds === null ? [] : [`approval: { ask: [/bin/sh, "${program}", "${seconds}"] }`]), '',
        ].join('\n'), { mode: 0o600 });
        return file;
}

async function session(sdk, options, hold, seconds, body) {
        const work = workDir('approvals');
        const c = await within(60000, 'connecting', sdk.connect(wrap(servers.modern(work), asking(work, hold, seconds)), { work, ...options }));
        await body(c);
        await within(10000, 'closing', c.close());
        work.close();
}

/** Nobody answers, and the client keeps to its own time limit, which is 60 s in the TypeScript SDK. */
async function nobodyAnswers(label, sdk, options) {
        await session(sdk, options, '', null, async (c) => {
                const begin = Date.now();
                let waits = true;
                const held = seen(c.call('echo', { message: 'held' })).finally(() => { waits = false; });
                const other = await seen(c.call('add', { a: 1, b: 2 }));
                check(`${label}: another call passes meanwhile`, show(other).includes('3') && waits, show(other));
                const result = await held;
                const took = Date.now() - begin;
                check(`${label}: a call that nobody answers ends in words for the model`, notYet(result), show(result));
                check(`${label}: after the time that calls are held for`, took > 19000 && took < 40000, `${took} ms`);
        });
}

async function inTime(label, sdk, options) {
        await session(sdk, options, '', 2, async (c) => {
                const result = await seen(c.call('echo', { message: 'in time' }));
                check(`${label}: approved in time, the call runs`, echoed(result, 'in time'), show(result));
        });
}

async function tooLate(label, sdk, options) {
        await session(sdk, options, '1s', 3, async (c) => {
                const first = await seen(c.call('echo', { message: 'late' }));
                check(`${label}: approved too late, the call is said not to have run`, notYet(first), show(first));
                await new Promise((done) => setTimeout(done, 4000));
                const again = await seen(c.call('echo', { message: 'late' }));
                check(`${label}: the same call made again runs`, echoed(again, 'late'), show(again));
                const third = await seen(c.call('echo', { message: 'late' }));
                check(`${label}: once`, notYet(third), show(third));
        });
}

async function comesBack(label, sdk, options) {
        await session(sdk, options, '1s', 2.5, async (c) => {
                const result = await seen(c.call('echo', { message: 'rounds' }));
                const rounds = received(c).filter((m) => m.result?.resultType === 'input_required');
                check(`${label}: a modern client comes back until the call has run`, echoed(result, 'rounds'), show(result));
                check(`${label}: with a new state each time`, rounds.length >= 1 && new Set(rounds.map((m) => m.result.requestState)).size === rounds.length,
                        show(rounds.map((m) => m.result)));
        });
}

await suite(async () => {
        await Promise.all([nobodyAnswers('SDK 1.x', ts1, {}), nobodyAnswers('SDK 2.x, legacy', ts2, { mode: 'legacy' })]);
        await Promise.all([inTime('SDK 1.x', ts1, {}), inTime('SDK 2.x, modern', ts2, { mode: 'pin' })]);
        await Promise.all([tooLate('SDK 1.x', ts1, {}), comesBack('SDK 2.x, modern', ts2, { mode: 'pin' })]);
});
