// SPDX-License-Identifier: Apache-2.0
//
// Lines that peers read differently, against real servers under a policy that denies `drop_all`: it must never run,
// and the session must go on. The same lines are also sent without the proxy: an attack that no server falls for
// would show nothing.
//
//   test-wire.mjs attacks | sizes

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { ALLOW_ALL, policy, servers, workDir, wrap } from './lib/env.mjs';
import { Raw } from './lib/raw.mjs';
import { check, note, suite, within } from './lib/tap.mjs';
import { errorOf } from './lib/transcript.mjs';

const [part] = process.argv.slice(2);

const call = (id, name, extra = '') => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":{}${extra}}}`;
const echo = (id, params) => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{${params}}}`;
const DROP = call(900, 'drop_all');

/* Name: bytes of one or more lines. Ids from 900 are the attack's. */
const attacks = {
        'plain call': `${DROP}\n`,
        'bare CR around a call inside a ping': `{"jsonrpc":"2.0","id":901,"method":"ping","params":{"_meta":{"x":\r${DROP}\r}}}\n`,
        'bare CR around a call inside an allowed call': `{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"echo","arguments":{"message":"a"},"_meta":{"x":\r${DROP}\r}}}\n`,
        'bare CR around a call inside a notification': `{"jsonrpc":"2.0","method":"notifications/initialized","params":{"_meta":{"x":\r${DROP}\r}}}\n`,
        'bare CR between two calls': `${call(901, 'echo')}\r${DROP}\n`,
        'CR before the end of the line': `${DROP}\r\n`,
        'name twice, the denied last': `${echo(901, '"name":"echo","name":"drop_all","arguments":{}')}\n`,
        'name twice, the denied first': `${echo(901, '"name":"drop_all","name":"echo","arguments":{}')}\n`,
        'name twice, once escaped': `${echo(901, '"name":"echo","\\u006eame":"drop_all","arguments":{}')}\n`,
        'method twice': '{"jsonrpc":"2.0","id":901,"method":"ping","method":"tools/call","params":{"name":"drop_all","arguments":{}}}\n',
        'params twice': '{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"echo","arguments":{"message":"a"}},"params":{"name":"drop_all","arguments":{}}}\n',
        'Name beside name': `${echo(901, '"name":"echo","Name":"drop_all","arguments":{}')}\n`,
        'Params beside params': '{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"echo","arguments":{"message":"a"}},"Params":{"name":"drop_all","arguments":{}}}\n',
        'params with a long s': '{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"echo","arguments":{"message":"a"}},"param\u017f":{"name":"drop_all","arguments":{}}}\n',
        'METHOD instead of method': '{"jsonrpc":"2.0","id":901,"METHOD":"tools/call","params":{"name":"drop_all","arguments":{}}}\n',
        'a batch': `[${DROP}]\n`,
        'a batch with an allowed call first': `[${call(901, 'echo')},${DROP}]\n`,
        'two values on a line': `${call(901, 'echo')}${DROP}\n`,
        'two values with a blank between': `${call(901, 'echo')} ${DROP}\n`,
        'a byte order mark': `\ufeff${DROP}\n`,
        'a call without an id': '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"drop_all","arguments":{}}}\n',
        'an id that is null': '{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"drop_all","arguments":{}}}\n',
        'a name with a NUL after it': `${call(901, 'drop_all\\u0000')}\n`,
        'a name with a blank after it': `${call(901, 'drop_all ')}\n`,
        'a method with an escape': '{"jsonrpc":"2.0","id":901,"method":"tools\\/c\\u0061ll","params":{"name":"drop\\u005fall","arguments":{}}}\n',
        'line separators raw in a string': `${echo(901, `"name":"echo","arguments":{"message":"\u2028${DROP.replaceAll('"', '\\"')}\u2028\u0085"}`)}\n`,
        'vertical tab, form feed, file separator between lines': `${call(901, 'echo')}\x0b${DROP}\x0c${DROP}\x1c${DROP}\n`,
        'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"drop'), Buffer.from([0xc1, 0x9f]), Buffer.from('all","arguments":{}}}\n')]),
        'NUL bytes around a call': `\0${DROP}\0\n`,
        'a task of a denied tool': `${call(901, 'drop_all', ',"task":{"ttl":1000}')}\n`,
        'no jsonrpc': '{"id":901,"method":"tools/call","params":{"name":"drop_all","arguments":{}}}\n',
        'a request that is an answer too': '{"jsonrpc":"2.0","id":901,"method":"tools/call","params":{"name":"drop_all","arguments":{}},"result":{}}\n',
};

const ran = (work) => (existsSync(join(work.path, 'ran')) ? readFileSync(join(work.path, 'ran'), 'utf8').length : 0);

async function attackAll(name, policies) {
        const outcome = {};
        let work = workDir('wire');
        let raw;
        for (const [label, bytes] of Object.entries(attacks)) {
                if (raw === undefined) {
                        raw = new Raw(wrap(servers[name](work), policies), work);
                        await raw.handshake();
                }
                const before = ran(work);
                raw.send(bytes);
                const id = `after ${label}`;
                raw.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"echo","arguments":{"message":"still here"}}}\n`);
                const answer = await raw.answer(id, 3000);
                const alive = /still here/.test(JSON.stringify(answer ?? null));
                outcome[label] = { ran: ran(work) > before, alive };
                if (!alive) {
                        await raw.end(1000);
                        raw = undefined;
                }
        }
        /* The last one: a line without its end, then end of file. */
        raw ??= new Raw(wrap(servers[name](work), policies), work);
        const before = ran(work);
        raw.send(DROP);
        await raw.end(4000);
        outcome['a last line without its end'] = { ran: ran(work) > before, alive: true };
        work.close();
        return outcome;
}

async function attacksOnServers() {
        const direct = await Promise.all(['fastmcp', 'mcpserver', 'modern'].map(async (name) => [name, await attackAll(name, null)]));
        for (const [name, outcome] of direct)
                note(`without the proxy, ${name} runs drop_all after: ${Object.keys(outcome).filter((label) => outcome[label].ran).join('; ')}`);
        const of = Object.fromEntries(direct);
        for (const name of ['fastmcp', 'mcpserver'])
                check(`the attack is real: without the proxy a bare CR inside a ping makes ${name} run the call`, of[name]['bare CR around a call inside a ping'].ran);
        if (process.env.INTEROP_BASELINE === '1')
                return;
        for (const name of ['fastmcp', 'mcpserver', 'modern']) {
                const outcome = await attackAll(name, policy('small'));
                for (const [label, { ran: didRun, alive }] of Object.entries(outcome))
                        check(`${name}: ${label}: the denied tool does not run and the session goes on`, !didRun && alive, didRun ? 'drop_all RAN' : 'the session is dead');
        }
}

const seen = (promise) => promise.catch(errorOf);
const MiB = 1 << 20;

async function sizesOf(label, sdk, name, options, bytesArgument) {
        const work = workDir('sizes');
        const c = await within(20000, 'connecting', sdk.connect(wrap(servers[name](work), process.env.INTEROP_BASELINE === '1' ? null : ALLOW_ALL), { work, ...options }));
        const big = (bytes) => seen(c.call('big', { [bytesArgument]: bytes }, { timeout: 30000 }));
        const result = await big(5 * MiB);
        check(`${label}: a result of 5 MiB`, result.content?.[0]?.text === 'x'.repeat(5 * MiB), JSON.stringify(result).slice(0, 300));
        const text = 'é"\\\n'.repeat(MiB / 2); /* 3.5 MiB as JSON; the Python server sends it twice. */
        const echoed = await seen(c.call('echo', { message: text }, { timeout: 30000 }));
        check(`${label}: a long argument comes back`, echoed.content?.[0]?.text === text, JSON.stringify(echoed).slice(0, 300));
        const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => seen(c.call('add', { a: i, b: 0.5 }))));
        const wrong = all.findIndex((r, i) => r.structuredContent?.sum !== i + 0.5);
        check(`${label}: 1,000 calls at once, each with its own answer`, wrong === -1, JSON.stringify(all[wrong]));
        if (process.env.INTEROP_BASELINE !== '1') {
                const tooBig = await big(11 * MiB);
                check(`${label}: a result over the limit is an error, not a hole`, tooBig.error !== undefined || tooBig.isError === true, JSON.stringify(tooBig).slice(0, 300));
                const after = await seen(c.call('echo', { message: 'after' }));
                check(`${label}: and the session goes on`, after.content?.[0]?.text === 'after', JSON.stringify(after));
        }
        for (let i = 0; i < 600; i++) {
                const stop = new AbortController();
                const pending = seen(c.call('slow', name === 'modern' ? { steps: 1, ms: 20 } : { steps: 1 }, { signal: stop.signal }));
                if (i % 50 === 49)
                        await new Promise((done) => setTimeout(done, 5));
                stop.abort('enough');
                await pending;
        }
        const last = await seen(c.call('echo', { message: 'last' }));
        check(`${label}: 600 cancelled calls leave no trace`, last.content?.[0]?.text === 'last', JSON.stringify(last));
        await within(10000, 'closing', c.close());
        work.close();
}

async function sizes() {
        await sizesOf('ts1 and a Python server', ts1, 'fastmcp', {}, 'size');
        await sizesOf('ts1 and a server of SDK 2.x', ts1, 'modern', {}, 'bytes');
        await sizesOf('ts2, modern', ts2, 'modern', { mode: 'pin' }, 'bytes');
}

await suite(part === 'sizes' ? sizes : attacksOnServers);
