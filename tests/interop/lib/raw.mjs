// SPDX-License-Identifier: Apache-2.0
//
// A client without an SDK: sends bytes exactly as given, and finds processes by the private home that they inherit.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { clientEnv } from './env.mjs';
import { sleep } from './tap.mjs';

export class Raw {
        constructor(target, work) {
                this.child = spawn(target.command, target.args, { cwd: work.path, env: clientEnv(work), stdio: ['pipe', 'pipe', 'pipe'] });
                this.lines = [];
                this.stderr = '';
                let rest = '';
                this.child.stdout.setEncoding('utf8').on('data', (text) => {
                        const parts = (rest + text).split('\n');
                        rest = parts.pop();
                        this.lines.push(...parts);
                });
                this.child.stderr.setEncoding('utf8').on('data', (text) => { this.stderr += text; });
                this.child.stdin.on('error', () => {});
                this.exited = new Promise((done) => this.child.on('close', (code, signal) => done({ code, signal })));
        }

        send(bytes) {
                this.child.stdin.write(bytes);
        }

        /** The answer to @id, or undefined when there is none in time. */
        async answer(id, ms = 5000) {
                const end = Date.now() + ms;
                let read = 0;
                for (;;) {
                        for (; read < this.lines.length; read++) {
                                const message = JSON.parse(this.lines[read]);
                                if (message.id === id && !('method' in message))
                                        return message;
                        }
                        if (Date.now() > end)
                                return undefined;
                        await sleep(5);
                }
        }

        async handshake(version = '2025-11-25') {
                this.send(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"${version}","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}\n`);
                const answer = await this.answer('hello', 15000);
                this.send('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
                return answer;
        }

        async end(ms = 5000) {
                this.child.stdin.end();
                const late = sleep(ms).then(() => 'late');
                if (await Promise.race([this.exited, late]) === 'late')
                        this.child.kill('SIGKILL');
                return this.exited;
        }
}

/** Every process that was started with this home, whoever its parent is by now. */
export function processesOf(work) {
        const found = [];
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
                try {
                        if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${work.home}`))
                                found.push({ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 160) });
                } catch {
                        /* It has ended meanwhile. */
                }
        }
        return found;
}

/** How long it took until nothing of @work was left; undefined when something still is after @ms. */
export async function goneAfter(work, ms) {
        const start = Date.now();
        for (;;) {
                if (processesOf(work).length === 0)
                        return Date.now() - start;
                if (Date.now() - start > ms)
                        return undefined;
                await sleep(10);
        }
}
