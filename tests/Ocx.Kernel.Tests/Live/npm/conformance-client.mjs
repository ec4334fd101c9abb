// The client that the conformance suite's client scenarios start, with their server's URL: the SDK that speaks the
// scenario's revision (v1 the stateful ones, v2 2026-07-28) lists what there is and calls each tool.
import * as v1 from '@modelcontextprotocol/sdk/client/index.js';
import * as v1http from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as v2 from '@modelcontextprotocol/client';

const url = new URL(process.argv[2]);
const isStateless = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28';
const given = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

// Signs in as a browser would whose user says yes at once.
class Provider {
  redirectUrl = 'http://localhost:3000/callback';
  clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';
  clientMetadata = {
    client_name: 'live', redirect_uris: [this.redirectUrl], application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
  };
  #information = given.client_id && { client_id: given.client_id, client_secret: given.client_secret };
  #kept = {};
  clientInformation() { return this.#information; }
  saveClientInformation(information) { this.#information = information; }
  tokens() { return this.#kept.tokens; }
  saveTokens(tokens) { this.#kept.tokens = tokens; }
  saveCodeVerifier(verifier) { this.#kept.verifier = verifier; }
  codeVerifier() { return this.#kept.verifier; }
  async redirectToAuthorization(to) {
    const answer = await fetch(to, { redirect: 'manual' });
    this.callback = new URL(answer.headers.get('location')).searchParams;
  }
}

const provider = new Provider();
const info = { name: 'conformance-client', version: '1.0.0' };
const capabilities = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} };
const client = isStateless
  ? new v2.Client(info, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } })
  : new v1.Client(info, { capabilities });
client.setRequestHandler(isStateless ? 'elicitation/create' : ElicitRequestSchema, async () => (
  { action: 'accept', content: { confirmed: true } }));
const Transport = (isStateless ? v2 : v1http).StreamableHTTPClientTransport;
let transport;

// Signs in as often as the server asks for it, within reason.
async function signedIn(work) {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 2 || !provider.callback) throw error;
      const { callback } = provider;
      provider.callback = undefined;
      await transport.finishAuth(isStateless ? callback : callback.get('code'));
    }
  }
}

await signedIn(async () => {
  transport = new Transport(url, { authProvider: provider });
  await client.connect(transport);
});
const attempt = (work) => signedIn(work).catch((error) => console.error(String(error)));
const tools = (await attempt(() => client.listTools()))?.tools ?? [];
const example = ({ type, enum: values, default: value }) =>
  value ?? values?.[0] ?? { number: 2, integer: 2, boolean: true, array: [], object: {} }[type] ?? 'text';
for (const { name, inputSchema } of tools) {
  const fields = Object.entries(inputSchema.properties ?? {}).map(([field, schema]) => [field, example(schema)]);
  await attempt(() => client.callTool({ name, arguments: Object.fromEntries(fields) }));
}
await client.close();
