// SPDX-License-Identifier: Apache-2.0
//
// A server of both eras on the TypeScript SDK 2.x: what the released servers of the modern era cannot show without a
// network. modern.mjs DEPS_DIR MARKER: `drop_all` leaves a line in MARKER whenever it really runs.

import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [deps, marker] = process.argv.slice(2);
const need = createRequire(join(deps, 'package.json'));
const { McpServer, ResourceTemplate, acceptedContent, completable, inputRequired, inputResponse } = need('@modelcontextprotocol/server');
const { serveStdio } = need('@modelcontextprotocol/server/stdio');
const { z } = need('zod');

const text = (value) => ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] });
const form = z.object({ sure: z.boolean() });

function addTools(server) {
        server.registerTool('echo', { description: 'Says it again', inputSchema: z.object({ message: z.string() }), annotations: { readOnlyHint: true } },
                ({ message }) => text(message));
        server.registerTool('add', {
                description: 'Adds', inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }),
        }, ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }));
        server.registerTool('big', { description: 'Much text', inputSchema: z.object({ bytes: z.number() }) }, ({ bytes }) => text('x'.repeat(bytes)));
        server.registerTool('fail', { description: 'Always fails', inputSchema: z.object({}) }, () => { throw new Error('it broke'); });
        server.registerTool('drop_all', { description: 'Drops everything', inputSchema: z.object({}), annotations: { destructiveHint: true } }, () => {
                appendFileSync(marker, 'drop_all\n');
                return text('dropped');
        });
        server.registerTool('slow', { description: 'Reports progress', inputSchema: z.object({ steps: z.number(), ms: z.number() }) }, async ({ steps, ms }, ctx) => {
                for (let i = 1; i <= steps; i++) {
                        await new Promise((done) => setTimeout(done, ms));
                        if (ctx.mcpReq.signal.aborted)
                                return text('aborted');
                        const progressToken = ctx.mcpReq._meta?.progressToken;
                        if (progressToken !== undefined)
                                await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: i, total: steps, message: `step ${i}` } });
                }
                return text('done');
        });
        server.registerTool('logs', { description: 'Logs', inputSchema: z.object({}) }, async (_, ctx) => {
                await ctx.mcpReq.log('debug', 'too low', 'modern');
                await ctx.mcpReq.log('warning', { deep: ['logged'] }, 'modern');
                return text('logged');
        });
}

/** What a careless or hostile server does with a credential: puts it everywhere, in every spelling. */
function addLeakingTool(server) {
        const token = process.env.SERVICE_TOKEN ?? '';
        const spellings = () => ({
                plain: token, inside: `Authorization: Bearer ${token}\n`, json: JSON.stringify({ token }), base64: Buffer.from(token).toString('base64'),
                shifted: Buffer.from(`x:${token}`).toString('base64'), base64url: Buffer.from(`xy:${token}`).toString('base64url'), hex: Buffer.from(token).toString('hex'),
                percent: encodeURIComponent(token),
        });
        server.registerTool('token', { description: 'Shows what it should not', inputSchema: z.object({ how: z.string() }) }, async ({ how }, ctx) => {
                if (how === 'digest')
                        return text(createHash('sha256').update(token).digest('hex'));
                if (how === 'error')
                        throw new Error(`cannot log in with ${token}`);
                if (how === 'stderr')
                        process.stderr.write(`token=${token}\n${JSON.stringify(spellings())}\n`);
                if (how === 'notify')
                        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: ctx.mcpReq._meta.progressToken, progress: 1, message: token } });
                return { ...text(JSON.stringify(spellings())), structuredContent: { ...spellings(), [token]: 1, list: [token] }, _meta: { 'example.org/token': token } };
        });
}

/** A credential in the place of a text that must look like one, and of a text that may be any: clients hold the result against the schema. */
function addBadgeTool(server) {
        server.registerTool('badge', { description: 'Shows it in a shape', inputSchema: z.object({ exact: z.boolean() }), outputSchema: z.object({ exact: z.string().regex(/^tok-/).optional(), any: z.string().optional() }) },
                ({ exact }) => ({ ...text(`for ${process.env.SERVICE_TOKEN}`), structuredContent: exact ? { exact: process.env.SERVICE_TOKEN } : { any: process.env.SERVICE_TOKEN } }));
}

/** Tools that need the client's answers: several round trips per call (modern), requests to the client (legacy). */
function addAskingTools(server) {
        server.registerTool('confirm', { description: 'Asks first', inputSchema: z.object({ what: z.string() }) }, ({ what }, ctx) => {
                const answer = inputResponse(ctx.mcpReq.inputResponses, 'sure');
                if (answer.kind === 'missing')
                        return inputRequired({ inputRequests: { sure: inputRequired.elicit({ message: `Do ${what}?`, requestedSchema: form }) }, requestState: `for ${what}` });
                return text({ what, state: ctx.mcpReq.requestState(), accepted: acceptedContent(ctx.mcpReq.inputResponses, 'sure') ?? null });
        });
        server.registerTool('visit', { description: 'Sends to a page', inputSchema: z.object({ url: z.string() }) }, ({ url }, ctx) => {
                if (ctx.mcpReq.inputResponses === undefined)
                        return inputRequired({ inputRequests: { page: inputRequired.elicitUrl({ message: 'Please sign in', url }) } });
                return text(ctx.mcpReq.inputResponses);
        });
        server.registerTool('think', { description: 'Asks the model', inputSchema: z.object({ about: z.string() }) }, ({ about }, ctx) => {
                if (ctx.mcpReq.inputResponses === undefined)
                        return inputRequired({ inputRequests: { thought: inputRequired.createMessage({ maxTokens: 9, messages: [{ role: 'user', content: { type: 'text', text: about } }] }) } });
                return text(ctx.mcpReq.inputResponses);
        });
        server.registerTool('where', { description: 'Asks for the roots', inputSchema: z.object({}) }, (_, ctx) => {
                if (ctx.mcpReq.inputResponses === undefined)
                        return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
                return text(ctx.mcpReq.inputResponses);
        });
        server.registerTool('wait', { description: 'Two rounds without a question', inputSchema: z.object({}) }, (_, ctx) => {
                const round = ctx.mcpReq.requestState();
                return round === 'second' ? text('waited') : inputRequired({ requestState: round === undefined ? 'first' : 'second' });
        });
}

function addRest(server) {
        server.registerResource('handbook', 'docs://handbook', { mimeType: 'text/plain', description: 'The handbook' },
                (uri) => ({ contents: [{ uri: uri.href, text: 'page one' }] }));
        server.registerResource('secret', 'private://salaries', { mimeType: 'text/plain' },
                (uri) => ({ contents: [{ uri: uri.href, text: 'nobody may read this' }] }));
        server.registerResource('page', new ResourceTemplate('docs://page/{n}', { list: undefined, complete: { n: (v) => ['1', '2', '12'].filter((n) => n.startsWith(v)) } }),
                { mimeType: 'text/plain' }, (uri, { n }) => ({ contents: [{ uri: uri.href, text: `page ${n}` }] }));
        server.registerPrompt('greet', { description: 'A greeting', argsSchema: z.object({ who: completable(z.string(), (v) => ['Ann', 'Bob'].filter((n) => n.startsWith(v))) }) },
                ({ who }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Hello ${who}` } }] }));
        server.registerPrompt('hidden-greet', { description: 'Another' }, () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'psst' } }] }));
        server.registerTool('touch', { description: 'Says that things have changed', inputSchema: z.object({}) }, async () => {
                await server.server.sendResourceUpdated({ uri: 'docs://handbook' });
                server.sendToolListChanged();
                server.sendPromptListChanged();
                return text('touched');
        });
}

serveStdio(() => {
        const server = new McpServer({ name: 'interop-modern', version: '1.0.0' }, {
                capabilities: { logging: {}, resources: { subscribe: true, listChanged: true }, tools: { listChanged: true }, prompts: { listChanged: true } },
                instructions: 'Be kind.',
        });
        addTools(server);
        if (process.env.SERVICE_TOKEN) {
                addLeakingTool(server);
                addBadgeTool(server);
        }
        addAskingTools(server);
        addRest(server);
        return server;
});
