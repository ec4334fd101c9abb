// One session of an SDK's client: session.mjs URL sse|http|stateless NAME [patient]. It uses what the server has: tools
// that succeed and that fail, with progress, questions back to the client, several at once, and, unless it is patient,
// one call that it cancels.
import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import * as v2 from '@modelcontextprotocol/client';

const [address, kind, name, patience] = process.argv.slice(2);
const url = new URL(address);
const info = { name, version: '1.2.3' };
const capabilities = { sampling: {}, elicitation: {}, roots: {} };
const isStateless = kind === 'stateless';
const client = isStateless
  ? new v2.Client(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } })
  : new v1.Client(info, { capabilities });
const answers = {
  'sampling/createMessage': { role: 'assistant', model: 'none', content: { type: 'text', text: 'sampled' } },
  'elicitation/create': { action: 'decline' },
  'roots/list': { roots: [{ uri: 'file:///srv', name: 'srv' }] },
};
const schemas = {
  'sampling/createMessage': types.CreateMessageRequestSchema,
  'elicitation/create': types.ElicitRequestSchema,
  'roots/list': types.ListRootsRequestSchema,
};
for (const [method, answer] of Object.entries(answers)) {
  client.setRequestHandler(isStateless ? method : schemas[method], async () => answer);
}

const failures = [];
const attempt = (work) => work().catch((error) => failures.push(String(error)));
const call = (tool, args, options) =>
  attempt(() => client.callTool({ name: tool, arguments: args }, ...(isStateless ? [] : [undefined]), options));

const transport =
  kind === 'sse' ? new SSEClientTransport(url)
  : new (isStateless ? v2 : v1http).StreamableHTTPClientTransport(url);
await client.connect(transport);
const has = client.getServerCapabilities();
if (!isStateless) await client.ping();

const sample = {
  message: `from ${name}`, text: `from ${name}`, a: 1, b: 2, duration: 0.2, steps: 2, messageType: 'error', prompt: 'x',
  location: 'New York', resourceType: 'Text', resourceId: 1, count: 2, includeImage: true,
};
const { tools } = await client.listTools();
for (const tool of tools) {
  // Those that go on in the background would speak when the session is over.
  if (!/research|toggle|async|url/.test(tool.name)) await call(tool.name, sample, { onprogress: () => {} });
}
await call('no-such-tool', {});
if (has.resources) {
  const { resources } = await client.listResources();
  await attempt(() => client.listResourceTemplates());
  for (const { uri } of resources.slice(0, 3)) await attempt(() => client.readResource({ uri }));
  await attempt(() => client.readResource({ uri: 'test://no-such-resource' }));
}
if (has.prompts) {
  const { prompts } = await client.listPrompts();
  for (const prompt of prompts) await attempt(() => client.getPrompt({ name: prompt.name, arguments: sample }));
}
await Promise.all(Array.from({ length: 5 }, (_, i) => call('echo', { ...sample, message: `${i} from ${name}` })));

// Takes longer than its caller has patience for. The next answer comes after the server has read the cancellation.
const long = tools.find((tool) => tool.name === 'trigger-long-running-operation');
if (long && patience !== 'patient') await call(long.name, { duration: 30, steps: 3 }, { timeout: 200 });
await client.listTools();
if (transport.sessionId) await attempt(() => transport.terminateSession());
await client.close();
console.log(JSON.stringify({ tools: tools.length, failures }));
