/** MCP servers for specs: one that does as its script says, however wrong, and one of the current revision. */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { createFetch } from '../http/index.js';
import type { McpCall, McpConnectionOptions, McpEndpoint } from './mcp-connection.js';
import { McpConnection } from './mcp-connection.js';

export const messageBytesMax = 100_000;
const { fetch } = createFetch({ connectionsMax: 16 });

export function connectionTo(endpoint: McpEndpoint, options: Partial<McpConnectionOptions> = {}): McpConnection {
  return new McpConnection({ endpoint, fetch, messageBytesMax, ...options });
}

/** A call of two seconds at most. */
export function call(
  tool: string,
  args: Record<string, unknown> = {},
  withinMs = 2_000,
  signal: AbortSignal = quiet,
): McpCall {
  return { tool, args, meta: {}, signal, deadlineAtMs: Date.now() + withinMs };
}

const quiet = new AbortController().signal;

const plainServer = `
const { createInterface } = require('node:readline');
const write = (text) => process.stdout.write(text + '\\n');
const answer = (id, result) => write(JSON.stringify({ jsonrpc: '2.0', id, result }));
const fail = (id, code) => write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'no' } }));
const textOf = (text) => ({ content: [{ type: 'text', text: String(text) }] });
let tools = ['echo', 'act'];
const act = (message) => { ACT };
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const { id, method, params } = message;
  if (method === 'server/discover') return typeof discover === 'function' ? discover(id) : fail(id, -32601);
  if (method === 'initialize') return answer(id, {
    protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'plain', version: '1' },
  });
  if (method === 'tools/list') return answer(id, { tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } })) });
  if (method === 'tools/call' && params.name === 'echo') return answer(id, textOf(params.arguments.text));
  if (method === 'tools/call') return act(message);
  if (method === 'notifications/cancelled') tools.push('cancelled-' + params.requestId);
});
`;

/** `act` is what it does when its tool of that name is called; `id`, `answer`, `write` and `textOf` are at hand. */
export function processThat(act: string, { before = '', environment = {} } = {}): McpEndpoint {
  const script = before + plainServer.replace('ACT', () => `const { id, params } = message; ${act}`);
  return { kind: 'stdio', command: process.execPath, args: ['-e', script], environment };
}

export interface ServedOverHttp {
  readonly endpoint: McpEndpoint;
  readonly requests: IncomingMessage[];
  close(): void;
}

export async function served(listener: RequestListener, headers: Record<string, string> = {}): Promise<ServedOverHttp> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint: { kind: 'http', url, headers }, requests, close };
}

/** What a scripted server over HTTP answers to a call; `undefined` leaves it open. */
export type ActOverHttp = (message: { id: number }, response: Parameters<RequestListener>[1]) => void;

/** A server of 2025 over HTTP whose tool `act` does as it is told. */
export function plainOverHttp(act: ActOverHttp): RequestListener {
  return (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const message = JSON.parse(text);
      if (message.id === undefined) return void response.writeHead(202).end();
      const answer = (part: object) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...part }));
      };
      if (message.method === 'initialize') {
        return answer({
          result: {
            protocolVersion: '2025-06-18',
            capabilities: { tools: {} },
            serverInfo: { name: 'plain', version: '1' },
          },
        });
      }
      if (message.method === 'tools/list') {
        return answer({ result: { tools: [{ name: 'act', inputSchema: { type: 'object' } }] } });
      }
      if (message.method === 'tools/call') return act(message, response);
      return answer({ error: { code: -32_601, message: 'unknown' } });
    });
  };
}

/** A server of the revision of 2026-07-28, made with the official library. */
export function currentServer(): McpServer {
  const server = new McpServer({ name: 'current', version: '3' });
  server.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }));
  return server;
}

export function currentOverHttp(): RequestListener {
  const handler = createMcpHandler(currentServer);
  return async (request, response) => {
    const body = request.method === 'POST' ? { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' } : {};
    const answered = await handler.fetch(
      new Request(`http://${request.headers.host}${request.url}`, {
        method: request.method!,
        headers: request.headers as Record<string, string>,
        ...body,
      } as RequestInit),
    );
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    for await (const chunk of answered.body ?? []) response.write(chunk);
    response.end();
  };
}
