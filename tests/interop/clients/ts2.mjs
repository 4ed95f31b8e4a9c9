// SPDX-License-Identifier: Apache-2.0
//
// The TypeScript SDK 2.x as a client, behind the same face as ts1.mjs. Modes: legacy, auto (probes with a disposable
// second process), and pinned to the modern revision.

import { clientEnv, need } from '../lib/env.mjs';
import { tapTransport } from '../lib/wire.mjs';

const { Client, fromJsonSchema } = need('@modelcontextprotocol/client');
const { StdioClientTransport } = need('@modelcontextprotocol/client/stdio');

export const name = '@modelcontextprotocol/client';
export const MODERN = '2026-07-28';

const ANYTHING = fromJsonSchema({ type: 'object' });

export async function connect(target, options) {
        const capabilities = {};
        if (options.sampling)
                capabilities.sampling = {};
        if (options.elicitation)
                capabilities.elicitation = { form: {}, url: {} };
        if (options.roots)
                capabilities.roots = options.mode === 'pin' ? {} : { listChanged: true };
        const mode = options.mode === 'pin' ? { pin: MODERN } : (options.mode ?? 'legacy');
        const client = new Client({ name: 'interop-ts2', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
        const seen = [];
        const handle = (method, kind, answer) => client.setRequestHandler(method, async (request) => {
                seen.push({ [kind]: request.params });
                return answer(request.params);
        });
        if (options.sampling)
                handle('sampling/createMessage', 'sampling', options.sampling);
        if (options.elicitation)
                handle('elicitation/create', 'elicitation', options.elicitation);
        if (options.roots)
                handle('roots/list', 'roots', () => ({ roots: options.roots }));

        const transport = new StdioClientTransport({ ...target, env: { ...clientEnv(options.work), ...options.env }, cwd: options.work.path, stderr: options.stderr ? 'pipe' : 'ignore' });
        transport.stderr?.on('data', options.stderr);
        const tap = tapTransport(transport);
        const errors = [];
        client.onerror = (error) => errors.push(String(error.message));
        await client.connect(transport);
        const fresh = { cacheMode: 'refresh' };
        return {
                era: client.getProtocolEra(),
                client,
                tap,
                seen,
                errors,
                info: () => ({
                        server: client.getServerVersion(),
                        capabilities: client.getServerCapabilities(),
                        instructions: client.getInstructions(),
                        era: client.getProtocolEra(),
                        version: client.getNegotiatedProtocolVersion(),
                }),
                call: (tool, args, extra = {}) => {
                        const { meta, ...rest } = extra;
                        return client.callTool({ name: tool, arguments: args, ...(meta ? { _meta: meta } : {}) }, rest);
                },
                request: (method, params, extra) => client.request({ method, ...(params ? { params } : {}) }, ANYTHING, extra),
                notify: (method, params) => client.notification({ method, ...(params ? { params } : {}) }),
                onNotification: (handler) => { client.fallbackNotificationHandler = async (message) => handler(message); },
                tools: (params) => client.listTools(params, fresh),
                resources: () => client.listResources(undefined, fresh),
                templates: () => client.listResourceTemplates(undefined, fresh),
                read: (uri) => client.readResource({ uri }, fresh),
                subscribe: (uri) => client.subscribeResource({ uri }),
                unsubscribe: (uri) => client.unsubscribeResource({ uri }),
                prompts: () => client.listPrompts(undefined, fresh),
                prompt: (prompt, args) => client.getPrompt({ name: prompt, ...(args ? { arguments: args } : {}) }),
                complete: (params) => client.complete(params),
                level: (level) => client.setLoggingLevel(level),
                ping: () => client.ping(),
                listen: (filter) => client.listen(filter),
                close: () => client.close(),
        };
}
