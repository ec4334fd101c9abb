// Loaded into every Node process of the live tests by --require. It writes down what the program's own HTTP client
// (fetch) and HTTP server say that they sent and received, and changes none of it: one JSON object a line, in the
// folder of $OCX_JOURNAL, in one file for each process.
'use strict';
const channel = require('node:diagnostics_channel');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');

const file = fs.openSync(path.join(process.env.OCX_JOURNAL, `${process.pid}.jsonl`), 'a');
let exchanges = 0;

// The messages of a body: the whole of it, or each untyped or `message` event of an event stream as it comes.
class Body {
  #decoder = new TextDecoder();
  #text = '';
  #report;

  constructor(isStream, report) {
    this.isStream = isStream;
    this.#report = report;
  }

  push(chunk) {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    if (!this.isStream) return;
    const events = this.#text.replaceAll('\r\n', '\n').split('\n\n');
    this.#text = events.pop();
    for (const event of events) this.#tell(event.split('\n'));
  }

  end() {
    if (!this.isStream && this.#text !== '') this.#report('message', this.#text);
    this.#text = '';
  }

  #tell(lines) {
    const values = (name) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
    const data = values('data').join('\n');
    const type = values('event').at(-1) ?? 'message';
    if (data !== '' && (type === 'message' || type === 'endpoint')) this.#report(type, data);
  }
}

class Exchange {
  constructor(role, method, target, session) {
    this.about = { role, exchange: `${process.pid}-${++exchanges}`, method, path: target, session };
    this.request = new Body(false, (kind, text) => this.write('request', kind, text));
    this.response = new Body(false, (kind, text) => this.write('response', kind, text));
  }

  write(flow, kind, text) {
    fs.writeSync(file, `${JSON.stringify({ ...this.about, flow, kind, text })}\n`);
  }

  answered(status, contentType, session) {
    this.about.status = status;
    this.about.session ??= session;
    this.response.isStream = /^text\/event-stream/i.test(contentType ?? '');
  }

  // `whole`: the message that the response is came to its regular end.
  end(whole) {
    if (this.ended) return;
    this.ended = true;
    this.response.end();
    this.about.whole = whole;
    this.write('response', 'end');
  }
}

// The client: undici, which is what fetch is, tells of its requests.
const asked = new WeakMap();
const header = (headers, name) => {
  const flat = typeof headers === 'string' ? headers.split(/: |\r\n/) : headers;
  const at = flat.findIndex((value, i) => i % 2 === 0 && String(value).toLowerCase() === name);
  return at < 0 ? undefined : String(flat[at + 1]);
};
const onClient = (name, tell) =>
  channel.subscribe(`undici:${name}`, (event) => {
    const exchange = asked.get(event.request);
    if (exchange) tell(exchange, event);
  });
channel.subscribe('undici:request:create', ({ request }) => {
  const exchange = new Exchange('client', request.method, request.path, header(request.headers, 'mcp-session-id'));
  exchange.about.port = Number(new URL(request.origin).port);
  asked.set(request, exchange);
});
onClient('client:sendHeaders', ({ about }, { socket }) => (about.clientPort = socket.localPort));
onClient('request:bodyChunkSent', (exchange, { chunk }) => exchange.request.push(Buffer.from(chunk)));
onClient('request:bodySent', (exchange) => exchange.request.end());
onClient('request:headers', (exchange, { response: { statusCode, headers } }) =>
  exchange.answered(statusCode, header(headers, 'content-type'), header(headers, 'mcp-session-id')));
onClient('request:bodyChunkReceived', (exchange, { chunk }) => exchange.response.push(chunk));
onClient('request:trailers', (exchange) => exchange.end(true));
onClient('request:error', (exchange) => exchange.end(false));

// The server: what its parser hands to the request's stream, and what the program writes into the response.
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, response, ...rest) {
  if (event === 'request') watch(request, response);
  return emit.call(this, event, request, response, ...rest);
};

function watch(request, response) {
  const exchange = new Exchange('server', request.method, request.url, request.headers['mcp-session-id']);
  exchange.about.port = request.socket.localPort;
  exchange.about.clientPort = request.socket.remotePort;

  const push = request.push;
  request.push = function (chunk, ...rest) {
    if (chunk) exchange.request.push(chunk);
    else exchange.request.end();
    return push.call(this, chunk, ...rest);
  };

  let given = {};
  const writeHead = response.writeHead;
  response.writeHead = function (status, ...rest) {
    const headers = rest.at(-1);
    if (headers && typeof headers === 'object') {
      const entries = Array.isArray(headers) ? pairs(headers.flat()) : Object.entries(headers);
      given = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
    }
    const result = writeHead.call(this, status, ...rest);
    const value = (name) => given[name] ?? response.getHeader(name);
    exchange.answered(status, value('content-type'), value('mcp-session-id'));
    return result;
  };

  const told = (chunk, encoding) => {
    if (chunk && typeof chunk !== 'function') {
      exchange.response.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    }
  };
  const write = response.write;
  response.write = function (chunk, encoding, ...rest) {
    const result = write.call(this, chunk, encoding, ...rest);
    told(chunk, typeof encoding === 'string' ? encoding : undefined);
    return result;
  };
  const end = response.end;
  response.end = function (chunk, encoding, ...rest) {
    const result = end.call(this, chunk, encoding, ...rest);
    told(chunk, typeof encoding === 'string' ? encoding : undefined);
    exchange.end(true);
    return result;
  };
  response.on('close', () => exchange.end(response.writableFinished));
}

function pairs(flat) {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]]] : []));
}

// A tap has its ports when it starts: a server that would take any free one takes the next of $OCX_PORTS.
if (process.env.OCX_PORTS) {
  const ports = process.env.OCX_PORTS.split(',').map(Number);
  let next = 0;
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (port, ...rest) {
    return listen.call(this, port === 0 ? ports[next++ % ports.length] : port, ...rest);
  };
}
