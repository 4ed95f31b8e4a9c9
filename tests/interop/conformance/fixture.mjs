// SPDX-License-Identifier: Apache-2.0
//
// A stdio server of both eras with every tool, prompt, resource and task that the conformance suite asks a server for.
// Written on the wire, without an SDK: what it says is what the proxy gets, also where an SDK would not let it through.

import { createInterface } from 'node:readline';
import { createHmac } from 'node:crypto';

const META = 'io.modelcontextprotocol/';
const MODERN = '2026-07-28';
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const info = { name: 'conformance-fixture', version: '1.0.0' };
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const send = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\n');
const note = (method, params) => send({ method, params });
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const textBlock = (text) => ({ type: 'text', text });
const says = (s) => ({ content: [textBlock(s)] });

/** What a request is answered with as an error. */
class Failure extends Error {
        constructor(code, message, data) {
                super(message);
                this.body = { code, message, ...(data !== undefined ? { data } : {}) };
        }
}
let next = 0;
const pending = new Map();
const ask = (method, params) =>
        new Promise((ok, bad) => {
                const id = next++;
                pending.set(id, { ok, bad });
                send({ id, method, params });
        });
const str = { type: 'string' };
const obj = (properties = {}, required) => ({ type: 'object', properties, ...(required ? { required } : {}) });
const form = (message, properties, required) => ({
        method: 'elicitation/create',
        params: { mode: 'form', message, requestedSchema: { type: 'object', properties, required } },
});
const NAME = form('What is your name?', { name: str }, ['name']);
const sample = (t, maxTokens) => ({ method: 'sampling/createMessage', params: { messages: [{ role: 'user', content: textBlock(t) }], maxTokens } });
const more = (inputRequests, requestState) => ({ resultType: 'input_required', inputRequests, ...(requestState ? { requestState } : {}) });
const sign = (v) => `${v}.${createHmac('sha256', 'k').update(v).digest('hex')}`;
const unsign = (s) => {
        const v = String(s).split('.')[0];
        if (sign(v) !== s) throw new Failure(-32602, 'requestState fails its check');
        return v;
};
const picture = { type: 'image', data: PNG, mimeType: 'image/png' };
const emb = (uri, text, mimeType = 'text/plain') => ({ type: 'resource', resource: { uri, mimeType, text } });
const elicit = (f) => async () => {
        const r = await ask(f.method, f.params);
        return says(`Elicitation completed: action=${r.action}, content=${JSON.stringify(r.content ?? {})}`);
};
const listens = new Map();
const changed = (what) => {
        for (const [id, f] of listens)
                if (f[`${what}ListChanged`]) note(`notifications/${what}/list_changed`, { _meta: { [META + 'subscriptionId']: String(id) } });
        if (!listens.size && !modernSeen) note(`notifications/${what}/list_changed`);
};
let modernSeen = false;
const need = (p, key) => {
        const v = p.inputResponses?.[key];
        return v && typeof v === 'object' ? v : undefined;
};
const RICH = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: str, city: str } } },
        properties: {
                name: str,
                address: { $ref: '#/$defs/address' },
                contactMethod: { type: 'string', enum: ['phone', 'email'] },
                phone: str,
                email: str,
        },
        allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
        if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
        then: { required: ['phone'] },
        else: { required: ['email'] },
        additionalProperties: false,
};
const log3 = async () => {
        for (const d of ['started', 'working', 'done']) {
                note('notifications/message', { level: 'info', data: `Tool ${d}` });
                await sleep(50);
        }
};

const tools = {
        test_simple_text: [obj(), () => says('This is a simple text response for testing.')],
        test_image_content: [obj(), () => ({ content: [picture] })],
        test_audio_content: [obj(), () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] })],
        test_embedded_resource: [obj(), () => ({ content: [emb('test://embedded-resource', 'This is an embedded resource content.')] })],
        test_multiple_content_types: [
                obj(),
                () => ({
                        content: [
                                textBlock('Multiple content types test:'),
                                picture,
                                emb('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
                        ],
                }),
        ],
        test_tool_with_logging: [
                obj(),
                async () => {
                        await log3();
                        return says('logged');
                },
        ],
        test_logging_tool: [
                obj(),
                async (p) => {
                        if (p._meta?.[META + 'logLevel']) await log3();
                        return says('logged');
                },
        ],
        test_tool_with_progress: [
                obj(),
                async (p) => {
                        const progressToken = p._meta?.progressToken;
                        for (const progress of [0, 50, 100]) {
                                if (progressToken !== undefined)
                                        note('notifications/progress', { progressToken, progress, total: 100, message: `step ${progress}` });
                                await sleep(50);
                        }
                        return says(String(progressToken));
                },
        ],
        test_error_handling: [obj(), () => ({ ...says('This tool intentionally returns an error for testing'), isError: true })],
        test_reconnection: [
                obj(),
                async () => {
                        await sleep(300);
                        return says('Reconnection test completed successfully.');
                },
        ],
        test_sampling: [
                obj({ prompt: str }, ['prompt']),
                async (p) => {
                        const s = sample(p.arguments.prompt, 100);
                        const r = await ask(s.method, s.params);
                        return says(`LLM response: ${r.content?.text}`);
                },
        ],
        test_elicitation: [
                obj({ message: str }, ['message']),
                async (p) => {
                        const f = form(p.arguments.message, { response: { ...str, description: "User's response" } }, ['response']);
                        const r = await ask(f.method, f.params);
                        return says(`User response: action=${r.action}, content=${JSON.stringify(r.content ?? {})}`);
                },
        ],
        test_elicitation_sep1034_defaults: [
                obj(),
                elicit(
                        form(
                                'Please review',
                                {
                                        name: { ...str, default: 'John Doe' },
                                        age: { type: 'integer', default: 30 },
                                        score: { type: 'number', default: 95.5 },
                                        status: { ...str, enum: ['active', 'inactive', 'pending'], default: 'active' },
                                        verified: { type: 'boolean', default: true },
                                },
                                [],
                        ),
                ),
        ],
        test_elicitation_sep1330_enums: [
                obj(),
                elicit(
                        form(
                                'Please select',
                                {
                                        untitledSingle: { ...str, enum: ['option1', 'option2', 'option3'] },
                                        titledSingle: {
                                                ...str,
                                                oneOf: [
                                                        { const: 'value1', title: 'First Option' },
                                                        { const: 'value2', title: 'Second Option' },
                                                        { const: 'value3', title: 'Third Option' },
                                                ],
                                        },
                                        legacyEnum: {
                                                ...str,
                                                enum: ['opt1', 'opt2', 'opt3'],
                                                enumNames: ['Option One', 'Option Two', 'Option Three'],
                                        },
                                        untitledMulti: {
                                                type: 'array',
                                                minItems: 1,
                                                maxItems: 3,
                                                items: { ...str, enum: ['option1', 'option2', 'option3'] },
                                        },
                                        titledMulti: {
                                                type: 'array',
                                                items: {
                                                        anyOf: [
                                                                { const: 'value1', title: 'First Choice' },
                                                                { const: 'value2', title: 'Second Choice' },
                                                                { const: 'value3', title: 'Third Choice' },
                                                        ],
                                                },
                                        },
                                },
                                [],
                        ),
                ),
        ],
        json_schema_2020_12_tool: [RICH, (p) => says(JSON.stringify(p.arguments))],
        test_headers: [obj({ region: { ...str, 'x-mcp-header': 'Region' } }, ['region']), (p) => says(p.arguments.region)],
        test_missing_capability: [
                obj(),
                (p) => {
                        if (!p._meta?.[META + 'clientCapabilities']?.sampling)
                                throw new Failure(-32021, 'Missing capability', { requiredCapabilities: { sampling: {} } });
                        return says('ok');
                },
        ],
        test_streaming_elicitation: [obj(), () => more({ user_name: NAME })],
        test_trigger_tool_change: [
                obj(),
                () => {
                        changed('tools');
                        return says('changed');
                },
        ],
        test_trigger_prompt_change: [
                obj(),
                () => {
                        changed('prompts');
                        return says('changed');
                },
        ],
        test_input_required_result_elicitation: [
                obj(),
                (p) => {
                        const n = need(p, 'user_name')?.content?.name;
                        return typeof n === 'string' ? says(`Hello, ${n}!`) : more({ user_name: NAME });
                },
        ],
        test_input_required_result_sampling: [
                obj(),
                (p) => {
                        const r = need(p, 'capital_question');
                        return r ? says(JSON.stringify(r.content)) : more({ capital_question: sample('What is the capital of France?', 100) });
                },
        ],
        test_input_required_result_list_roots: [
                obj(),
                (p) => {
                        const r = need(p, 'client_roots');
                        return r ? says(JSON.stringify(r.roots)) : more({ client_roots: { method: 'roots/list', params: {} } });
                },
        ],
        test_input_required_result_request_state: [
                obj(),
                (p) => {
                        if (!need(p, 'confirm')) return more({ confirm: form('Please confirm', { ok: { type: 'boolean' } }, ['ok']) }, sign('one'));
                        unsign(p.requestState);
                        return says('state-ok');
                },
        ],
        test_input_required_result_multiple_inputs: [
                obj(),
                (p) => {
                        if (need(p, 'user_name') && need(p, 'greeting') && need(p, 'client_roots')) {
                                unsign(p.requestState);
                                return says('all');
                        }
                        return more(
                                { user_name: NAME, greeting: sample('Generate a greeting', 50), client_roots: { method: 'roots/list', params: {} } },
                                sign('multi'),
                        );
                },
        ],
        test_input_required_result_multi_round: [
                obj(),
                (p) => {
                        const r = p.requestState === undefined ? 'none' : unsign(p.requestState);
                        if (r === 'r1' && need(p, 'step1'))
                                return more({ step2: form('Step 2: What is your favorite color?', { color: str }, ['color']) }, sign('r2'));
                        if (r === 'r2' && need(p, 'step2')) return says('done');
                        return more({ step1: form('Step 1: What is your name?', { name: str }, ['name']) }, sign('r1'));
                },
        ],
        test_input_required_result_tampered_state: [
                obj(),
                (p) => {
                        if (p.requestState === undefined)
                                return more({ confirm: form('Please confirm', { ok: { type: 'boolean' } }, ['ok']) }, sign('t'));
                        unsign(p.requestState);
                        return says('ok');
                },
        ],
        test_input_required_result_capabilities: [
                obj(),
                (p) => {
                        const c = p._meta?.[META + 'clientCapabilities'] ?? {};
                        return more({
                                ...(c.sampling ? { s: sample('Hi', 10) } : {}),
                                ...(c.elicitation ? { e: NAME } : {}),
                                ...(c.roots ? { r: { method: 'roots/list', params: {} } } : {}),
                        });
                },
        ],
};

// --- the tasks extension (SEP-2663) ---

const EXT = META + 'tasks',
        declared = (p) => p._meta?.[META + 'clientCapabilities']?.extensions?.[EXT] !== undefined;
const tasks = new Map();
let taskNo = 0;
const now = () => new Date().toISOString();
const lacking = () => new Failure(-32021, 'Missing required client capability', { requiredCapabilities: { extensions: { [EXT]: {} } } });
const view = (t) => ({
        taskId: t.taskId,
        status: t.status,
        createdAt: t.createdAt,
        lastUpdatedAt: t.lastUpdatedAt,
        ttlMs: 600000,
        pollIntervalMs: 100,
});
const settle = (t, status, extra = {}) => {
        if (t.status === 'cancelled') return;
        t.status = status;
        t.lastUpdatedAt = now();
        t.extra = extra;
};
const start = (run) => {
        const t = { taskId: `task-${process.pid}-${++taskNo}`, status: 'working', createdAt: now(), lastUpdatedAt: now(), extra: {} };
        tasks.set(t.taskId, t);
        run(t);
        return { resultType: 'task', ...view(t) };
};
const inputs = (reqs, done) => (t) => {
        t.wait = { ...reqs };
        t.got = {};
        t.finish = done;
        setTimeout(() => settle(t, 'input_required', { inputRequests: t.wait }), 50);
};
const CONFIRM = form('Sure?', { confirm: { type: 'boolean' } }, ['confirm']);
const later = (ms, r) => (t) => setTimeout(() => settle(t, 'completed', { result: r }), ms);
Object.assign(tools, {
        greet: [obj({ name: str }), (p) => says(`Hello, ${p.arguments.name}!`)],
        slow_compute: [
                obj({ seconds: { type: 'number' }, label: str }),
                (p) => (declared(p) ? start(later(p.arguments.seconds * 1000, says('computed'))) : says('computed')),
        ],
        failing_job: [
                obj(),
                (p) => {
                        if (!declared(p)) throw lacking();
                        return start(later(500, { ...says('job failed'), isError: true }));
                },
        ],
        protocol_error_job: [
                obj(),
                (p) => {
                        if (!declared(p)) throw lacking();
                        return start((t) => setTimeout(() => settle(t, 'failed', { error: { code: -32603, message: 'crashed' } }), 100));
                },
        ],
        confirm_delete: [
                obj({ filename: str }),
                (p) => {
                        if (!declared(p)) throw lacking();
                        return start(inputs({ in1: CONFIRM }, () => says('deleted')));
                },
        ],
        multi_input: [
                obj(),
                (p) => {
                        if (!declared(p)) throw lacking();
                        return start(inputs({ in1: NAME, in2: CONFIRM }, () => says('both')));
                },
        ],
        test_tool_with_task: [
                obj(),
                (p) => {
                        const n = need(p, 'user_name')?.content?.name;
                        if (!n) return more({ user_name: NAME }, sign('tt'));
                        if (!declared(p)) throw lacking();
                        return start(later(200, says(`Hello ${n}`)));
                },
        ],
});
const task = (p) => {
        if (!declared(p)) throw lacking();
        const t = tasks.get(p.taskId);
        if (!t) throw new Failure(-32602, 'Unknown task');
        return t;
};
const taskMethods = {
        'tasks/get': (p) => {
                const t = task(p);
                return { ...view(t), ...t.extra };
        },
        'tasks/cancel': (p) => {
                const t = task(p);
                if (!['completed', 'failed'].includes(t.status)) settle(t, 'cancelled');
                return {};
        },
        'tasks/update': (p) => {
                const t = task(p);
                for (const k of Object.keys(p.inputResponses ?? {}))
                        if (t.wait && Object.hasOwn(t.wait, k)) {
                                t.got[k] = p.inputResponses[k];
                                delete t.wait[k];
                        }
                if (t.wait && t.status === 'input_required' && !Object.keys(t.wait).length) {
                        settle(t, 'working');
                        setTimeout(() => settle(t, 'completed', { result: t.finish(t) }), 50);
                }
                return {};
        },
};
const user = (content) => ({ messages: [{ role: 'user', content }] });
const A = (name) => ({ name, description: name, required: true });

const prompts = {
        test_simple_prompt: [[], () => user(textBlock('This is a simple prompt for testing.'))],
        test_prompt_with_arguments: [[A('arg1'), A('arg2')], (a) => user(textBlock(`Prompt with arguments: arg1='${a.arg1}', arg2='${a.arg2}'`))],
        test_prompt_with_embedded_resource: [
                [A('resourceUri')],
                (a) => ({
                        messages: [
                                { role: 'user', content: emb(a.resourceUri, 'Embedded resource content for testing.') },
                                { role: 'user', content: textBlock('Please process it.') },
                        ],
                }),
        ],
        test_prompt_with_image: [
                [],
                () => ({
                        messages: [
                                { role: 'user', content: picture },
                                { role: 'user', content: textBlock('Please analyze the image above.') },
                        ],
                }),
        ],
        test_input_required_result_prompt: [
                [],
                (_, p) => {
                        const c = need(p, 'user_context');
                        return c
                                ? user(textBlock(`context ${c.content?.context}`))
                                : more({ user_context: form('What context should the prompt use?', { context: str }, ['context']) });
                },
        ],
};
const caps = {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
};
const page = (o) => ({ ...o, ttlMs: 1000, cacheScope: 'private' });
const read = (uri) => {
        if (uri === 'test://static-text')
                return page({ contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] });
        if (uri === 'test://static-binary') return page({ contents: [{ uri, mimeType: 'image/png', blob: PNG }] });
        if (uri === 'test://watched-resource') return page({ contents: [{ uri, mimeType: 'text/plain', text: 'Watched' }] });
        const m = /^test:\/\/template\/([^/]+)\/data$/.exec(uri);
        if (m)
                return page({
                        contents: [
                                {
                                        uri,
                                        mimeType: 'application/json',
                                        text: JSON.stringify({ id: m[1], templateTest: true, data: `Data for ID: ${m[1]}` }),
                                },
                        ],
                });
        throw new Failure(-32602, 'Resource not found', { uri });
};

const shared = {
        'tools/list': () =>
                page({ tools: Object.entries(tools).map(([name, [inputSchema]]) => ({ name, description: `Fixture ${name}`, inputSchema })) }),
        'tools/call': (p) => {
                const t = Object.hasOwn(tools, p.name) && tools[p.name];
                if (!t) throw new Failure(-32602, `Unknown tool: ${p.name}`);
                return t[1]({ arguments: {}, ...p });
        },
        'prompts/list': () =>
                page({ prompts: Object.entries(prompts).map(([name, [args]]) => ({ name, description: `Fixture ${name}`, arguments: args })) }),
        'prompts/get': (p) => {
                const t = prompts[p.name];
                if (!t) throw new Failure(-32602, 'Unknown prompt');
                return t[1](p.arguments ?? {}, p);
        },
        'resources/list': () =>
                page({
                        resources: ['text', 'binary']
                                .map((n) => ({
                                        uri: `test://static-${n}`,
                                        name: `static-${n}`,
                                        description: 'static',
                                        mimeType: n === 'text' ? 'text/plain' : 'image/png',
                                }))
                                .concat({ uri: 'test://watched-resource', name: 'watched', description: 'w', mimeType: 'text/plain' }),
                }),
        'resources/templates/list': () =>
                page({
                        resourceTemplates: [
                                { uriTemplate: 'test://template/{id}/data', name: 'template', description: 't', mimeType: 'application/json' },
                        ],
                }),
        'resources/read': (p) => read(p.uri),
        'completion/complete': (p) => ({
                completion: { values: ['paris', 'park', 'party'].filter((v) => v.startsWith(p.argument.value)), total: 3, hasMore: false },
        }),
};

const legacy = {
        ...shared,
        initialize: (p) => ({
                protocolVersion: LEGACY.includes(p.protocolVersion) ? p.protocolVersion : LEGACY[0],
                capabilities: caps,
                serverInfo: info,
        }),
        ping: () => ({}),
        'logging/setLevel': () => ({}),
        'resources/subscribe': () => ({}),
        'resources/unsubscribe': () => ({}),
};

const modern = {
        ...shared,
        ...taskMethods,
        'server/discover': () => page({ supportedVersions: [MODERN], capabilities: { ...caps, extensions: { [EXT]: {} } }, instructions: 'fixture' }),
};
let inLegacy = false;

async function request(m) {
        const p = m.params ?? {},
                meta = p._meta ?? {};
        if (m.method === 'initialize' && !meta[META + 'protocolVersion']) inLegacy = true;
        try {
                if (inLegacy) {
                        const f = Object.hasOwn(legacy, m.method) && legacy[m.method];
                        if (!f) throw new Failure(-32601, 'Method not found');
                        return send({ id: m.id, result: await f(p) });
                }
                modernSeen = true;
                if (!meta[META + 'protocolVersion'] || !meta[META + 'clientCapabilities'])
                        throw new Failure(-32602, 'Invalid params: _meta is incomplete');
                if (meta[META + 'protocolVersion'] !== MODERN)
                        throw new Failure(-32022, 'Unsupported protocol version', { supported: [MODERN], requested: meta[META + 'protocolVersion'] });
                if (m.method === 'subscriptions/listen') {
                        listens.set(m.id, p.notifications ?? {});
                        return note('notifications/subscriptions/acknowledged', {
                                notifications: p.notifications ?? {},
                                _meta: { [META + 'subscriptionId']: String(m.id) },
                        });
                }
                const f = Object.hasOwn(modern, m.method) && modern[m.method];
                if (!f) throw new Failure(-32601, 'Method not found');
                const r = await f(p);
                send({ id: m.id, result: { resultType: 'complete', ...r, _meta: { [META + 'serverInfo']: info, ...r._meta } } });
        } catch (e) {
                send({ id: m.id, error: e.body ?? { code: -32603, message: String(e.message) } });
        }
}

createInterface({ input: process.stdin })
        .on('line', (l) => {
                const m = JSON.parse(l);
                if (m.method === undefined) {
                        const q = pending.get(m.id);
                        pending.delete(m.id);
                        if (m.error) q?.bad(new Error(m.error.message));
                        else q?.ok(m.result);
                        return;
                }
                if (m.method === 'notifications/cancelled') {
                        listens.delete(m.params?.requestId);
                        return;
                }
                if (m.id !== undefined) request(m);
        })
        .on('close', () => process.exit(0));
