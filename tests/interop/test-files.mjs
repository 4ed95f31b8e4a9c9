// SPDX-License-Identifier: Apache-2.0
//
// server-filesystem and server-memory with and without the proxy, by both TypeScript clients.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { fillDocs, servers } from './lib/env.mjs';
import { compareGroups } from './lib/equal.mjs';
import { suite, until } from './lib/tap.mjs';
import { errorOf } from './lib/transcript.mjs';

const seen = (promise) => promise.catch(errorOf);
const docs = (work, ...names) => join(work.path, 'docs', ...names);

const files = {
        capabilities: async (c) => c.info(),
        'tools/list': async (c) => c.tools(),
        reading: async (c, notes, work) => [
                await seen(c.call('read_text_file', { path: docs(work, 'handbook.txt') })),
                await seen(c.call('read_text_file', { path: docs(work, 'handbook.txt'), head: 1 })),
                await seen(c.call('read_multiple_files', { paths: [docs(work, 'handbook.txt'), docs(work, 'none')] })),
                await seen(c.call('list_directory', { path: docs(work) })),
                await seen(c.call('directory_tree', { path: docs(work) })),
                await seen(c.call('search_files', { path: docs(work), pattern: '**/*.md' })),
                await seen(c.call('list_allowed_directories', {})),
        ],
        writing: async (c, notes, work) => [
                await seen(c.call('write_file', { path: docs(work, 'new é.txt'), content: 'line\nline\n' })),
                await seen(c.call('edit_file', { path: docs(work, 'new é.txt'), edits: [{ oldText: 'line\nline', newText: 'other' }] })),
                await seen(c.call('create_directory', { path: docs(work, 'd') })),
                await seen(c.call('move_file', { source: docs(work, 'new é.txt'), destination: docs(work, 'd/moved.txt') })),
                readFileSync(docs(work, 'd/moved.txt'), 'utf8'),
        ],
        'outside its directories': async (c, notes, work) => [
                await seen(c.call('read_text_file', { path: join(work.path, 'private/salaries.txt') })),
                await seen(c.call('read_text_file', { path: docs(work, '../private/salaries.txt') })),
        ],
};

const roots = {
        'the roots replace the directories': async (c, notes, work) => {
                let directories;
                await until('the server has taken the roots', async () => {
                        directories = await seen(c.call('list_allowed_directories', {}));
                        return JSON.stringify(directories).includes('private');
                });
                return [
                        directories,
                        await seen(c.call('read_text_file', { path: join(work.path, 'private/salaries.txt') })),
                        await seen(c.call('read_text_file', { path: docs(work, 'handbook.txt') })),
                ];
        },
};

const memory = {
        capabilities: async (c) => c.info(),
        'tools/list': async (c) => c.tools(),
        graph: async (c) => [
                await seen(c.call('create_entities', { entities: [{ name: 'otter', entityType: 'animal', observations: ['swims'] }, { name: 'river', entityType: 'place', observations: [] }] })),
                await seen(c.call('create_relations', { relations: [{ from: 'otter', to: 'river', relationType: 'lives in' }] })),
                await seen(c.call('add_observations', { observations: [{ entityName: 'otter', contents: ['dives', '\u2028'] }] })),
                await seen(c.call('add_observations', { observations: [{ entityName: 'nobody', contents: ['x'] }] })),
                await seen(c.call('read_graph', {})),
                await seen(c.call('search_nodes', { query: 'div' })),
                await seen(c.call('open_nodes', { names: ['river'] })),
                await seen(c.call('delete_entities', { entityNames: ['river'] })),
                await seen(c.call('read_graph', {})),
        ],
};

function fileServer(work) {
        return servers.filesystem(work, fillDocs(work.path));
}

await suite(async () => {
        for (const [name, sdk] of Object.entries({ ts1, ts2 }))
                await compareGroups(name, {
                        filesystem: { server: fileServer, connect: (target, work) => sdk.connect(target, { work }), scenarios: files },
                        'filesystem with roots': {
                                server: fileServer,
                                connect: (target, work) => sdk.connect(target, { work, roots: [{ uri: `file://${join(work.path, 'private')}` }] }),
                                scenarios: roots,
                        },
                        memory: { server: servers.memory, connect: (target, work) => sdk.connect(target, { work }), scenarios: memory },
                });
});
