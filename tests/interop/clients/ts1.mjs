// SPDX-License-Identifier: Apache-2.0
//
// The TypeScript SDK 1.x as a client, behind the small face that the scenarios use.

import { clientEnv, need } from '../lib/env.mjs';
import { tapTransport } from '../lib/wire.mjs';

const { Client } = need('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = need('@modelcontextprotocol/sdk/client/stdio.js');
const { InMemoryTaskStore, InMemoryTaskMessageQueue } = need('@modelcontextprotocol/sdk/experimental/tasks');
const types = need('@modelcontextprotocol/sdk/types.js');

export const name = '@modelcontextprotocol/sdk';

/**
 * @target {command, args}; @options: work, and what the client can do: sampling, elicitation, roots (an array),
 * tasks (hosts them). Resolves to the connected face.
 */
export async function connect(target, options) {
        const capabilities = {};
        if (options.sampling)
                capabilities.sampling = {};
        if (options.elicitation)
                capabilities.elicitation = { form: {}, url: {} };
        if (options.roots)
                capabilities.roots = { listChanged: true };
        if (options.tasks)
                capabilities.tasks = { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } };
        const client = new Client({ name: 'interop-ts1', version: '1.0.0' }, {
                capabilities,
                ...(options.tasks ? { taskStore: new InMemoryTaskStore(), taskMessageQueue: new InMemoryTaskMessageQueue() } : {}),
        });
        const seen = [];
        const handle = (schema, kind, answer) => client.setRequestHandler(schema, async (request, extra) => {
                seen.push({ [kind]: request.params });
                const result = await answer(request.params);
                if (!request.params?.task)
                        return result;
                const task = await extra.taskStore.createTask({ ttl: request.params.task.ttl, pollInterval: 100 });
                setTimeout(() => extra.taskStore.storeTaskResult(task.taskId, 'completed', result), 300);
                return { task };
        });
        if (options.sampling)
                handle(types.CreateMessageRequestSchema, 'sampling', options.sampling);
        if (options.elicitation)
                handle(types.ElicitRequestSchema, 'elicitation', options.elicitation);
        if (options.roots)
                handle(types.ListRootsRequestSchema, 'roots', () => ({ roots: options.roots }));

        const transport = new StdioClientTransport({ ...target, env: { ...clientEnv(options.work), ...options.env }, cwd: options.work.path, stderr: options.stderr ? 'pipe' : 'ignore' });
        transport.stderr?.on('data', options.stderr);
        const tap = tapTransport(transport);
        const errors = [];
        client.onerror = (error) => errors.push(String(error.message));
        await client.connect(transport);
        return {
                era: 'legacy',
                client,
                tap,
                seen,
                errors,
                info: () => ({ server: client.getServerVersion(), capabilities: client.getServerCapabilities(), instructions: client.getInstructions() }),
                call: (tool, args, extra = {}) => {
                        const { meta, task, ...rest } = extra;
                        const params = { name: tool, arguments: args };
                        return client.callTool(meta ? { ...params, _meta: meta } : params, undefined, rest);
                },
                request: (method, params, extra) => client.request({ method, ...(params ? { params } : {}) }, types.ResultSchema, extra),
                notify: (method, params) => client.notification({ method, ...(params ? { params } : {}) }),
                onNotification: (handler) => { client.fallbackNotificationHandler = async (message) => handler(message); },
                tools: (params) => client.listTools(params),
                resources: () => client.listResources(),
                templates: () => client.listResourceTemplates(),
                read: (uri) => client.readResource({ uri }),
                subscribe: (uri) => client.subscribeResource({ uri }),
                unsubscribe: (uri) => client.unsubscribeResource({ uri }),
                prompts: () => client.listPrompts(),
                prompt: (prompt, args) => client.getPrompt({ name: prompt, ...(args ? { arguments: args } : {}) }),
                complete: (params) => client.complete(params),
                level: (level) => client.setLoggingLevel(level),
                ping: () => client.ping(),
                tasks: client.experimental.tasks,
                close: () => client.close(),
        };
}
