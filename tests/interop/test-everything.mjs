// SPDX-License-Identifier: Apache-2.0
//
// server-everything with and without the proxy, all its features.
//
//   test-everything.mjs ts1 | ts2 legacy | ts2 auto

import * as ts1 from './clients/ts1.mjs';
import * as ts2 from './clients/ts2.mjs';
import { servers } from './lib/env.mjs';
import { compareGroups } from './lib/equal.mjs';
import * as all from './lib/scenarios.mjs';
import { suite, until } from './lib/tap.mjs';

const [which, mode = 'legacy'] = process.argv.slice(2);
const sdk = { ts1, ts2 }[which];

const FORM = { name: 'Ann', check: true, email: 'ann@example.org', integer: 7, number: 1.5, interpretation: 'snake' };

/* A client that can do everything and answers as its `mood` says. */
async function connect(target, work, options) {
        const rootsList = [{ uri: 'file:///srv/work', name: 'work' }];
        let face;
        const mood = () => face?.mood ?? 'accept';
        face = await sdk.connect(target, {
                work,
                mode,
                sampling: (params) => ({ model: 'test-model', role: 'assistant', stopReason: 'endTurn', content: { type: 'text', text: `echo ${params.messages[0].content.text}` } }),
                elicitation: (params) => (mood() !== 'accept' ? { action: mood() } : params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: answer(params) }),
                roots: rootsList,
                ...options,
        });
        face.rootsList = rootsList;
        await until('the server has read the roots', () => Buffer.concat(face.tap.received).includes('Roots updated'));
        return face;
}

/* Only what was asked for: a client validates its own answer against the form. */
function answer(params) {
        const fields = Object.keys(params.requestedSchema.properties);
        return Object.fromEntries(Object.entries(FORM).filter(([key]) => fields.includes(key)));
}

/* The text and level of a simulated log message are random. */
const steady = (note) => !(note.method === 'notifications/message' && /-level|level-/.test(note.params.data));

await suite(async () => {
        const group = (scenarios, options = {}, rest = {}) => ({ server: servers.everything, connect: (target, work) => connect(target, work, options), scenarios, noteFilter: steady, ...rest });
        await compareGroups(`${which} ${which === 'ts2' ? mode : ''}`.trim(), {
                plain: group(all.plain),
                progress: group(all.progress),
                asking: group(all.asking),
                ...(which === 'ts1' ? { tasks: group(all.tasks, {}, { notes: false }), hosted: group(all.hosted, { tasks: true }, { notes: false }) } : {}),
        });
});
