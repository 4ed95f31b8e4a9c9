// SPDX-License-Identifier: Apache-2.0
//
// What is done with server-everything, by clients of both TypeScript lines: every feature it has. A group is one
// session; a scenario is a function that notes what the client saw. Nothing here knows about the proxy.

import { errorOf } from './transcript.mjs';
import { sleep, until } from './tap.mjs';
import { linesOf } from './wire.mjs';

const TEXT = 'demo://resource/dynamic/text/7';
const BLOB = 'demo://resource/dynamic/blob/8';

async function seen(promise) {
        try {
                return await promise;
        } catch (error) {
                return errorOf(error);
        }
}

/* From the wire: an SDK drops the last step when it comes in one piece with the answer. */
const steps = (c) => linesOf(Buffer.concat(c.tap.received)).map((line) => JSON.parse(line)).filter((m) => m.method === 'notifications/progress');

const firstText = (result) => result.content?.[0]?.text ?? JSON.stringify(result);

/** Tools, resources, prompts, completion, logging and subscriptions, one after the other. */
export const plain = {
        capabilities: async (c) => c.info(),
        ping: async (c) => seen(c.ping()),
        'tools/list': async (c) => c.tools(),
        echo: async (c) => seen(c.call('echo', { message: 'tab\t quote" slash/ back\\ line\n U+2028 \u2028 nul-free \u0001 é 漢 😀' })),
        sum: async (c) => [await seen(c.call('get-sum', { a: 0.1, b: 2 })), await seen(c.call('get-sum', { a: 1e21, b: -1e-7 }))],
        'annotated messages': async (c) => Promise.all(['error', 'success', 'debug'].map((messageType) =>
                seen(c.call('get-annotated-message', { messageType, includeImage: messageType === 'success' })))),
        'tiny image': async (c) => seen(c.call('get-tiny-image', {})),
        'resource links': async (c) => seen(c.call('get-resource-links', { count: 5 })),
        'resource reference': async (c) => [
                await seen(c.call('get-resource-reference', { resourceType: 'Text', resourceId: 3 })),
                await seen(c.call('get-resource-reference', { resourceType: 'Blob', resourceId: 4 })),
        ],
        'structured content': async (c) => seen(c.call('get-structured-content', { location: 'Chicago' })),
        environment: async (c) => JSON.parse(firstText(await seen(c.call('get-env', {})))),
        'an error of the tool': async (c) => seen(c.call('get-resource-reference', { resourceType: 'Text', resourceId: -1 })),
        'wrong arguments': async (c) => seen(c.call('get-sum', { a: 'one' })),
        'no arguments': async (c) => seen(c.call('echo', undefined)),
        'unknown tool': async (c) => seen(c.call('no_such_tool', { x: 1 })),
        'metadata of a call': async (c) => seen(c.call('echo', { message: 'm' }, { meta: { 'example.org/trace': { deep: [1, null, true] } } })),
        'gzip as resource': async (c) => seen(c.call('gzip-file-as-resource', { name: 'a.gz', data: 'data:text/plain,hello', outputType: 'resource' })),
        'gzip as link, list_changed, read': async (c, notes) => {
                const before = notes.length;
                const link = await seen(c.call('gzip-file-as-resource', { name: 'b.gz', data: 'data:text/plain,hello', outputType: 'resourceLink' }));
                await until('resources/list_changed', () => notes.slice(before).some((n) => n.method === 'notifications/resources/list_changed'));
                return [link, await seen(c.read('demo://resource/session/b.gz'))];
        },
        'resources/list': async (c) => c.resources(),
        'resources/templates/list': async (c) => c.templates(),
        'resources/read': async (c) => [
                await seen(c.read(TEXT)),
                await seen(c.read(BLOB)),
                await seen(c.read('demo://resource/static/document/features.md')),
                await seen(c.read('demo://resource/dynamic/text/x')),
                await seen(c.read('demo://nothing/here')),
        ],
        subscriptions: async (c, notes) => {
                const answers = [await seen(c.subscribe(TEXT))];
                const before = notes.length;
                answers.push(await seen(c.call('toggle-subscriber-updates', {})));
                await until('resources/updated', () => notes.slice(before).some((n) => n.method === 'notifications/resources/updated'));
                answers.push(await seen(c.call('toggle-subscriber-updates', {})), await seen(c.unsubscribe(TEXT)));
                return answers;
        },
        prompts: async (c) => [
                await c.prompts(),
                await seen(c.prompt('simple-prompt')),
                await seen(c.prompt('args-prompt', { city: 'Łódź', state: 'Łódzkie' })),
                await seen(c.prompt('completable-prompt', { department: 'Sales', name: 'Eve' })),
                await seen(c.prompt('resource-prompt', { resourceType: 'Blob', resourceId: '2' })),
                await seen(c.prompt('resource-prompt', { resourceType: 'Blob', resourceId: 'x' })),
                await seen(c.prompt('args-prompt', {})),
                await seen(c.prompt('no-such-prompt')),
        ],
        completion: async (c) => [
                await seen(c.complete({ ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'S' } })),
                await seen(c.complete({
                        ref: { type: 'ref/prompt', name: 'completable-prompt' },
                        argument: { name: 'name', value: '' },
                        context: { arguments: { department: 'Marketing' } },
                })),
                await seen(c.complete({ ref: { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' }, argument: { name: 'resourceId', value: '12' } })),
                await seen(c.complete({ ref: { type: 'ref/prompt', name: 'no-such-prompt' }, argument: { name: 'a', value: '' } })),
        ],
        logging: async (c, notes) => {
                const answers = [await seen(c.level('debug'))];
                const before = notes.length;
                answers.push(await seen(c.call('toggle-simulated-logging', {})));
                await until('a log message', () => notes.slice(before).some((n) => n.method === 'notifications/message'));
                answers.push(await seen(c.call('toggle-simulated-logging', {})), await seen(c.level('emergency')));
                return answers;
        },
        'unknown method': async (c) => seen(c.request('example/nothing', { a: 1 })),
};

/** Progress, cancellation and time-outs. */
export const progress = {
        progress: async (c) => {
                const result = await seen(c.call('trigger-long-running-operation', { duration: 0.4, steps: 4 }, { onprogress: () => {} }));
                return { steps: steps(c), result };
        },
        cancellation: async (c) => {
                const stop = new AbortController();
                const result = await seen(c.call('trigger-long-running-operation', { duration: 1, steps: 10 }, {
                        signal: stop.signal,
                        onprogress: () => stop.abort('enough'),
                }));
                const after = await seen(c.call('echo', { message: 'still here' }));
                await until('the server, which goes on after a cancellation, is done', () => steps(c).length === 14);
                return { result, after, steps: steps(c) };
        },
        'time-out': async (c) => {
                const result = await seen(c.call('trigger-long-running-operation', { duration: 0.8, steps: 2 }, { timeout: 100 }));
                await sleep(1000);
                return { result, after: await seen(c.ping()) };
        },
        'calls at once': async (c) => Promise.all(Array.from({ length: 50 }, (_, i) => seen(c.call('get-sum', { a: i, b: i })))),
};

/** What the server asks of the client: sampling, elicitation by form and by URL, roots. */
export const asking = {
        sampling: async (c) => seen(c.call('trigger-sampling-request', { prompt: 'say hi', maxTokens: 20 })),
        'elicitation by form': async (c) => {
                const results = [];
                for (const action of ['accept', 'decline', 'cancel']) {
                        c.mood = action;
                        results.push(await seen(c.call('trigger-elicitation-request', {})));
                }
                return results;
        },
        'elicitation by URL': async (c) => {
                const results = [];
                for (const action of ['accept', 'decline']) {
                        c.mood = action;
                        results.push(await seen(c.call('trigger-url-elicitation', { url: 'https://example.org/form?a=1', elicitationId: `e-${action}` })));
                }
                return results;
        },
        'elicitation by URL, as an error': async (c) => {
                c.mood = 'accept';
                const args = { url: 'https://example.org/form', elicitationId: 'e-error', errorPath: true };
                return [await seen(c.call('trigger-url-elicitation', args)), await seen(c.call('trigger-url-elicitation', args))];
        },
        roots: async (c, notes) => {
                const before = await seen(c.call('get-roots-list', {}));
                c.rootsList.push({ uri: 'file:///srv/other', name: 'other' });
                const asked = c.seen.length;
                await c.notify('notifications/roots/list_changed');
                await until('the server asks again', () => c.seen.slice(asked).some((s) => 'roots' in s));
                await until('the server has the roots', () => notes.some((n) => /2 root/.test(n.params?.data ?? '')));
                return [before, await seen(c.call('get-roots-list', {}))];
        },
        asked: async (c) => c.seen,
};

/** Tasks of 2025-11-25 that the server hosts. SDK 1.x only: 2.x has no such client. */
export const tasks = {
        'created, polled, delivered': async (c) => {
                const states = [];
                let result;
                for await (const message of c.client.experimental.tasks.callToolStream({ name: 'simulate-research-query', arguments: { topic: 'otters' } },
                        undefined, { task: { ttl: 60000 } })) {
                        if (message.type === 'taskCreated')
                                states.push({ created: message.task });
                        else if (message.type === 'taskStatus')
                                states.push({ status: message.task.status });
                        else
                                result = message;
                }
                const distinct = states.filter((s, i) => i === 0 || JSON.stringify(s) !== JSON.stringify(states[i - 1]));
                return { distinct, result };
        },
        'with an elicitation inside': async (c) => {
                c.mood = 'accept';
                const kinds = new Set();
                let result;
                for await (const message of c.client.experimental.tasks.callToolStream(
                        { name: 'simulate-research-query', arguments: { topic: 'python', ambiguous: true } }, undefined, { task: { ttl: 60000 } })) {
                        if (message.type === 'taskStatus')
                                kinds.add(message.task.status);
                        else if (message.type !== 'taskCreated')
                                result = message;
                }
                return { kinds: [...kinds].sort(), result };
        },
        'get, list, cancel, result of a cancelled one': async (c) => {
                const created = await c.request('tools/call', { name: 'simulate-research-query', arguments: { topic: 'stoats' }, task: { ttl: 60000 } });
                const { taskId } = created.task;
                const got = await seen(c.tasks.getTask(taskId));
                const list = await seen(c.tasks.listTasks());
                const cancelled = await seen(c.tasks.cancelTask(taskId));
                const after = await seen(c.tasks.getTask(taskId));
                return {
                        created, got: { ...got, statusMessage: undefined }, listed: list.tasks.some((t) => t.taskId === taskId), cancelled, after,
                        again: await seen(c.tasks.cancelTask(taskId)),
                        unknown: await seen(c.tasks.getTask('00000000000000000000000000000000')),
                };
        },
        'a task demanded of a tool that has none': async (c) => seen(c.request('tools/call', { name: 'echo', arguments: { message: 'x' }, task: { ttl: 1000 } })),
        'a tool that demands a task': async (c) => seen(c.request('tools/call', { name: 'simulate-research-query', arguments: { topic: 'x' } })),
};

/** Tasks that the client hosts: the server asks for sampling and elicitation, and polls. */
export const hosted = {
        'sampling as a task of the client': async (c) => firstText(await seen(c.call('trigger-sampling-request-async', { prompt: 'hi' }))),
        'elicitation as a task of the client': async (c) => {
                c.mood = 'accept';
                return firstText(await seen(c.call('trigger-elicitation-request-async', {})));
        },
};
