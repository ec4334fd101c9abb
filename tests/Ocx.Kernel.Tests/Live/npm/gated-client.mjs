// Sessions of the SDKs' clients at the same time, each with the same calls: gated-client.mjs ORIGIN CALLS SESSION...
// CALLS is a JSON array of [tool, argument, repeat]: echo says its argument so often, of other tools the argument
// itself is repeated. A session is REVISION/PATH. Behind each argument stands its name, which is TypeScript
// REVISION/PATH. It prints what each call came to: a JSON object a line.
import { createHash } from 'node:crypto';
import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as v2 from '@modelcontextprotocol/client';

const [origin, calls, ...sessions] = process.argv.slice(2);
const sha256 = (value) => createHash('sha256').update(value).digest('hex').toUpperCase();

// The SDK's first version offers its newest revision alone; older ones are asked for by the second one.
function open(revision, url) {
  const info = { name: 'gated-client', version: '1.0.0' };
  if (revision === '2024-11-05') return [new v1.Client(info), new SSEClientTransport(url)];
  if (revision === '2025-11-25') return [new v1.Client(info), new v1http.StreamableHTTPClientTransport(url)];
  const options = revision === '2026-07-28'
    ? { versionNegotiation: { mode: { pin: revision } } }
    : { supportedProtocolVersions: [revision] };
  return [new v2.Client(info, options), new v2.StreamableHTTPClientTransport(url)];
}

async function converse(spoken) {
  const [revision] = spoken.split('/');
  const [client, transport] = open(revision, new URL(origin + spoken.slice(revision.length)));
  const session = `TypeScript ${spoken}`;
  await client.connect(transport);
  for (const [tool, argument, repeat] of JSON.parse(calls)) {
    const value = `${argument} of ${session}`;
    const given = tool === 'echo' ? { text: value, repeat } : { customer: value.repeat(repeat) };
    const outcome = { session, tool, argument };
    const options = { timeout: 55_000, onprogress: () => {} };
    try {
      const call = { name: tool, arguments: given };
      const result = client instanceof v1.Client
        ? await client.callTool(call, undefined, options)
        : await client.callTool(call, options);
      const { text } = result.content[0];
      Object.assign(outcome, { text: text.slice(0, 300), sha256: sha256(text), length: text.length });
    } catch (error) {
      Object.assign(outcome, { code: error.code, error: String(error.message).slice(0, 2000) });
    }
    console.log(JSON.stringify(outcome));
  }
  await client.close();
}

await Promise.all(sessions.map(converse));
