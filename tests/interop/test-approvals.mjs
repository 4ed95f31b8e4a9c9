// SPDX-License-Identifier: Apache-2.0
//
// Real clients whose calls wait for a person: none of them runs into its own time limit, what is approved too late runs when the same call
// is made again, once, and a modern client comes back by itself. The person is a program under `ask:` that thinks for a while; or, where the client
// shows a form, its handler, which gets the code from a program under `notify:`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/** A policy under which echo can be approved in a form, with a program that is told the code. */
function eliciting(work) {
        const program = join(work.path, 'teller');
        const file = join(work.path, 'eliciting.yaml');
        writeFileSync(program, 'read -r card\nprintf "%s\\n" "$card" > "$1.new"\nmv "$1.new" "$1"\n', { mode: 0o600 });
        writeFileSync(file, [
                'leastwise: 1', 'name: eliciting', 'purpose: One tool needs a person, who types a code.', 'tools: { approve: [echo], allow: [add] }',
                `approval: { hold: 5s, elicit: true, notify: [/bin/sh, "${program}", "${join(work.path, 'told')}"] }`, '',
        ].join('\n'), { mode: 0o600 });
        return file;
}

/** What the program was told last. */
async function told(work) {
        const file = join(work.path, 'told');
        for (const end = Date.now() + 10000; !existsSync(file) && Date.now() < end;)
                await new Promise((done) => setTimeout(done, 20));
        return JSON.parse(readFileSync(file, 'utf8')).code;
}

const typed = (code) => ({ action: 'accept', content: { code } });

/** @answers: of the forms that come, in their order, each a function of the code. Resolves to the result and the forms' params. */
async function withForms(sdk, options, answers, body) {
        const work = workDir('approvals');
        const elicitation = async () => (answers.shift() ?? (() => ({ action: 'cancel' })))(await told(work));
        const c = await within(60000, 'connecting', sdk.connect(wrap(servers.modern(work), eliciting(work)), { work, elicitation, ...options }));
        await body(c, await seen(c.call('echo', { message: 'by a code' })), () => told(work));
        await within(10000, 'closing', c.close());
        work.close();
}

async function inForms(label, sdk, options) {
        await withForms(sdk, options, [typed], async (c, result, code) => {
                const form = c.seen[0]?.elicitation;
                check(`${label}: with the code from elsewhere the call runs`, echoed(result, 'by a code'), show(result));
                check(`${label}: by one form with one field`, c.seen.length === 1 && show(Object.keys(form.requestedSchema.properties)) === '["code"]', show(c.seen));
                check(`${label}: the client was not sent the code`, !Buffer.concat(c.tap.received).toString().includes(await code()), show(form));
        });
        await withForms(sdk, options, [() => typed('AAAAAA'), () => typed('BBBBBB'), typed], async (c, result) => {
                check(`${label}: wrong codes bring the form back`, c.seen.length === 3 && echoed(result, 'by a code'), show([c.seen.length, result]));
        });
        await withForms(sdk, options, [() => ({ action: 'decline' })], async (c, result) => {
                check(`${label}: declining denies`, result.isError === true && show(result).includes('a person has said no'), show(result));
        });
        await withForms(sdk, options, [() => typed('AAAAAA'), () => typed('AAAAAA'), () => typed('AAAAAA')], async (c, result) => {
                check(`${label}: three wrong codes run nothing`, c.seen.length === 3 && notYet(result), show([c.seen.length, result]));
        });
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
        await Promise.all([inForms('SDK 1.x, forms', ts1, {}), inForms('SDK 2.x, modern, forms', ts2, { mode: 'pin' })]);
});
