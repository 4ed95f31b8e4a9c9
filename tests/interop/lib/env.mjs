// SPDX-License-Identifier: Apache-2.0
//
// Where everything is: the installed peers, the program under test, a private working directory per run, and the
// command lines of the servers with and without the proxy in front.

import { createRequire } from 'node:module';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
export const SOURCE = dirname(dirname(HERE));
export const DEPS = process.env.INTEROP_DEPS ?? fail('INTEROP_DEPS is not set: start the tests with ./run');
export const LEASTWISE = process.env.INTEROP_LEASTWISE ?? 'leastwise';
export const BASELINE = process.env.INTEROP_BASELINE === '1';
export const need = createRequire(join(DEPS, 'package.json'));

const MODULES = join(DEPS, 'node_modules', '@modelcontextprotocol');

function fail(why) {
        console.error(why);
        process.exit(99);
}

/** The versions that this run really uses, for the reports. */
export function versionOf(name) {
        return JSON.parse(need('node:fs').readFileSync(join(DEPS, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** A private directory: home for the proxy's state, files for the servers. Removed by `close`. */
export function workDir(label) {
        const path = mkdtempSync(join(tmpdir(), `interop-${label}-`));
        const home = join(path, 'home');
        mkdirSync(home, { mode: 0o700 });
        return { path, home, close: () => rmSync(path, { recursive: true, force: true }) };
}

/** What a file server needs to have something to serve; the same for every run. */
export function fillDocs(dir) {
        mkdirSync(join(dir, 'docs/deep'), { recursive: true });
        mkdirSync(join(dir, 'private'));
        writeFileSync(join(dir, 'docs/handbook.txt'), 'one\ntwo\nthree \u2028 not a line end\n');
        writeFileSync(join(dir, 'docs/deep/notes.md'), '# Notes\n');
        writeFileSync(join(dir, 'private/salaries.txt'), 'nobody may read this\n');
        return join(dir, 'docs');
}

function node(work, script, ...args) {
        const hook = `${pathToFileURL(join(HERE, 'servers/record.mjs'))}?to=${encodeURIComponent(join(work.path, 'server'))}`;
        return { command: process.execPath, args: ['--import', hook, script, ...args] };
}

/** The servers. Each makes a command line; the ones on node also record the bytes that they read and write. */
export const servers = {
        everything: (work) => node(work, join(MODULES, 'server-everything/dist/index.js'), 'stdio'),
        filesystem: (work, ...dirs) => node(work, join(MODULES, 'server-filesystem/dist/index.js'), ...dirs),
        memory: (work) =>
                node(work, '--import', `data:text/javascript,process.env.MEMORY_FILE_PATH=${JSON.stringify(join(work.path, 'memory.jsonl'))}`,
                        join(MODULES, 'server-memory/dist/index.js')),
        context7: (work) => node(work, join(DEPS, 'node_modules/@upstash/context7-mcp/dist/index.js')),
        modern: (work) => node(work, join(HERE, 'servers/modern.mjs'), DEPS, join(work.path, 'ran')),
        fastmcp: (work) => ({
                command: join(DEPS, 'py-v1/bin/python'),
                args: ['-u', join(HERE, 'servers/python_server.py'), join(work.path, 'ran')],
        }),
        mcpserver: (work) => ({
                command: join(DEPS, 'py-v2/bin/python'),
                args: ['-u', join(HERE, 'servers/python_server.py'), join(work.path, 'ran')],
        }),
};

export const ALLOW_ALL = join(SOURCE, 'policies/allow-all.yaml');
export const policy = (name) => join(HERE, 'policies', `${name}.yaml`);

/** The client's command line: the server itself, or the proxy in front of it. */
export function wrap(server, policies, ...options) {
        if (policies === null)
                return server;
        const files = (Array.isArray(policies) ? policies : [policies]).flatMap((file) => ['--policy', file]);
        return { command: LEASTWISE, args: ['run', ...files, ...options, '--', server.command, ...server.args] };
}

/**
 * What an SDK hands on by itself, all six names: leastwise passes the same ones, and fills in USER and LOGNAME, which
 * a service's environment may lack, from the password file.
 */
export function clientEnv(work) {
        const { username, shell } = userInfo();
        return {
                HOME: work.home,
                LOGNAME: process.env.LOGNAME ?? username,
                PATH: process.env.PATH,
                SHELL: process.env.SHELL ?? shell ?? '/bin/sh',
                TERM: process.env.TERM ?? 'dumb',
                USER: process.env.USER ?? username,
        };
}

/** Files that servers/record.mjs wrote, of the server process that was started last. */
export function recorded(work) {
        const starts = readdirSync(work.path).filter((name) => /^server\.\d+\.\d+\.in$/.test(name)).sort((a, b) =>
                Number(a.split('.')[1]) - Number(b.split('.')[1]));
        if (starts.length === 0)
                return null;
        const base = join(work.path, starts.at(-1).slice(0, -'.in'.length));
        return { in: `${base}.in`, out: `${base}.out` };
}
