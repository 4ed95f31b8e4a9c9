// SPDX-License-Identifier: Apache-2.0
//
// The policies that people start from, in front of the real servers: the tools that are visible, calls that pass and
// calls that do not, and that `leastwise init` makes a good policy of what each server lists.
//
//   test-starters.mjs

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import { LEASTWISE, SOURCE, clientEnv, fillDocs, servers, workDir, wrap } from './lib/env.mjs';
import { check, suite, within } from './lib/tap.mjs';
import { errorOf } from './lib/transcript.mjs';

const visible = JSON.parse(readFileSync(join(SOURCE, 'tests/policies/visible.json'), 'utf8'));
const file = (name) => join(SOURCE, 'policies', `${name}.yaml`);
const show = (value) => JSON.stringify(value);
const sorted = (names) => show([...names].sort());

function run(work, ...args) {
        return new Promise((done) => execFile(LEASTWISE, args, { cwd: work.path, env: clientEnv(work), timeout: 20000 },
                (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr })));
}

/** The verdicts on the real list, against what the excerpt in tests/policies/lists gave. */
async function lists(name, work, server, ...bind) {
        const result = await run(work, 'tools', '--json', '--policy', file(name), ...bind, '--', server.command, ...server.args);
        if (result.status !== 0) {
                check(`${name}: the tools are listed`, false, result.stderr);
                return;
        }
        const { tools } = JSON.parse(result.stdout);
        for (const verdict of ['allow', 'approve'])
                check(`${name}: what of the real server's tools is "${verdict}"`,
                        sorted(tools.filter((tool) => tool.verdict === verdict).map((tool) => tool.name)) === sorted(visible[name][verdict] ?? []), result.stdout);
}

async function init(name, work, server) {
        const out = join(work.path, `${name}.yaml`);
        const made = await run(work, 'init', '--output', out, '--', server.command, ...server.args);
        check(`init for ${name} writes a policy`, made.status === 0, made.stderr);
        const good = await run(work, 'check', out);
        check(`init for ${name}: it is good`, good.status === 0, good.stdout + good.stderr);
        const again = await run(work, 'init', '--output', out, '--', server.command, ...server.args);
        check(`init for ${name} does not overwrite it`, again.status === 1, again.stderr);
}

async function calls(name, work, server, bind, body) {
        const c = await within(20000, 'connecting', ts1.connect(wrap(server, file(name), ...bind), { work }));
        try {
                const passes = async (tool, args, part) => {
                        const result = await c.call(tool, args).catch(errorOf);
                        check(`${name}: ${tool} ${show(args).slice(0, 100)} passes`, result.isError !== true && show(result).includes(part), show(result));
                };
                const refused = async (tool, args, part) => {
                        const result = await c.call(tool, args).catch(errorOf);
                        check(`${name}: ${tool} ${show(args).slice(0, 100)} is refused`, (result.isError === true || result.error !== undefined) && show(result).includes(part), show(result));
                };
                await body(passes, refused);
        } finally {
                await within(10000, 'closing', c.close());
        }
}

async function editor() {
        const work = workDir('editor');
        const docs = fillDocs(work.path);
        const server = () => servers.filesystem(work, work.path);
        const bind = ['--bind', `project=${docs}`];
        mkdirSync(join(docs, '.git'));
        symlinkSync(join(work.path, 'private'), join(docs, 'link'));
        writeFileSync(join(docs, '.env'), 'TOKEN=nobody may read this\n');
        await lists('docs-reader', work, server());
        await lists('project-editor', work, server(), ...bind);
        await init('filesystem', work, server());
        await calls('project-editor', work, server(), bind, async (passes, refused) => {
                await passes('read_text_file', { path: join(docs, 'handbook.txt') }, 'three');
                await passes('write_file', { path: join(docs, 'new.txt'), content: 'x' }, 'new.txt');
                await passes('edit_file', { path: join(docs, 'new.txt'), edits: [{ oldText: 'x', newText: 'y' }] }, 'new.txt');
                await refused('read_text_file', { path: join(work.path, 'private/salaries.txt') }, 'project-editor');
                await refused('read_text_file', { path: `${docs}/../private/salaries.txt` }, 'project-editor');
                await refused('read_text_file', { path: join(docs, 'link/salaries.txt') }, 'project-editor');
                await refused('read_text_file', { path: join(docs, '.env') }, 'Secrets are never part of editing');
                await refused('write_file', { path: join(docs, '.git/config'), content: 'x' }, 'run by others');
                await refused('move_file', { source: join(docs, 'new.txt'), destination: join(docs, 'other.txt') }, 'Not run yet: it needs a person');
        });
        work.close();
}

async function memory() {
        const work = workDir('memory');
        await lists('memory-keeper', work, servers.memory(work));
        await init('memory', work, servers.memory(work));
        await calls('memory-keeper', work, servers.memory(work), [], async (passes, refused) => {
                await passes('create_entities', { entities: [{ name: 'otter', entityType: 'animal', observations: ['swims'] }] }, 'otter');
                await passes('search_nodes', { query: 'swims' }, 'otter');
                await refused('create_entities', { entities: [{ name: 'otter', entityType: 'animal', observations: ['x'.repeat(501)] }] }, 'memory-keeper');
                await refused('delete_entities', { entityNames: ['otter'] }, 'taken away by a person');
                await passes('read_graph', {}, 'otter');
        });
        work.close();
}

async function others() {
        const work = workDir('others');
        await lists('everything-tour', work, servers.everything(work));
        await init('everything', work, servers.everything(work));
        await calls('everything-tour', work, servers.everything(work), [], async (passes, refused) => {
                await passes('get-sum', { a: 1, b: 2 }, '3');
                await refused('get-env', {}, 'whatever secret is there');
                await refused('trigger-long-running-operation', { duration: 31, steps: 1 }, 'everything-tour');
        });
        await lists('library-docs', work, servers.context7(work));
        await init('context7', work, servers.context7(work));
        work.close();
}

await suite(async () => {
        await editor();
        await memory();
        await others();
});
