// What the conformance suite's server scenarios ask for, on the SDK's server: conformance-server.mjs PORT. Revision
// 2026-07-28 and the stateful ones before it share one address.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  createMcpHandler, createRequestStateCodec, inputRequired, isLegacyRequest, McpServer, ResourceTemplate,
} from '@modelcontextprotocol/server';
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { z } from 'zod';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const image = { type: 'image', data: pixel, mimeType: 'image/png' };
const embedded = (uri, mimeType, value) => ({ type: 'resource', resource: { uri, mimeType, text: value } });
const codec = createRequestStateCodec({ key: randomUUID().padEnd(64, '0') });
const named = (message, field) =>
  inputRequired.elicit({
    message, requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  });
const sampling = inputRequired.createMessage({
  messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }], maxTokens: 100,
});

// Asks for input first, and answers when it has come. `rounds` are the demands, one a round.
const rounds = (...demands) => async (_, { mcpReq }) => {
  const { round = 0 } = mcpReq.requestState() ?? {};
  const demand = demands[round];
  const known = mcpReq.inputResponses ?? {};
  const missing = demand && Object.keys(demand).some((key) => !known[key]);
  const next = missing ? round : round + 1;
  return next < demands.length
    ? inputRequired({ inputRequests: demands[next], requestState: await codec.mint({ round: next }) })
    : text(`Hello, ${JSON.stringify(known)}`);
};

function build({ era }) {
  const server = new McpServer(
    { name: 'live-conformance', version: '2.0.0' },
    { capabilities: { logging: {}, resources: { subscribe: true } }, requestState: { verify: codec.verify } },
  );
  const tool = (name, work, config = {}) =>
    server.registerTool(name, { description: name, inputSchema: z.object({}).loose(), ...config }, work);

  tool('test_simple_text', async () => text('This is a simple text response for testing.'));
  tool('test_image_content', async () => ({ content: [image] }));
  tool('test_audio_content', async () => ({ content: [{ type: 'audio', data: pixel, mimeType: 'audio/wav' }] }));
  tool('test_embedded_resource', async () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }));
  tool('test_multiple_content_types', async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' }, image,
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }));
  tool('test_tool_with_logging', async (_, { mcpReq }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.log('info', data);
      await pause(50);
    }
    return text('Tool with logging executed successfully');
  });
  tool('test_tool_with_progress', async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return text(String(progressToken));
  });
  tool('test_error_handling', async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  tool('test_reconnection', async (_, { http }) => {
    http?.closeSSE?.();
    await pause(100);
    return text('Reconnection test completed successfully.');
  });
  if (era === 'legacy') {
    tool('test_sampling', async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: 'user', content: { type: 'text', text: prompt } }];
      return text(`LLM response: ${JSON.stringify(await mcpReq.requestSampling({ messages, maxTokens: 100 }))}`);
    }, { inputSchema: z.object({ prompt: z.string() }) });
    tool('test_elicitation', async ({ message }, { mcpReq }) => {
      const requestedSchema = { type: 'object', properties: { username: { type: 'string' } }, required: ['username'] };
      return text(`User response: ${JSON.stringify(await mcpReq.elicitInput({ message, requestedSchema }))}`);
    }, { inputSchema: z.object({ message: z.string() }) });
  }

  const asks = (name, ...demands) => tool(`test_input_required_result_${name}`, rounds(...demands));
  asks('elicitation', { user_name: named('What is your name?', 'name') });
  asks('sampling', { capital_question: sampling });
  asks('list_roots', { client_roots: inputRequired.listRoots() });
  asks('request_state', { confirm: named('Please confirm', 'ok') });
  asks('multiple_inputs', {
    user_name: named('What is your name?', 'name'), greeting: sampling, client_roots: inputRequired.listRoots(),
  });
  asks('multi_round', { step1: named('What is your name?', 'name') }, { step2: named('Which color?', 'color') });
  asks('tampered_state', { confirm: named('Please confirm', 'ok') });
  asks('capabilities', { capital_question: sampling });

  const resource = (name, uri, contents) =>
    server.registerResource(name, uri, {}, async ({ href }) => ({ contents: [{ uri: href, ...contents }] }));
  resource('static-text', 'test://static-text', { mimeType: 'text/plain', text: 'This is static text.' });
  resource('static-binary', 'test://static-binary', { mimeType: 'image/png', blob: pixel });
  resource('watched', 'test://watched-resource', { mimeType: 'text/plain', text: 'Watched' });
  server.registerResource(
    'template', new ResourceTemplate('test://template/{id}/data', { list: undefined }), {},
    async ({ href }, { id }) => ({ contents: [{ uri: href, mimeType: 'application/json', text: `{"id":"${id}"}` }] }),
  );
  for (const method of ['resources/subscribe', 'resources/unsubscribe', 'logging/setLevel']) {
    if (era === 'legacy') server.server.setRequestHandler(method, async () => ({}));
  }

  const prompt = (name, argsSchema, work) => server.registerPrompt(name, { description: name, argsSchema }, work);
  const says = (...content) => ({ messages: content.map((each) => ({ role: 'user', content: each })) });
  const words = (value) => ({ type: 'text', text: value });
  prompt('test_simple_prompt', undefined, async () => says(words('This is a simple prompt for testing.')));
  prompt('test_prompt_with_arguments', z.object({ arg1: z.string(), arg2: z.string() }), async ({ arg1, arg2 }) =>
    says(words(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)));
  prompt('test_prompt_with_embedded_resource', z.object({ resourceUri: z.string() }), async ({ resourceUri }) =>
    says(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), words('Process it.')));
  prompt('test_prompt_with_image', undefined, async () => says(image, words('Analyze the image.')));
  prompt('test_input_required_result_prompt', undefined, async (context) =>
    context.mcpReq.inputResponses
      ? says(words(JSON.stringify(context.mcpReq.inputResponses)))
      : inputRequired({ inputRequests: { user_context: named('In what context?', 'context') } }));
  return server;
}

const sessions = new Map();
const events = [];
const eventStore = {
  async storeEvent(stream, message) {
    return events.push({ stream, message }) && `${stream}::${events.length}`;
  },
  async replayEventsAfter(last, { send }) {
    const [stream, after] = last.split('::');
    for (let i = Number(after); i < events.length; i++) {
      if (events[i].stream === stream) await send(`${stream}::${i + 1}`, events[i].message);
    }
    return stream;
  },
};

async function sessionOf(request) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known) return known;
  const transport = new NodeStreamableHTTPServerTransport({
    eventStore,
    retryInterval: 100,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await build({ era: 'legacy' }).connect(transport);
  return transport;
}

const stateless = toNodeHandler(createMcpHandler(build, { legacy: 'reject' }));
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let body;
  try {
    body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : undefined;
  } catch {
    response.writeHead(400).end();
    return;
  }
  if (await isLegacyRequest(await toWebRequest(request, body), body)) {
    await (await sessionOf(request)).handleRequest(request, response, body);
  } else {
    await stateless(request, response, body);
  }
}).listen(Number(process.argv[2]));
