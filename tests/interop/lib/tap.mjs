// SPDX-License-Identifier: Apache-2.0
//
// The smallest reporter that meson understands (TAP): one line per check, and why it failed.

let count = 0;
let failed = 0;

export function report(name, problems) {
        count++;
        if (problems.length > 0)
                failed++;
        console.log(`${problems.length > 0 ? 'not ok' : 'ok'} ${count} - ${name}`);
        for (const problem of problems)
                console.log(problem.split('\n').map((line) => `#   ${line}`).join('\n'));
}

export const check = (name, condition, detail = '') => report(name, condition ? [] : [String(detail || 'does not hold')]);
export const note = (text) => console.log(text.split('\n').map((line) => `# ${line}`).join('\n'));

/** Runs @body; anything thrown is a failure of its own. Ends the process: a client's stray handle must not keep it. */
export async function suite(body) {
        console.log('TAP version 13');
        try {
                await body();
        } catch (error) {
                report('the test itself runs to its end', [error.stack ?? String(error)]);
        }
        console.log(`1..${count}`);
        process.exit(failed > 0 ? 1 : 0);
}

export function within(ms, what, promise) {
        let timer;
        const late = new Promise((_, reject) => {
                timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
        });
        return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, condition, ms = 5000) {
        const end = Date.now() + ms;
        while (!await condition()) {
                if (Date.now() > end)
                        throw new Error(`${what}: not within ${ms} ms`);
                await sleep(10);
        }
}

