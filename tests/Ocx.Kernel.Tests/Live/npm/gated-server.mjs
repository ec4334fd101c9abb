// A server as users of the SDKs write one, whose calls a gate may hold: gated-server.mjs PORT JOURNAL. One path for
// each way to answer: /json and /stream for the stateful revisions of Streamable HTTP, /sse for 2024-11-05,
// /modern/json and /modern/stream for 2026-07-28. It appends each call that it gets to the journal.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as v2 from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { z } from 'zod';

const [port, journal] = process.argv.slice(2);
const info = { name: 'gated', version: '1.0.0' };
const work = {
  echo: [{ text: z.string(), repeat: z.number().optional() }, ({ text, repeat = 1 }) => text.repeat(repeat)],
  delete_orders: [{ customer: z.string() }, ({ customer }) => `no orders of ${customer} are left`],
};

// Tells of its progress first, where the client asks for it: in a stream that is an event before the result's.
function build(server, schema, progress) {
  for (const [name, [shape, does]] of Object.entries(work)) {
    server.registerTool(name, { description: name, inputSchema: schema(shape) }, async (args, context) => {
      appendFileSync(journal, `${name} ${(args.text ?? args.customer).slice(0, 100)}\n`);
      await progress(context);
      return { content: [{ type: 'text', text: does(args) }] };
    });
  }
  return server;
}

const half = ({ progressToken }) => ({
  method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 },
});
const stateful = () =>
  build(new McpServer(info), (shape) => shape, async ({ _meta, sendNotification }) => {
    if (_meta?.progressToken !== undefined) await sendNotification(half(_meta));
  });
const stateless = () =>
  build(new v2.McpServer(info), z.object, async ({ mcpReq }) => {
    if (mcpReq._meta?.progressToken !== undefined) await mcpReq.notify(half(mcpReq._meta));
  });

const sessions = new Map();
async function streamable(request, response, enableJsonResponse) {
  let transport = sessions.get(request.headers['mcp-session-id']);
  if (!transport) {
    transport = new StreamableHTTPServerTransport({
      enableJsonResponse,
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    await stateful().connect(transport);
  }
  await transport.handleRequest(request, response);
}

function modern(responseMode) {
  const handle = toNodeHandler(v2.createMcpHandler(stateless, { legacy: 'reject', responseMode }));
  return (request, response) => handle(request, response);
}
const paths = {
  '/json': (request, response) => streamable(request, response, true),
  '/stream': (request, response) => streamable(request, response, false),
  '/modern/json': modern('json'),
  '/modern/stream': modern('sse'),
  '/sse': async (_, response) => {
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, transport);
    await stateful().connect(transport);
  },
  '/messages': (request, response, query) =>
    sessions.get(query.get('sessionId')).handlePostMessage(request, response),
};
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (paths[pathname]) paths[pathname](request, response, searchParams);
  else response.writeHead(404).end();
}).listen(Number(port));
