// SPDX-License-Identifier: Apache-2.0
//
// Runs the same session twice at the same time, directly and through the proxy under policies/allow-all.yaml, and
// reports each scenario as equal or shows where it is not. Of the run through the proxy the bytes at both ends are
// compared as well: a message may not be lost, doubled, changed or overtaken.

import { ALLOW_ALL, BASELINE, recorded, workDir, wrap } from './env.mjs';
import { differences, errorOf, normalise } from './transcript.mjs';
import { note, report, within } from './tap.mjs';
import { compareEnds } from './wire.mjs';

const SCENARIO_MS = 30000;

/** One session: connect, run the scenarios in order, close. Resolves to what was seen. */
async function session(label, policies, group) {
        const work = workDir(label);
        const seen = {};
        const notes = [];
        let ends = [];
        try {
                const target = wrap(group.server(work), policies);
                const c = await within(SCENARIO_MS, `${label}: connecting`, group.connect(target, work));
                c.onNotification((message) => notes.push(message));
                for (const [name, scenario] of Object.entries(group.scenarios)) {
                        try {
                                seen[name] = await within(SCENARIO_MS, name, scenario(c, notes, work));
                        } catch (error) {
                                seen[name] = errorOf(error);
                        }
                }
                if (group.notes !== false)
                        seen['notifications'] = sorted(notes.filter(group.noteFilter ?? (() => true)));
                seen['errors of the client'] = c.errors.filter((text) => !/progress notification for an unknown token/.test(text));
                await within(10000, `${label}: closing`, c.close());
                const files = recorded(work);
                if (files !== null)
                        ends = compareEnds(c.tap, files);
        } catch (error) {
                seen['the session'] = errorOf(error);
        }
        const result = { seen: normalise(JSON.parse(JSON.stringify(seen)), work), ends };
        work.close();
        return result;
}

const sorted = (notes) => [...new Set(notes.map((note) => JSON.stringify(note)))].sort();

/** @groups: {name: {server(work), connect(target, work), scenarios, notes?, noteFilter?}} */
export async function compareGroups(prefix, groups) {
        const runs = Object.entries(groups).map(async ([name, group]) => {
                const [direct, through] = await Promise.all([
                        session('direct', null, group),
                        session('through', BASELINE ? null : ALLOW_ALL, group),
                ]);
                return { name, direct, through };
        });
        for (const run of runs) {
                const { name, direct, through } = await run;
                if (process.env.INTEROP_SHOW)
                        note(JSON.stringify(direct.seen, null, 1));
                for (const scenario of new Set([...Object.keys(direct.seen), ...Object.keys(through.seen)])) {
                        const problems = differences(direct.seen[scenario], through.seen[scenario]);
                        const broken = direct.seen[scenario]?.error?.message?.includes?.('nothing within') ||
                                (scenario === 'the session' && direct.seen[scenario]);
                        report(`${prefix}: ${name}: ${scenario}`, broken ? [`the direct run failed: ${JSON.stringify(direct.seen[scenario])}`] : problems);
                }
                report(`${prefix}: ${name}: the bytes at both ends`, through.ends);
        }
}
