// SPDX-License-Identifier: Apache-2.0
//
// Streamable HTTP on localhost in front of stdio servers, since the conformance suite speaks HTTP only: one process per
// legacy session, one for all requests of the modern era (with ids of its own, as the suite's repeat). It says `port N`
// once it listens; LOG gets every line of every process.
//
//   bridge.mjs LOG COMMAND...

import http from 'node:http';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

const [logFile, ...command] = process.argv.slice(2);
const META = 'io.modelcontextprotocol/';
const log = (s) => appendFileSync(logFile, s + '\n');
const sse = (res, m) => res.write(`event: message\ndata: ${JSON.stringify(m)}\n\n`);
/** The HTTP status that the revision 2026-07-28 asks for. */
const STATUS = { '-32601': 404, '-32602': 400, '-32021': 400, '-32022': 400, '-32020': 400, '-32600': 400 };
let number = 0;

/** One server process, with leastwise in front of it or not, and the HTTP responses that wait for its lines. */
class Chain {
        constructor(modern) {
                this.modern = modern;
                this.name = `${modern ? 'M' : 'L'}${number++}`;
                this.open = new Map();
                this.streams = [];
                this.queue = [];
                this.ids = 0;
                this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
                this.child.stderr.on('data', (d) => log(`${this.name} E ${String(d).trim()}`));
                createInterface({ input: this.child.stdout }).on('line', (l) => {
                        log(`${this.name} < ${l}`);
                        this.fromServer(JSON.parse(l));
                });
                this.child.stdin.on('error', () => {});
                this.child.on('exit', (c, s) => {
                        log(`${this.name} X ${c} ${s}`);
                        this.dead = true;
                        for (const e of this.open.values()) {
                                e.res.headersSent || e.res.writeHead(500);
                                e.res.end();
                        }
                });
        }

        write(m) {
                const l = JSON.stringify(m);
                log(`${this.name} > ${l}`);
                if (!this.dead) this.child.stdin.write(l + '\n');
        }

        request(m, res) {
                const id = this.modern ? `h${this.ids++}` : m.id,
                        e = { res, id: m.id, method: m.method, token: m.params?._meta?.progressToken };
                this.open.set(id, e);
                if (!this.modern) this.stream(e);
                res.on('close', () => {
                        if (this.modern && this.open.delete(id))
                                this.write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
                });
                this.write({ ...m, id });
        }

        stream(e) {
                if (!e.res.headersSent) {
                        e.res.writeHead(200, {
                                'Content-Type': 'text/event-stream',
                                'Cache-Control': 'no-cache',
                                ...(this.sid ? { 'Mcp-Session-Id': this.sid } : {}),
                        });
                        e.res.flushHeaders();
                }
        }

        /** A line belongs to the request that it names, else to the newest open one, else to the GET stream. */
        fromServer(m) {
                if (m.method === undefined) {
                        const e = this.open.get(m.id);
                        if (!e) return log(`${this.name} ! answer to nothing ${m.id}`);
                        this.open.delete(m.id);
                        const out = { ...m, id: e.id };
                        if (e.res.headersSent) {
                                sse(e.res, out);
                                return e.res.end();
                        }
                        e.res.writeHead(m.error ? (STATUS[m.error.code] ?? 200) : 200, { 'Content-Type': 'application/json' });
                        return e.res.end(JSON.stringify(out));
                }
                let e;
                const sub = m.params?._meta?.[META + 'subscriptionId'];
                if (sub !== undefined) {
                        e = this.open.get(sub);
                        m.params._meta[META + 'subscriptionId'] = String(e?.id);
                } else if (m.method === 'notifications/progress') e = [...this.open.values()].find((x) => x.token === m.params.progressToken);
                else if (!/list_changed|updated/.test(m.method)) e = [...this.open.values()].findLast((x) => x.method !== 'subscriptions/listen');
                if (e) {
                        this.stream(e);
                        return sse(e.res, m);
                }
                if (this.streams.length) sse(this.streams[0], m);
                else this.queue.push(m);
        }

        end() {
                this.child.stdin.end();
                for (const r of this.streams) r.end();
        }
}

const OF = {
        'tools/call': 'name',
        'prompts/get': 'name',
        'resources/read': 'uri',
        'tasks/get': 'taskId',
        'tasks/update': 'taskId',
        'tasks/cancel': 'taskId',
};

const unwrap = (v) => {
        const m = /^=\?base64\?(.*)\?=$/.exec(v);
        if (!m) return v;
        return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(m[1]) ? Buffer.from(m[1], 'base64').toString() : undefined;
};

/** The name of a header that does not say what the body says (SEP-2243). */
function headers(req, m) {
        if (m.id === undefined || m.params?._meta?.[META + 'protocolVersion'] === undefined) return;
        const h = (n) => req.headers[n]?.trim();
        if (h('mcp-method') !== m.method) return 'Mcp-Method';
        const f = OF[m.method];
        if (f && typeof m.params[f] === 'string' && unwrap(h('mcp-name') ?? '') !== m.params[f]) return 'Mcp-Name';
        if (m.method === 'tools/call' && m.params.name === 'test_headers') {
                const v = m.params.arguments?.region;
                const g = h('mcp-param-region');
                if ((g === undefined ? undefined : unwrap(g)) !== v || (g !== undefined && !/^[\x20-\x7e]*$/.test(g))) return 'Mcp-Param-Region';
        }
}

const sessions = new Map();
let shared;
const fail = (res, status, code, message, id = null) => {
        res.writeHead(status, { 'Content-Type': 'application/json' });
        res.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
};
const local = (h) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(h ?? '');

const listener = http.createServer((req, res) => {
        const origin = req.headers.origin;
        if (!local(req.headers.host) || (origin && !local(origin.replace(/^https?:\/\//, '')))) return fail(res, 403, -32000, 'Forbidden host');
        const sid = req.headers['mcp-session-id'],
                s = sid && sessions.get(sid);
        if (sid && !s) return fail(res, 404, -32001, 'Session not found');
        if (req.method === 'DELETE') {
                if (!s) return fail(res, 400, -32000, 'No session');
                sessions.delete(sid);
                s.end();
                return res.writeHead(200).end();
        }
        if (req.method === 'GET') {
                if (!s) return fail(res, 405, -32000, 'No session');
                res.writeHead(200, { 'Content-Type': 'text/event-stream' });
                res.flushHeaders();
                s.streams.push(res);
                res.on('close', () => s.streams.splice(s.streams.indexOf(res), 1));
                for (const m of s.queue.splice(0)) sse(res, m);
                return;
        }
        if (req.method !== 'POST') return fail(res, 405, -32000, 'Method not allowed');
        const parts = [];
        req.on('data', (d) => parts.push(d)).on('end', () => {
                let m;
                try {
                        m = JSON.parse(Buffer.concat(parts));
                } catch {
                        return fail(res, 400, -32700, 'Parse error');
                }
                const version = req.headers['mcp-protocol-version'],
                        own = m.params?._meta?.[META + 'protocolVersion'];
                let chain = s;
                if (!chain) {
                        const modern = own !== undefined || (version ?? '') >= '2026' || m.method !== 'initialize';
                        if (modern) {
                                if (own !== undefined && version !== own) return fail(res, 400, -32020, 'Header mismatch', m.id);
                                const bad = headers(req, m);
                                if (bad) return fail(res, 400, -32020, bad, m.id);
                                if (!shared || shared.dead) shared = new Chain(true);
                                chain = shared;
                        } else {
                                chain = new Chain(false);
                                chain.sid = randomUUID();
                                sessions.set(chain.sid, chain);
                        }
                }
                if (m.id !== undefined && m.method !== undefined) return chain.request(m, res);
                chain.write(m);
                res.writeHead(202).end();
        });
});
listener.listen(0, '127.0.0.1', () => console.log(`port ${listener.address().port}`));

const stop = () => {
        for (const c of [...sessions.values(), ...(shared ? [shared] : [])]) c.end();
        setTimeout(() => process.exit(0), 700);
};
process.on('SIGTERM', stop);
