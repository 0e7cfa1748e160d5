/** What the specs of the executor share: tools behind a real HTTP server, calls to them with a true receipt. */
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthorisedCall, ToolCall, ToolSpec, UpstreamSpec } from '@toolfleet/kernel';
import { Catalogue, ReceiptKey, authorise, callIdOf, idempotencyKeyOf, sessionIdOf } from '@toolfleet/kernel';

export const quiet: AbortSignal = new AbortController().signal;
export const receiptKey = new ReceiptKey('k1', Buffer.alloc(32, 7));
export const tenant = 'acme';

export function toolOf(tool: Partial<ToolSpec> = {}): ToolSpec {
  const effect = tool.effect ?? 'read';
  return {
    name: effect === 'read' ? 'look' : 'pay',
    version: '1',
    owner: 'team',
    description: '',
    parameters: { type: 'object' },
    toolClass: effect,
    effect,
    riskTier: 'low',
    idempotent: false,
    observation: { bytesMax: 1_000 },
    driver: 'http',
    http: { upstream: 'shop', method: 'POST', path: '/act', query: [], body: 'arguments' },
    ...tool,
  };
}

export function upstreamOf(baseUrl: string, upstream: Partial<UpstreamSpec> = {}): UpstreamSpec {
  const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 5_000, volumeThreshold: 5 };
  return { name: 'shop', baseUrl, credential: { headers: {} }, breaker, ...upstream };
}

export function catalogueOf(upstream: UpstreamSpec, ...tools: readonly ToolSpec[]): Catalogue {
  const catalogue = new Catalogue();
  catalogue.put({ kind: 'Upstream', spec: upstream });
  for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
  return catalogue;
}

let sessions = 0;

export function callOf(tool: ToolSpec, call: Partial<ToolCall> = {}, key: ReceiptKey = receiptKey): AuthorisedCall {
  const sessionId = sessionIdOf(tenant, `r${(sessions += 1)}`);
  const callId = callIdOf(sessionId, 1, 0);
  const plain: ToolCall = {
    tenant,
    sessionId,
    callId,
    tool: tool.name,
    toolVersion: tool.version,
    toolClass: tool.toolClass,
    effect: tool.effect,
    arguments: Buffer.from('{"a":1}'),
    conflictKey: '',
    deadlineAtMs: Date.now() + 5_000,
    timeoutMs: 60_000,
    idempotencyKey: idempotencyKeyOf(tenant, callId),
    user: 'u1',
    agent: 'shop',
    ...call,
  };
  return authorise(plain, { issuer: 'spec', policyRevision: 'p', rule: 'all' }, key);
}

export interface TestServer {
  readonly url: string;
  readonly server: Server;
  /** Requests so far. */
  readonly requests: string[];
  answer: RequestListener;
  close(): void;
}

export async function serve(answer: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    running.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const running: TestServer = { url, server, requests, answer, close };
  return running;
}
