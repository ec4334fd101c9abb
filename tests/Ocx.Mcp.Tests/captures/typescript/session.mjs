// One session of the official TypeScript SDK on loopback, in the transport named by the first argument: streamable,
// json or sse.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const [mode, port] = [process.argv[2], Number(process.argv[3])];

function makeServer() {
  const server = new McpServer({ name: 'ts-server', version: '1.2.3' });
  server.registerTool('echo', { inputSchema: { text: z.string() } }, async ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
  server.registerTool('fail', { inputSchema: {} }, async () => ({
    content: [{ type: 'text', text: 'no' }],
    isError: true,
  }));
  server.registerTool('ask', { inputSchema: {} }, async (_, extra) => {
    const answer = await extra.sendRequest(
      {
        method: 'elicitation/create',
        params: {
          message: 'name?',
          requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
        },
      },
      z.any());
    return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
  });
  server.registerTool('slow', { inputSchema: {} }, async (_, extra) => {
    const progressToken = extra._meta?.progressToken;
    for (let progress = 1; progress <= 3; progress++) {
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
    }
    return { content: [] };
  });
  server.registerResource('readme', 'docs://readme', {}, async uri => ({
    contents: [{ uri: uri.href, text: 'hello' }],
  }));
  server.registerPrompt('greet', { argsSchema: { who: z.string() } }, ({ who }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `greet ${who}` } }],
  }));
  return server;
}

const app = express();
app.use(express.json());
const sessions = new Map();
if (mode === 'sse') {
  app.get('/sse', async (_, response) => {
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, transport);
    await makeServer().connect(transport);
  });
  app.post('/messages', (request, response) =>
    sessions.get(request.query.sessionId).handlePostMessage(request, response, request.body));
} else {
  app.all('/mcp', async (request, response) => {
    let transport = sessions.get(request.headers['mcp-session-id']);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: mode === 'json',
        onsessioninitialized: id => sessions.set(id, transport),
      });
      await makeServer().connect(transport);
    }
    await transport.handleRequest(request, response, request.body);
  });
}

const listener = app.listen(port, '127.0.0.1');
const client = new Client({ name: 'ts-client', version: '0.9' }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { name: 'n' } }));
const url = new URL(`http://127.0.0.1:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`);
const transport = mode === 'sse' ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url);
await client.connect(transport);
await client.listTools();
await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
await client.callTool({ name: 'fail', arguments: {} });
await client.callTool({ name: 'missing', arguments: {} });
await client.callTool({ name: 'slow', arguments: {} }, undefined, { onprogress: () => { } });
if (mode !== 'json') {
  await client.callTool({ name: 'ask', arguments: {} });
}
await client.readResource({ uri: 'docs://readme' });
await client.readResource({ uri: 'docs://missing' }).catch(() => { });
await client.getPrompt({ name: 'greet', arguments: { who: 'you' } });
await Promise.all([1, 2, 3, 4, 5].map(n => client.callTool({ name: 'echo', arguments: { text: `${n}` } })));
await client.close();
listener.close();
setTimeout(() => process.exit(0), 300);
