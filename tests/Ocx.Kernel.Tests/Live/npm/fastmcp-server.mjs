// A server as fastmcp's users write one: fastmcp-server.mjs PORT [stateless].
import { FastMCP, UserError } from 'fastmcp';
import { z } from 'zod';

const [port, mode] = process.argv.slice(2);
const server = new FastMCP({ name: 'live-fastmcp', version: '3.2.1', ping: { enabled: false } });
server.addTool({
  name: 'echo',
  description: 'Says what it is told',
  parameters: z.object({ message: z.string() }),
  execute: async ({ message }) => message,
});
server.addTool({
  name: 'refuse',
  description: 'Fails',
  parameters: z.object({}),
  execute: async () => {
    throw new UserError('not today');
  },
});
server.addTool({
  name: 'trigger-long-running-operation',
  description: 'Tells of its progress',
  parameters: z.object({ duration: z.number(), steps: z.number() }),
  execute: async ({ duration, steps }, { reportProgress, log }) => {
    log.info('begun');
    for (let step = 1; step <= steps; step++) {
      await new Promise((resolve) => setTimeout(resolve, (duration * 1000) / steps));
      await reportProgress({ progress: step, total: steps });
    }
    return 'done';
  },
});
server.addResource({
  uri: 'file:///logs/app.log', name: 'Log', mimeType: 'text/plain', load: async () => ({ text: 'all is well' }),
});
server.addPrompt({
  name: 'greet',
  description: 'A greeting',
  arguments: [{ name: 'message', description: 'To whom', required: true }],
  load: async ({ message }) => `Greet ${message}`,
});
await server.start({
  transportType: 'httpStream',
  httpStream: { port: Number(port), stateless: mode === 'stateless' },
});
