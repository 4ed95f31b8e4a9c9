// SPDX-License-Identifier: Apache-2.0
//
// How sessions end, with real clients and servers: whatever goes first, nothing of the session is left. Processes are
// found by the private home directory that all of them inherit.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { ALLOW_ALL, BASELINE, DEPS, HERE, clientEnv, servers, workDir, wrap } from './lib/env.mjs';
import { goneAfter, processesOf } from './lib/raw.mjs';
import { check, note, suite, until, within } from './lib/tap.mjs';

const policies = BASELINE ? null : ALLOW_ALL;
const BUDGET_MS = 2500;
const TIMERS = ['toggle-simulated-logging', 'toggle-subscriber-updates'];

/* As `npx` does it: a shell that stays, and the server below it. */
const below = (server) => ({ command: '/bin/sh', args: ['-c', '"$@"; exit $?', 'sh', server.command, ...server.args] });
/* The real thing, on the installed package: npm, its shell, the server. */
const npx = () => ({ command: 'npx', args: ['--offline', '--prefix', DEPS, 'mcp-server-everything', 'stdio'] });
/* A helper that keeps the server's descriptors and does not care about end of file. */
const withHelper = (server) => ({ command: '/bin/sh', args: ['-c', 'sleep 600 & "$@"', 'sh', server.command, ...server.args] });
const deaf = (work) => ({
        command: '/bin/sh',
        args: ['-c', 'trap "" TERM HUP INT; "$@"; while :; do sleep 1; done', 'sh', servers.memory(work).command, ...servers.memory(work).args],
});

/** @start: when the end began; all of it counts. */
async function gone(label, work, start = Date.now()) {
        const ms = await goneAfter(work, Math.max(0, start + BUDGET_MS - Date.now()));
        check(`${label}: nothing is left${ms === undefined ? ` within ${BUDGET_MS} ms` : ''}`, ms !== undefined, JSON.stringify(processesOf(work)));
        if (ms !== undefined)
                note(`after ${Date.now() - start} ms`);
        for (const { pid } of processesOf(work))
                process.kill(pid, 'SIGKILL');
        work.close();
}

async function closed(label, sdk, makeServer, options = {}, calls = []) {
        const work = workDir('life');
        const c = await within(20000, 'connecting', sdk.connect(wrap(makeServer(work), policies), { work, ...options }));
        await c.tools();
        for (const tool of calls)
                await c.call(tool, {});
        check(`${label}: it runs`, processesOf(work).length >= (policies === null ? 1 : 2), JSON.stringify(processesOf(work)));
        const start = Date.now();
        await within(10000, 'closing', c.close());
        await gone(`${label}: closed by the client`, work, start);
}

/** A client in its own process; resolves when it is ready. */
async function hold(work, command, args) {
        const child = spawn(command, args, { cwd: work.path, env: { ...clientEnv(work), HOME: '/', INTEROP_DEPS: DEPS }, stdio: ['pipe', 'pipe', 'ignore'] });
        let out = '';
        child.stdout.on('data', (chunk) => { out += chunk; });
        await until('the client is ready', () => out.includes('ready'), 20000);
        return child;
}

const holder = (work, which, target, calls = '-') =>
        hold(work, process.execPath, [join(HERE, 'clients/holder.mjs'), which, work.home, calls, target.command, ...target.args]);

async function killed(label, makeServer, which, calls) {
        const work = workDir('life');
        const client = await holder(work, which, wrap(makeServer(work), policies), calls);
        client.kill('SIGKILL');
        await gone(`${label}: the client is killed`, work);
}

async function proxyKilled(label, makeServer) {
        const work = workDir('life');
        const client = await holder(work, 'ts1', wrap(makeServer(work), policies));
        const proxy = processesOf(work).find(({ command }) => command.includes(' run --policy '));
        process.kill(proxy.pid, 'SIGKILL');
        await gone(`${label}: the proxy is killed`, work);
        client.kill('SIGKILL');
}

async function pythonClosed(line, mode, kill) {
        const work = workDir('life');
        const target = wrap(servers.everything(work), policies);
        const script = join(work.path, 'env.sh');
        writeFileSync(script, `#!/bin/sh\nHOME='${work.home}' exec "$@"\n`, { mode: 0o755 });
        const client = await hold(work, join(DEPS, line, 'bin/python'), [join(HERE, 'clients/python_client.py'), mode, 'probe', script, target.command, ...target.args]);
        const ended = new Promise((done) => client.on('exit', done));
        if (kill)
                client.kill('SIGKILL');
        else
                client.stdin.end();
        await gone(`Python client ${mode}: ${kill ? 'killed' : 'closed'}`, work);
        await within(10000, 'the client ends', ended);
}

await suite(async () => {
        const everything = servers.everything;
        await closed('ts1, server-everything', ts1, everything);
        await closed('ts1, server-everything with timers running', ts1, everything, {}, TIMERS);
        await closed('ts2 legacy, server-everything with timers running', ts2, everything, {}, TIMERS);
        await closed('ts2 auto, modern server', ts2, servers.modern, { mode: 'auto' });
        await closed('ts1, FastMCP', ts1, servers.fastmcp);
        await pythonClosed('py-v1', 'v1', false);
        await pythonClosed('py-v2', 'auto', false);
        if (BASELINE)
                return;
        /* These leave something behind without the proxy: clients end their own child alone. */
        await closed('npx', ts1, npx, {}, TIMERS);
        await killed('npx', npx, 'ts2', TIMERS.join());
        await closed('a shell above the server', ts1, (work) => below(everything(work)));
        await closed('a shell above a server with timers running', ts1, (work) => below(everything(work)), {}, TIMERS);
        await closed('a helper that keeps the pipes', ts1, (work) => withHelper(everything(work)));
        await closed('a server deaf to signals', ts1, deaf);
        await killed('ts1, server-everything with timers running', everything, 'ts1', TIMERS.join());
        await killed('a shell above a server with timers running', (work) => below(everything(work)), 'ts1', TIMERS.join());
        await killed('a helper that keeps the pipes', (work) => withHelper(everything(work)), 'ts2');
        await killed('a server deaf to signals', deaf, 'ts1');
        await pythonClosed('py-v1', 'v1', true);
        await pythonClosed('py-v2', 'auto', true);
        await proxyKilled('server-everything', everything);
        await proxyKilled('a helper that keeps the pipes', (work) => withHelper(everything(work)));
        await proxyKilled('a server deaf to signals', deaf);
});
