// SPDX-License-Identifier: Apache-2.0
// What JSON.parse sees in each chunk (a line of base64 each), line by line; a JSON array of facts for each.
const facts = (value, out) => {
  if (Array.isArray(value)) { value.forEach((each) => facts(each, out)); return; }
  if (value === null || typeof value !== "object") return;
  const method = typeof value.method === "string" ? value.method : null;
  if (method !== null) out.push("method " + method);
  if (method === "tools/call") out.push("call " + String(value.params?.name));
  const asked = [value.result?.inputRequests, value.params?.inputRequests];
  for (const requests of asked)
    if (requests && typeof requests === "object")
      for (const each of Object.values(requests)) out.push("asks " + String(each?.method));
  if (Array.isArray(value.result?.tools)) for (const tool of value.result.tools) out.push("tool " + String(tool?.name));
};
for (const chunk of require("fs").readFileSync(0, "latin1").split("\n").slice(0, -1)) {
  const out = [];
  for (const line of Buffer.from(chunk, "base64").toString("utf8").split("\n")) {
    try { facts(JSON.parse(line), out); } catch { /* not a message to this reader */ }
  }
  console.log(JSON.stringify(out));
}
