// SPDX-License-Identifier: Apache-2.0
//
// The Python SDK (both lines) as client and as server, with and without the proxy.
//
//   test-python.mjs clients    its clients against server-everything and against both Python servers
//   test-python.mjs servers    the TypeScript clients against both Python servers

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { ALLOW_ALL, BASELINE, DEPS, HERE, clientEnv, servers, workDir, wrap } from './lib/env.mjs';
import { compareGroups } from './lib/equal.mjs';
import { note, report, suite, within } from './lib/tap.mjs';
import { differences, errorOf, normalise } from './lib/transcript.mjs';

const [part] = process.argv.slice(2);

/** One session of a Python client, as it reported it. */
async function pythonSession(mode, set, serverName, policies) {
        const work = workDir('python');
        const target = wrap(servers[serverName](work), policies);
        const python = join(DEPS, mode === 'v1' ? 'py-v1' : 'py-v2', 'bin/python');
        const child = spawn(python, [join(HERE, 'clients/python_client.py'), mode, set, target.command, ...target.args],
                { cwd: work.path, env: clientEnv(work), stdio: ['ignore', 'pipe', 'pipe'] });
        const out = [];
        const err = [];
        child.stdout.on('data', (chunk) => out.push(chunk));
        child.stderr.on('data', (chunk) => err.push(chunk));
        const code = await within(60000, `${mode} ${serverName}`, new Promise((done) => child.on('close', done))).catch((error) => {
                child.kill('SIGKILL');
                return error.message;
        });
        let seen;
        try {
                seen = JSON.parse(Buffer.concat(out));
        } catch {
                seen = { failed: `exit ${code}: ${Buffer.concat(err).toString().slice(-1500)}` };
        }
        const result = normalise(seen, work);
        work.close();
        return result;
}

async function comparePython(mode, set, serverName) {
        const [direct, through] = await Promise.all([null, BASELINE ? null : ALLOW_ALL].map((policies) => pythonSession(mode, set, serverName, policies)));
        if (process.env.INTEROP_SHOW)
                note(JSON.stringify(direct, null, 1));
        for (const scenario of new Set([...Object.keys(direct), ...Object.keys(through)])) {
                const problems = scenario === 'failed' && direct.failed ? [`the direct run failed: ${direct.failed}`] : differences(direct[scenario], through[scenario]);
                report(`Python client ${mode}, ${serverName}: ${scenario}`, problems);
        }
}

const seen = (promise) => promise.catch(errorOf);

const scenarios = {
        capabilities: async (c) => c.info(),
        'tools/list': async (c) => seen(c.tools()),
        calls: async (c) => [
                await seen(c.call('echo', { message: 'U+2028 \u2028, CR \r, U+0085 \u0085 and 漢' })),
                await seen(c.call('add', { a: 0.1, b: 1e21 })),
                await seen(c.call('fail', {})),
                await seen(c.call('add', { a: 'x' })),
                await seen(c.call('no_such_tool', {})),
                await seen(c.call('drop_all', {})),
        ],
        progress: async (c) => seen(c.call('slow', { steps: 3 }, { onprogress: () => {} })),
        asking: async (c) => [await seen(c.call('confirm', { what: 'it' })), await seen(c.call('think', { about: 'otters' })), await seen(c.call('where', {}))],
        asked: async (c) => c.seen,
        resources: async (c) => [await seen(c.resources()), await seen(c.templates()), await seen(c.read('docs://handbook')), await seen(c.read('docs://page/3')), await seen(c.read('docs://nothing'))],
        prompts: async (c) => [await seen(c.prompts()), await seen(c.prompt('greet', { who: 'Ann' })), await seen(c.prompt('nobody'))],
        completion: async (c) => seen(c.complete({ ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'who', value: 'A' } })),
};

const able = (work, mode) => ({
        work,
        mode,
        sampling: () => ({ model: 'test-model', role: 'assistant', content: { type: 'text', text: 'a thought' } }),
        elicitation: () => ({ action: 'accept', content: { sure: true } }),
        roots: [{ uri: 'file:///srv/work', name: 'work' }],
});

const parts = {
        clients: async () => {
                await comparePython('v1', 'everything', 'everything');
                await comparePython('legacy', 'everything', 'everything');
                await comparePython('auto', 'everything', 'everything');
                await comparePython('v1', 'python', 'fastmcp');
                await comparePython('auto', 'python', 'mcpserver');
                await comparePython('2026-07-28', 'python', 'mcpserver');
        },
        servers: async () => {
                await compareGroups('Python server', {
                        'ts1, FastMCP 1.x': { server: servers.fastmcp, connect: (target, work) => ts1.connect(target, able(work)), scenarios },
                        'ts1, MCPServer 2.x': { server: servers.mcpserver, connect: (target, work) => ts1.connect(target, able(work)), scenarios },
                });
                await compareGroups('Python server', {
                        'ts2 auto, FastMCP 1.x': { server: servers.fastmcp, connect: (target, work) => ts2.connect(target, able(work, 'auto')), scenarios },
                        'ts2 pinned, MCPServer 2.x': { server: servers.mcpserver, connect: (target, work) => ts2.connect(target, able(work, 'pin')), scenarios },
                });
        },
};

await suite(parts[part]);
