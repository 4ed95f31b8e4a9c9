// SPDX-License-Identifier: Apache-2.0
//
// The server on the TypeScript SDK 2.x with and without the proxy: the modern era (server/discover, results that ask
// for input, subscriptions/listen) with a client that pins it or finds it by itself, and the same server legacy.
//
//   test-modern.mjs pin | auto | legacy | ts1

import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { servers } from './lib/env.mjs';
import { compareGroups } from './lib/equal.mjs';
import { errorOf } from './lib/transcript.mjs';
import { suite, until } from './lib/tap.mjs';
import { linesOf } from './lib/wire.mjs';

const [mode] = process.argv.slice(2);
const sdk = mode === 'ts1' ? ts1 : ts2;
const modern = mode === 'pin' || mode === 'auto';

const seen = (promise) => promise.catch(errorOf);
const received = (c) => linesOf(Buffer.concat(c.tap.received)).map((line) => JSON.parse(line));

const scenarios = {
        capabilities: async (c) => c.info(),
        'tools/list': async (c) => seen(c.tools()),
        calls: async (c) => [
                await seen(c.call('echo', { message: 'U+2028 \u2028, DEL \u007f, \u0085 and 漢' })),
                await seen(c.call('add', { a: 0.1, b: 1e21 })),
                await seen(c.call('fail', {})),
                await seen(c.call('add', { a: 'x' })),
                await seen(c.call('no_such_tool', {})),
                await seen(c.call('echo', { message: 'm' }, { meta: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } })),
        ],
        progress: async (c) => {
                const result = await seen(c.call('slow', { steps: 3, ms: 50 }, { onprogress: () => {} }));
                return { steps: received(c).filter((m) => m.method === 'notifications/progress'), result };
        },
        'much progress': async (c) => {
                const before = received(c).length;
                const result = await seen(c.call('slow', { steps: 500, ms: 0 }, { onprogress: () => {} }));
                return { steps: received(c).slice(before).filter((m) => m.method === 'notifications/progress').map((m) => m.params.progress), result };
        },
        cancellation: async (c) => {
                const stop = new AbortController();
                const result = await seen(c.call('slow', { steps: 5, ms: 50 }, { signal: stop.signal, onprogress: () => stop.abort('enough') }));
                return { result, after: await seen(c.call('echo', { message: 'still here' })) };
        },
        'logging': async (c) => {
                if (!modern)
                        await c.level('info');
                return seen(c.call('logs', {}, modern ? { meta: { 'io.modelcontextprotocol/logLevel': 'info' } } : {}));
        },
        'input required: a form': async (c) => {
                const results = [];
                for (const mood of ['accept', 'decline', 'cancel']) {
                        c.mood = mood;
                        results.push(await seen(c.call('confirm', { what: 'it' })));
                }
                c.mood = 'accept';
                return results;
        },
        'input required: a URL': async (c) => seen(c.call('visit', { url: 'https://example.org/sign-in' })),
        'input required: sampling': async (c) => seen(c.call('think', { about: 'otters' })),
        'input required: roots': async (c) => seen(c.call('where', {})),
        ...(modern ? { 'input required: a state alone': async (c) => seen(c.call('wait', {})) } : {}),
        asked: async (c) => c.seen,
        resources: async (c) => [
                await seen(c.resources()), await seen(c.templates()), await seen(c.read('docs://handbook')),
                await seen(c.read('docs://page/3')), await seen(c.read('docs://nothing')),
        ],
        prompts: async (c) => [await seen(c.prompts()), await seen(c.prompt('greet', { who: 'Ann' })), await seen(c.prompt('greet', {})), await seen(c.prompt('nobody'))],
        completion: async (c) => [
                await seen(c.complete({ ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'who', value: 'A' } })),
                await seen(c.complete({ ref: { type: 'ref/resource', uri: 'docs://page/{n}' }, argument: { name: 'n', value: '1' } })),
        ],
        'changes': async (c, notes) => {
                const filter = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['docs://handbook'] };
                const subscription = modern ? await c.listen(filter) : await seen(c.subscribe('docs://handbook'));
                const touched = await seen(c.call('touch', {}));
                const kinds = () => new Set(notes.map((n) => n.method));
                await until('three notifications', () => ['notifications/resources/updated', 'notifications/tools/list_changed', 'notifications/prompts/list_changed'].every((m) => kinds().has(m)));
                if (modern)
                        await subscription.close();
                return { honoured: modern ? subscription.honoredFilter : subscription, touched, quiet: await seen(c.call('echo', { message: 'after' })) };
        },
        'calls at once': async (c) => Promise.all(Array.from({ length: 40 }, (_, i) => seen(c.call('add', { a: i, b: i })))),
};

async function connect(target, work) {
        let face;
        const mood = () => face?.mood ?? 'accept';
        face = await sdk.connect(target, {
                work,
                mode,
                sampling: (params) => ({ model: 'test-model', role: 'assistant', content: { type: 'text', text: `echo ${params.messages[0].content.text}` } }),
                elicitation: (params) => (mood() !== 'accept' ? { action: mood() } : params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { sure: true } }),
                roots: [{ uri: 'file:///srv/work', name: 'work' }, { uri: 'file:///srv/other' }],
        });
        return face;
}

/* A released server of both eras; what its tools do needs a network. */
const offline = {
        capabilities: scenarios.capabilities,
        'tools/list': scenarios['tools/list'],
        'unknown tool': async (c) => seen(c.call('no_such_tool', {})),
        'wrong arguments': async (c) => seen(c.call('resolve-library-id', { query: 1 })),
};

await suite(() => compareGroups(mode, {
        'modern server': { server: servers.modern, connect, scenarios },
        'context7': { server: servers.context7, connect, scenarios: offline },
}));
