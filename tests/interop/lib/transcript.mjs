// SPDX-License-Identifier: Apache-2.0
//
// Transcripts: what a client saw in a scenario, with the values that differ between any two runs replaced by names.
// Two runs are equal when their transcripts are.

const RULES = [
        [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>'],
        [/\b[0-9a-f]{32}\b/g, '<task>'],
        [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, '<time>'],
        [/\b\d{1,2}:\d\d:\d\d( ?[AP]M)?/g, '<clock>'],
        [/[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} <clock> GMT[+-]\d{4} \([^)]*\)/g, '<date>'],
];

export function normalise(value, work) {
        if (typeof value === 'string') {
                let text = value.replaceAll(work.path, '<work>');
                for (const [pattern, name] of RULES)
                        text = text.replace(pattern, name);
                return text;
        }
        if (Array.isArray(value))
                return value.map((item) => normalise(item, work));
        if (value !== null && typeof value === 'object') {
                const copy = {};
                for (const [key, item] of Object.entries(value)) {
                        const decoded = key === 'blob' && typeof item === 'string' ? asText(item) : undefined;
                        copy[key] = normalise(decoded ?? item, work);
                }
                return copy;
        }
        return value;
}

/* A blob of readable text may hold a time of day; other blobs are compared as they are. */
function asText(blob) {
        const text = Buffer.from(blob, 'base64').toString('utf8');
        return /^[\x20-\x7e\s]*$/.test(text) ? `base64:${text}` : undefined;
}

export function errorOf(error) {
        return { error: { name: error.constructor?.name, code: error.code, message: error.message, data: error.data } };
}

/** The places where two values differ, as `path: left | right`, at most @most of them. */
export function differences(left, right, path = '', found = [], most = 12) {
        if (found.length >= most || Object.is(left, right))
                return found;
        const compound = (v) => v !== null && typeof v === 'object';
        if (compound(left) && compound(right) && Array.isArray(left) === Array.isArray(right)) {
                for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
                        differences(left[key], right[key], `${path}/${key}`, found, most);
                return found;
        }
        found.push(`${path || '/'}\n  direct:  ${show(left)}\n  through: ${show(right)}`);
        return found;
}

function show(value) {
        const text = JSON.stringify(value) ?? String(value);
        return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
