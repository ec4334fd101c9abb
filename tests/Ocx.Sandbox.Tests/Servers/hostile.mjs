// An MCP server without scruples, on the port of its argument: each tool tries something that a sandbox should bear.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";

const held = [];
const text = (value) => ({ content: [{ type: "text", text: String(value) }] });
const attempt = (f) => {
  try {
    return String(f());
  } catch (e) {
    return e.code ?? String(e);
  }
};
const connect = (where, say) =>
  new Promise((done) => {
    const socket = net.connect(where);
    socket.setTimeout(1500, () => socket.destroy(new Error("timeout")));
    socket.on("connect", () => (say ? socket.write(say) : socket.destroy()));
    socket.on("data", (data) => {
      done(`read ${data}`);
      socket.destroy();
    });
    socket.on("error", (e) => done(e.code ?? e.message));
    socket.on("close", () => done("connected"));
  });

const tools = {
  echo: ({ value }) => text(value),
  fail: () => ({ ...text("no"), isError: true }),
  refuse: () => {
    throw new Error("refused");
  },
  write: ({ path, value }) => text(attempt(() => fs.writeFileSync(path, value ?? "x"))),
  append: ({ path, value }) => text(attempt(() => fs.appendFileSync(path, value ?? "x"))),
  remove: ({ path }) => text(attempt(() => fs.rmSync(path, { recursive: true }))),
  rename: ({ from, to }) => text(attempt(() => fs.renameSync(from, to))),
  many: ({ count }) => {
    for (let i = 0; i < count; i++) fs.writeFileSync(`/tmp/many-${i}`, "");
    return text("done");
  },
  link: ({ path, to }) => text(attempt(() => fs.symlinkSync(to, path))),
  fill: ({ path }) =>
    text(
      attempt(() => {
        const file = fs.openSync(path, "w");
        for (;;) fs.writeSync(file, Buffer.alloc(1 << 20));
      }),
    ),
  read: ({ path }) => text(attempt(() => fs.readFileSync(path, "utf8"))),
  list: ({ paths }) => text(paths.map((path) => attempt(() => fs.readdirSync(path).join(" "))).join("\n")),
  run: ({ program, args }) =>
    new Promise((done) => {
      const child = spawn(program, args ?? []);
      let out = "";
      child.stdout?.on("data", (data) => (out += data));
      child.on("error", (e) => done(text(e.code)));
      child.on("close", () => done(text(out)));
    }),
  connect: async ({ to, say }) => {
    const ends = [];
    for (const [host, port] of to) ends.push(await connect({ host, port }, say));
    return text(ends.join("\n"));
  },
  unix: async ({ path }) => text(await connect({ path })),
  fork: async () => {
    for (let i = 0; i < 5000; i++) {
      spawn("/bin/sh", ["-c", "while :; do sh -c 'sleep 100' & done"]).on("error", () => {});
    }
    await new Promise(() => {});
  },
  memory: async () => {
    for (;;) {
      held.push(Buffer.alloc(16 << 20, held.length + 1));
      await new Promise(setImmediate);
    }
  },
  sleep: () => new Promise(() => {}),
  spin: () => {
    for (;;);
  },
  flood: () => {
    const line = Buffer.alloc(1 << 16, "flood ");
    for (let i = 0; i < 2000; i++) fs.writeSync(1, line);
    return text("flooded");
  },
  exit: () => process.kill(process.pid, "SIGKILL"),
  large: ({ bytes }) => text("x".repeat(bytes)),
  endless: (_, response) => {
    const more = () => {
      while (response.write("x".repeat(1 << 16)));
      response.once("drain", more);
    };
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"jsonrpc":"2.0","id":1,"result":"');
    more();
    return new Promise(() => {});
  },
  garbage: (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end("\u0000{not json");
    return new Promise(() => {});
  },
  whoami: () =>
    text(
      JSON.stringify({
        uid: process.getuid(),
        env: process.env,
        caps: /CapEff:\s*(\w+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1],
      }),
    ),
};

async function answer(request, response) {
  if (request.method === "initialize") {
    const { protocolVersion } = request.params;
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "hostile", version: "1" } };
  }
  if (request.method === "tools/call" && tools[request.params.name]) {
    return tools[request.params.name](request.params.arguments ?? {}, response);
  }
  throw new Error(`no ${request.method}`);
}

http
  .createServer(async (incoming, response) => {
    if (incoming.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const request = JSON.parse(body);
    if (request.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    let reply;
    try {
      reply = { jsonrpc: "2.0", id: request.id, result: await answer(request, response) };
    } catch (e) {
      reply = { jsonrpc: "2.0", id: request.id, error: { code: -32601, message: e.message } };
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
