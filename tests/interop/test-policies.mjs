// SPDX-License-Identifier: Apache-2.0
//
// Real servers and clients under policies that do not allow everything: what is hidden stays hidden and answers as the
// server answers to a name that it does not know, what is denied says why, and what the server may not ask the client
// it cannot ask.
//
//   test-policies.mjs everything | files | unknown | modern | credential

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { LEASTWISE, SOURCE, clientEnv, fillDocs, policy, servers, workDir, wrap } from './lib/env.mjs';
import { check, report, suite, until, within } from './lib/tap.mjs';
import { differences, errorOf, normalise } from './lib/transcript.mjs';
import { linesOf } from './lib/wire.mjs';

const [part] = process.argv.slice(2);

const seen = (promise) => promise.catch(errorOf);
const names = (list) => list.map((item) => item.name).sort();
const received = (c) => linesOf(Buffer.concat(c.tap.received)).map((line) => JSON.parse(line));
const able = {
        sampling: () => ({ model: 'test-model', role: 'assistant', content: { type: 'text', text: 'a thought' } }),
        elicitation: (params) => ({ action: 'accept', ...(params.mode === 'url' ? {} : { content: params.requestedSchema.properties.sure ? { sure: true } : { name: 'Ann' } }) }),
};

/** Connects, hands the session to @body, closes; the server behind it may be wrapped or not. */
async function withSession(sdk, target, options, body) {
        const c = await within(20000, 'connecting', sdk.connect(target, options));
        try {
                return await body(c);
        } finally {
                await within(10000, 'closing', c.close());
        }
}

const isDenied = (result, why) => result.isError === true && result.content.length === 1 && result.content[0].type === 'text' && result.content[0].text.includes(why);
const show = (value) => JSON.stringify(value);

async function everything() {
        const work = workDir('narrow');
        const target = wrap(servers.everything(work), policy('everything'));
        await withSession(ts1, target, { work, ...able, roots: [{ uri: 'file:///srv/work' }] }, async (c) => {
                const { tools } = await c.tools();
                const hidden = ['gzip-file-as-resource', 'toggle-simulated-logging', 'toggle-subscriber-updates', 'trigger-long-running-operation', 'get-tiny-image', 'simulate-research-query'];
                check('hidden and denied tools are not listed', !names(tools).some((name) => hidden.includes(name)), show(names(tools)));
                check('allowed tools are', ['echo', 'get-sum', 'get-env'].every((name) => names(tools).includes(name)), show(names(tools)));
                const echo = await seen(c.call('echo', { message: 'hi' }));
                check('an allowed tool runs', echo.content?.[0]?.text === 'Echo: hi', show(echo));
                const denied = await seen(c.call('get-tiny-image', {}));
                check('a denied tool says why', isDenied(denied, 'Pictures and research are never part of this job.'), show(denied));
                const task = await seen(c.request('tools/call', { name: 'simulate-research-query', arguments: { topic: 'x' }, task: { ttl: 1000 } }));
                check('a denied task is an error that says why', /Pictures and research/.test(task.error?.message), show(task));
                check('no tool that needs the client to be asked is there, because the client seems unable',
                        !names(tools).some((name) => /^trigger-|roots/.test(name)), show(names(tools)));

                const resources = await c.resources();
                check('resources outside policy are not listed', resources.resources.length === 0, show(resources));
                const templates = await c.templates();
                check('nor are templates', show(names(templates.resourceTemplates)) === '["Dynamic Text Resource"]', show(templates));
                const text = await seen(c.read('demo://resource/dynamic/text/3'));
                check('an allowed resource is read', /Resource 3/.test(text.contents?.[0]?.text), show(text));
                for (const uri of ['demo://resource/dynamic/blob/3', 'demo://resource/dynamic/text/../blob/3', 'demo://resource/dynamic/text%2f..%2fblob/3', 'demo://resource/static/document/features.md']) {
                        const refused = await seen(c.read(uri));
                        check(`${uri} is refused`, refused.error !== undefined && refused.error.code === -32602, show(refused));
                }
                check('so is subscribing to one', (await seen(c.subscribe('demo://resource/dynamic/blob/3'))).error !== undefined);
                check('an allowed one can be subscribed to', (await seen(c.subscribe('demo://resource/dynamic/text/3'))).error === undefined);
                check('prompts outside policy are not listed', show(names((await c.prompts()).prompts)) === '["args-prompt"]');
                const prompt = await seen(c.prompt('args-prompt', { city: 'Oslo' }));
                check('an allowed prompt is got', /Oslo/.test(prompt.messages?.[0]?.content?.text), show(prompt));
                for (const refused of [await seen(c.prompt('simple-prompt')), await seen(c.complete({ ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: '' } }))])
                        check('another prompt, and its completion, are refused', refused.error !== undefined, show(refused));
                check('the client was never asked for anything', c.seen.length === 0, show(c.seen));
        });
        work.close();
        await asking();
}

async function asking() {
        const work = workDir('asking');
        const roots = [{ uri: 'file:///srv/work', name: 'work' }, { uri: 'file:///srv/workshop' }, { uri: 'file:///srv/work/../other' }, { uri: 'file:///etc' }];
        await withSession(ts1, wrap(servers.everything(work), policy('asking')), { work, ...able, roots }, async (c) => {
                await until('the server has read the roots', () => received(c).some((m) => /Roots updated/.test(m.params?.data ?? '')));
                const { tools } = await c.tools();
                check('sampling is denied: the tool that needs it is not there', !names(tools).includes('trigger-sampling-request'), show(names(tools)));
                check('forms are allowed: the tool that needs them is', names(tools).includes('trigger-elicitation-request'), show(names(tools)));
                const form = await seen(c.call('trigger-elicitation-request', {}));
                check('a form is asked', c.seen.some((s) => s.elicitation?.requestedSchema) && /Name: Ann/.test(show(form)), show(form));
                const good = await seen(c.call('trigger-url-elicitation', { url: 'https://example.org/a', elicitationId: 'e1' }));
                check('an allowed page is offered', c.seen.some((s) => s.elicitation?.url === 'https://example.org/a') && /completed/.test(show(good)), show(good));
                const asked = c.seen.length;
                for (const url of ['https://example.com/a', 'https://example.org.evil.test/a', 'https://example.org@evil.test/', 'http://example.org/']) {
                        const bad = await seen(c.call('trigger-url-elicitation', { url, elicitationId: 'e2' }));
                        check(`${url} is not offered`, c.seen.length === asked && bad.isError === true, show({ bad, asked: c.seen.slice(asked) }));
                }
                const error = await seen(c.call('trigger-url-elicitation', { url: 'https://example.org/a', elicitationId: 'e3', errorPath: true }));
                check('a page of another site is not offered inside an error either', c.seen.length === asked && error.error?.data === undefined &&
                        !received(c).some((m) => m.error?.data?.elicitations) && (error.error !== undefined || error.isError === true), show(error));
                const list = await seen(c.call('get-roots-list', {}));
                check('the server learns of the allowed root alone', /\(1 total\)/.test(show(list)) && /file:\/\/\/srv\/work\b/.test(show(list)) && !/etc|workshop|other/.test(show(list)), show(list));
        });
        work.close();
}

async function files() {
        const work = workDir('files');
        const docs = fillDocs(work.path);
        const server = () => servers.filesystem(work, docs);
        await withSession(ts1, wrap(server(), join(SOURCE, 'policies/docs-reader.yaml')), { work }, async (c) => {
                const listed = names((await c.tools()).tools);
                check('docs-reader: the tools that read are listed, those that write are not',
                        show(listed) === show(['list_allowed_directories', 'list_directory', 'list_directory_with_sizes', 'read_text_file', 'search_files']), show(listed));
                const read = await seen(c.call('read_text_file', { path: join(docs, 'handbook.txt') }));
                check('docs-reader: a file is read', /three/.test(show(read)), show(read));
                const path = join(docs, 'new.txt');
                for (const [tool, args] of Object.entries({ write_file: { path, content: 'x' }, edit_file: { path: join(docs, 'handbook.txt'), edits: [{ oldText: 'one', newText: 'x' }] }, create_directory: { path }, move_file: { source: join(docs, 'handbook.txt'), destination: path } })) {
                        const refused = await seen(c.call(tool, args));
                        check(`docs-reader: ${tool} does not run`, refused.isError === true || refused.error !== undefined, show(refused));
                }
                check('docs-reader: nothing has changed', !existsSync(path) && readFileSync(join(docs, 'handbook.txt'), 'utf8').startsWith('one\n'));
        });
        await fileRoots(work, docs);
        const listing = await output(LEASTWISE, ['tools', '--policy', join(SOURCE, 'policies/docs-reader.yaml'), '--', server().command, ...server().args], work);
        const verdictOf = (tool) => listing.split('\n').find((line) => line.split(/\s+/).includes(tool)) ?? '';
        check('`leastwise tools` says which tools of the server the policy allows', /allow/.test(verdictOf('read_text_file')) && /deny|hidden/.test(verdictOf('write_file')), listing);
        work.close();
}

function output(command, args, work) {
        return new Promise((done) => execFile(command, args, { cwd: work.path, env: clientEnv(work), timeout: 20000 }, (error, stdout, stderr) => done(stdout || stderr || String(error))));
}

/* The server takes the client's roots for its whole list of directories: the answer is authority. */
async function fileRoots(work, docs) {
        const start = join(work.path, 'start');
        mkdirSync(start);
        const server = () => servers.filesystem(work, start);
        const secret = join(work.path, 'private/salaries.txt');
        const roots = [{ uri: `file://${docs}`, name: 'docs' }, { uri: `file://${join(work.path, 'private')}`, name: 'private' }, { uri: `file://${docs}/../private` }, { uri: `file://${docs}x` }, { uri: 'file:///' }];
        const tryBoth = async (c) => {
                let dirs;
                await until('the server has taken the roots', async () => {
                        dirs = await seen(c.call('list_allowed_directories', {}));
                        return !show(dirs).includes(start);
                });
                return { dirs, secret: await seen(c.call('read_text_file', { path: secret })), page: await seen(c.call('read_text_file', { path: join(docs, 'handbook.txt') })) };
        };
        const direct = await withSession(ts1, server(), { work, roots }, tryBoth);
        check('without the proxy the server takes every root', show(direct.dirs).includes('private') && show(direct.secret).includes('nobody may read this'), show(direct));
        const through = await withSession(ts1, wrap(server(), policy('files'), '--bind', `docs=${docs}`), { work, roots }, tryBoth);
        check('with it, the directory that policy allows and no other', through.dirs.content[0].text === `Allowed directories:\n${docs}`, show(through.dirs));
        check('and so the other file is out of reach', through.secret.isError === true && !show(through.secret).includes('nobody may read this'), show(through.secret));
        check('while the allowed one is read', show(through.page).includes('three'), show(through.page));
}

/** A hidden tool against a tool that the same server does not have: after the list, and after an unknown one was heard. */
async function unknown() {
        const cases = {
                'SDK 1.x server, SDK 1.x client': [ts1, 'everything', 'toggle-simulated-logging', {}],
                'SDK 1.x server, SDK 2.x client': [ts2, 'everything', 'toggle-simulated-logging', {}],
                'SDK 2.x server, legacy': [ts2, 'modern', 'fail', {}],
                'SDK 2.x server, modern': [ts2, 'modern', 'fail', { mode: 'pin' }],
                'SDK 2.x server, SDK 1.x client': [ts1, 'modern', 'fail', {}],
                'FastMCP 1.x, SDK 1.x client': [ts1, 'fastmcp', 'fail', {}],
                'MCPServer 2.x, legacy': [ts1, 'mcpserver', 'fail', {}],
                'MCPServer 2.x, modern': [ts2, 'mcpserver', 'fail', { mode: 'pin' }],
                'server-filesystem': [ts1, 'filesystem', 'write_file', {}],
                'server-memory': [ts1, 'memory', 'read_graph', {}],
        };
        for (const [server, [sdk, name, hidden, options]] of Object.entries(cases))
                for (const order of ['first after the list', 'after an unknown one'])
                        await oneUnknown(`${server}, ${order}`, sdk, name, hidden, options, order === 'after an unknown one');
}

async function oneUnknown(label, sdk, name, hidden, options, heard) {
        const work = workDir('unknown');
        const server = () => (name === 'filesystem' ? servers.filesystem(work, work.path) : servers[name](work));
        const ask = (asked) => async (c) => {
                await c.tools();
                if (heard)
                        await seen(c.call('another_one', { x: 1 }));
                const result = await seen(c.call(asked, { x: 1 }));
                const answer = received(c).filter((m) => 'result' in m || 'error' in m).at(-1);
                return JSON.parse(show({ result, answer, names: Object.keys(answer) }).replaceAll(asked, '<tool>'));
        };
        const [direct, through] = await Promise.all([
                withSession(sdk, server(), { work, ...options }, ask('no_such_tool')),
                withSession(sdk, wrap(server(), policy('hidden')), { work, ...options }, ask(hidden)),
        ]);
        report(`${label}: a hidden tool answers as an unknown one`, differences(normalise(direct, work), normalise(through, work)));
        work.close();
}

async function modern() {
        const work = workDir('rounds');
        const roots = [{ uri: 'file:///srv/work', name: 'work' }, { uri: 'file:///etc' }];
        for (const mode of ['pin', 'auto', 'legacy']) {
                await withSession(ts2, wrap(servers.modern(work), policy('rounds')), { work, ...able, roots, mode }, async (c) => {
                        const say = (text) => `${mode}: ${text}`;
                        check(say('the era'), c.era === (mode === 'legacy' ? 'legacy' : 'modern'), c.era);
                        const listed = names((await c.tools()).tools);
                        check(say('hidden tools are not listed'), show(listed) === show(['confirm', 'echo', 'think', 'touch', 'visit', 'where']), show(listed));
                        const confirm = await seen(c.call('confirm', { what: 'it' }));
                        check(say('a form inside a result is asked'), /"sure\\?":true/.test(show(confirm)) && c.seen.some((s) => s.elicitation?.requestedSchema), show(confirm));
                        const visit = await seen(c.call('visit', { url: 'https://example.org/in' }));
                        check(say('an allowed page is offered'), /accept/.test(show(visit)), show(visit));
                        const asked = c.seen.length;
                        const evil = await seen(c.call('visit', { url: 'https://evil.test/in' }));
                        check(say('another page is not'), c.seen.length === asked && (evil.isError === true || evil.error !== undefined), show(evil));
                        const think = await seen(c.call('think', { about: 'otters' }));
                        check(say('sampling is not asked'), c.seen.length === asked && (think.isError === true || think.error !== undefined), show(think));
                        const where = await seen(c.call('where', {}));
                        check(say('the server learns of the allowed root alone'), show(where).includes('file:///srv/work') && !show(where).includes('/etc'), show(where));
                        const secret = await seen(c.read('private://salaries'));
                        check(say('a resource outside policy is refused'), secret.error !== undefined && !show(secret).includes('nobody may'), show(secret));
                        check(say('and not listed'), show(names((await c.resources()).resources)) === '["handbook"]');
                        check(say('prompts'), show(names((await c.prompts()).prompts)) === '["greet"]');
                        if (mode !== 'legacy') {
                                const listen = await seen(c.listen({ resourceSubscriptions: ['private://salaries'] }));
                                check(say('a subscription to a resource outside policy is refused'), listen.error !== undefined, show(listen));
                                const raw = received(c).find((m) => Array.isArray(m.result?.tools));
                                check(say('a filtered list is not to be cached'), raw?.result.ttlMs === 0 && raw?.result.cacheScope === 'private', show({ ttlMs: raw?.result.ttlMs, cacheScope: raw?.result.cacheScope }));
                        }
                });
        }
        check('drop_all has never run', !existsSync(join(work.path, 'ran')));
        work.close();
}

/** Every file below a directory, as one text. */
const allFiles = (dir) => readdirSync(dir, { withFileTypes: true }).map((entry) => (entry.isDirectory() ? allFiles(join(dir, entry.name)) : entry.isFile() ? readFileSync(join(dir, entry.name), 'latin1') : '')).join('\n');

async function credential() {
        const secret = `tok-${'q7"é/+'.repeat(2)}-${Date.now().toString(36)}`;
        const bytes = Buffer.from(secret);
        const spellings = [secret, JSON.stringify(secret).slice(1, -1), bytes.toString('latin1'), JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1), bytes.toString('base64').slice(4, -8), bytes.toString('base64url').slice(4, -8), Buffer.from(`x:${secret}`).toString('base64').slice(8, -8), bytes.toString('hex'), encodeURIComponent(secret)];
        const leaks = (textSeen) => spellings.filter((spelling) => textSeen.includes(spelling));
        for (const [label, sdk, name, options] of [['SDK 1.x', ts1, 'modern', {}], ['SDK 2.x, modern', ts2, 'modern', { mode: 'pin' }], ['server-everything', ts1, 'everything', {}]]) {
                const work = workDir('credential');
                let stderr = '';
                const env = { INTEROP_SERVICE_TOKEN: secret };
                const take = (chunk) => { stderr += chunk.toString('latin1'); };
                await withSession(sdk, wrap(servers[name](work), policy('credential')), { work, env, stderr: take, ...options }, async (c) => {
                        if (name === 'everything') {
                                const environment = JSON.parse((await c.call('get-env', {})).content[0].text);
                                check(`${label}: the server has a SERVICE_TOKEN, and the client sees a mark in its place`, /redacted/.test(environment.SERVICE_TOKEN), show(environment));
                                check(`${label}: the name under which the proxy has it is not the server's`, !('INTEROP_SERVICE_TOKEN' in environment), show(Object.keys(environment)));
                        } else {
                                const digest = await seen(c.call('token', { how: 'digest' }));
                                check(`${label}: the credential has reached the server`, digest.content?.[0]?.text === createHash('sha256').update(secret).digest('hex'), show(digest));
                                for (const how of ['result', 'error', 'stderr', 'notify'])
                                        await seen(c.call('token', { how }, { onprogress: () => {} }));
                                await c.tools();
                                const any = await seen(c.call('badge', { exact: false })), exact = await seen(c.call('badge', { exact: true }));
                                check(`${label}: a mark that fits the tool's schema is taken by the client`, /redacted/.test(any.structuredContent?.any), show(any));
                                check(`${label}: where none fits the client takes the result without it`,
                                        exact.isError === true && exact.structuredContent === undefined && /^for .redacted/.test(exact.content?.[0]?.text) && /left out/.test(exact.content?.[1]?.text), show(exact));
                        }
                        const wire = Buffer.concat(c.tap.received).toString('latin1');
                        const decoded = received(c).map((m) => show(m)).join('\n');
                        check(`${label}: no spelling of it has reached the client`, leaks(wire).length === 0 && leaks(decoded).length === 0, show([leaks(wire), leaks(decoded)]));
                        check(`${label}: it says where something was`, /redacted/.test(wire));
                });
                check(`${label}: nor stderr`, leaks(stderr).length === 0 && (name === 'everything' || /redacted/.test(stderr)), stderr.slice(0, 600));
                const kept = allFiles(work.home);
                check(`${label}: nor the audit records`, kept.length > 0 && leaks(kept).length === 0, show(leaks(kept)));
                work.close();
        }
}

await suite({ everything, files, unknown, modern, credential }[part]);
