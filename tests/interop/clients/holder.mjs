// SPDX-License-Identifier: Apache-2.0
//
// A client in a process of its own, so that it can be killed: connects, lists the tools, says "ready", and waits.
//
//   holder.mjs ts1 | ts2 HOME CALLS COMMAND [ARG...]     CALLS: names of tools to call first, with commas, or -

import * as ts1 from './ts1.mjs';
import * as ts2 from './ts2.mjs';

const [which, home, calls, command, ...args] = process.argv.slice(2);
const c = await { ts1, ts2 }[which].connect({ command, args }, { work: { home, path: process.cwd() } });
await c.tools();
for (const tool of calls.split(',').filter((name) => name !== '-'))
        await c.call(tool, {});
console.log('ready');
process.stdin.resume();
await new Promise((done) => process.stdin.on('end', done));
await c.close();
process.exit(0);
