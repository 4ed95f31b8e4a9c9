// SPDX-License-Identifier: Apache-2.0
//
// The official conformance suite against one server, without leastwise and with it under policies/allow-all.yaml: every
// check must come out the same.
//
//   test-conformance.mjs DEPS_DIR LEASTWISE REVISION

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, note, report, suite, within } from '../lib/tap.mjs';

const [deps, leastwise, revision] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const policy = join(here, '../../../policies/allow-all.yaml');
const fixture = [process.execPath, join(here, 'fixture.mjs')];
const LEAST_CHECKS = { '2025-11-25': 80, '2026-07-28': 190 };
const NO_NODE = 77;

/** The suite needs node 22, which Debian 12 does not have: then the one that was installed with it. */
function newerNode() {
        if (Number(process.versions.node.split('.')[0]) >= 22)
                return process.execPath;
        return join(deps, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
}

function firstLine(stream) {
        return new Promise((done) => {
                let text = '';
                stream.on('data', (bytes) => {
                        text += bytes;
                        if (text.includes('\n'))
                                done(text.split('\n')[0]);
                });
        });
}

const exitOf = (child) => new Promise((done) => child.on('exit', (code, signal) => done(code ?? signal)));

/** The status of every check, by scenario and name; a name that occurs again gets a number. */
function checksOf(results) {
        const found = new Map();
        const seen = new Map();
        for (const directory of readdirSync(results).sort()) {
                const scenario = directory.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
                for (const { id, status, errorMessage } of JSON.parse(readFileSync(join(results, directory, 'checks.json'), 'utf8'))) {
                        const name = `${scenario}: ${id}`;
                        const nth = (seen.get(name) ?? 0) + 1;
                        seen.set(name, nth);
                        found.set(nth > 1 ? `${name} (${nth})` : name, { status, errorMessage });
                }
        }
        return found;
}

async function conform(work, label, command) {
        const home = join(work, label);
        mkdirSync(home, { mode: 0o700 });
        const env = { HOME: home, PATH: process.env.PATH };
        const log = join(home, 'lines.log');
        const bridge = spawn(process.execPath, [join(here, 'bridge.mjs'), log, ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
        const gone = exitOf(bridge);
        try {
                const port = (await within(10000, 'the bridge', firstLine(bridge.stdout))).split(' ')[1];
                const results = join(home, 'results');
                const program = join(deps, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
                const args = [program, 'server', '--url', `http://localhost:${port}/mcp`, '--requirements', revision, '--output-dir', results];
                const runner = spawn(newerNode(), args, { env, stdio: 'ignore' });
                const ended = exitOf(runner);
                try {
                        await within(120000, 'the conformance suite', ended);
                } finally {
                        runner.kill();
                }
                return { checks: checksOf(results), lines: existsSync(log) ? readFileSync(log, 'utf8') : '' };
        } finally {
                bridge.kill();
                await gone;
        }
}

function tally(checks) {
        const counts = {};
        for (const { status } of checks.values())
                counts[status] = (counts[status] ?? 0) + 1;
        return JSON.stringify(counts);
}

if (!existsSync(newerNode())) {
        console.log(`1..0 # SKIP the conformance suite needs node 22, and there is none for ${process.arch}`);
        process.exit(NO_NODE);
}

await suite(async () => {
        const work = mkdtempSync(join(tmpdir(), 'conformance-'));
        try {
                const direct = await conform(work, 'direct', fixture);
                const through = await conform(work, 'through', [leastwise, 'run', '--policy', policy, '--', ...fixture]);
                note(`without: ${tally(direct.checks)}\nwith:    ${tally(through.checks)}`);
                const passed = [...direct.checks.values()].filter(({ status }) => status === 'SUCCESS').length;
                check('the server without leastwise passes what it is here to pass', passed >= LEAST_CHECKS[revision], `${passed} passed`);
                check('no check of the server without leastwise fails', ![...direct.checks.values()].some(({ status }) => status === 'FAILURE'));
                for (const name of new Set([...direct.checks.keys(), ...through.checks.keys()])) {
                        const [before, now] = [direct.checks.get(name), through.checks.get(name)];
                        const equal = before?.status === now?.status;
                        const difference = `${before?.status} without, ${now?.status} with: ${now?.errorMessage ?? before?.errorMessage ?? ''}`;
                        report(name, equal ? [] : [difference]);
                }
        } finally {
                rmSync(work, { recursive: true, force: true });
        }
});
