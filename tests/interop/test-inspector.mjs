// SPDX-License-Identifier: Apache-2.0
//
// The Inspector's command line with and without the proxy: one process per request, as scripts use it.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ALLOW_ALL, BASELINE, DEPS, clientEnv, servers, workDir, wrap } from './lib/env.mjs';
import { note, report, suite, within } from './lib/tap.mjs';
import { differences, normalise } from './lib/transcript.mjs';

const INSPECTOR = join(DEPS, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');

async function inspect(serverName, policies, args) {
        const work = workDir('inspector');
        const target = wrap(servers[serverName](work), policies);
        const child = spawn(process.execPath, [INSPECTOR, '--cli', '--quiet', '--format', 'json', ...args, '--', target.command, ...target.args],
                { cwd: work.path, env: clientEnv(work), stdio: ['ignore', 'pipe', 'pipe'] });
        const out = { stdout: '', stderr: '' };
        for (const stream of ['stdout', 'stderr'])
                child[stream].on('data', (chunk) => { out[stream] += chunk; });
        const code = await within(40000, `inspector ${args.join(' ')}`, new Promise((done) => child.on('close', done)));
        const result = normalise({ code, ...out }, work);
        work.close();
        return result;
}

const runs = [
        ['everything', '--method', 'tools/list'],
        ['everything', '--method', 'tools/call', '--tool-name', 'get-sum', '--tool-args-json', '{"a":1.5,"b":2}'],
        ['everything', '--method', 'tools/call', '--tool-name', 'no_such_tool'],
        ['everything', '--method', 'resources/read', '--uri', 'demo://resource/static/document/features.md'],
        ['everything', '--method', 'prompts/get', '--prompt-name', 'args-prompt', '--prompt-args', 'city=Oslo'],
        ['everything', '--method', 'tools/list', '--protocol-era', 'auto'],
        ['modern', '--method', 'tools/list', '--protocol-era', 'modern'],
        ['modern', '--method', 'tools/call', '--tool-name', 'add', '--tool-args-json', '{"a":1,"b":2}', '--protocol-era', 'auto'],
        ['modern', '--method', 'resources/list', '--protocol-era', 'modern'],
        ['fastmcp', '--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=hello'],
        ['mcpserver', '--method', 'prompts/list', '--protocol-era', 'modern'],
];

/* An Inspector takes half a second of processor to start: a few at a time. */
const AT_ONCE = 3;

await suite(async () => {
        const todo = runs.map((run, index) => ({ run, index }));
        const results = [];
        const work = async () => {
                for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
                        const [server, ...args] = next.run;
                        results[next.index] = [await inspect(server, null, args), await inspect(server, BASELINE ? null : ALLOW_ALL, args)];
                }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        for (const [index, [direct, through]] of results.entries()) {
                const [server, ...args] = runs[index];
                if (process.env.INTEROP_SHOW)
                        note(JSON.stringify(direct, null, 1));
                const empty = direct.stdout === '' && direct.stderr === '' ? ['the direct run printed nothing'] : [];
                report(`inspector, ${server}: ${args.join(' ')}`, [...empty, ...differences(direct, through)]);
        }
});
