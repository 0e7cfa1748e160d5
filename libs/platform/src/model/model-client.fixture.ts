/** What the specs of the model client share: a server that answers as told, and requests to it. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Breakers } from '../breaker/index.js';
import { HttpClient } from '../http/index.js';
import { HttpModelClient, type HttpModelClientOptions } from './http-model-client.js';
import type { ModelRequest, ModelRoute } from './model-client.js';

export const quiet: AbortSignal = new AbortController().signal;

export class ModelBench {
  readonly http = new HttpClient();
  readonly breakers = new Breakers({ callsMin: 1_000 });
  readonly #servers: Server[] = [];

  client(options: Partial<HttpModelClientOptions> = {}): HttpModelClient {
    return new HttpModelClient({ http: this.http, breakers: this.breakers, ...options });
  }

  async serve(handler: RequestListener): Promise<string> {
    const server = createServer(handler);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    await this.http.close();
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

export function routeTo(baseUrl: string, route: Partial<ModelRoute> = {}): ModelRoute {
  return {
    name: 'main',
    provider: 'openai',
    baseUrl,
    model: 'm',
    stream: true,
    timeoutMs: 10_000,
    concurrencyMax: 64,
    ...route,
  };
}

export function requestOn(route: ModelRoute, request: Partial<ModelRequest> = {}): ModelRequest {
  return {
    route,
    messages: [{ role: 'user', text: 'Hello' }],
    tools: [],
    deadlineAtMs: Date.now() + 10_000,
    sessionId: 'session-1',
    ...request,
  };
}

/** Cut anywhere, also inside a character, each piece in a write of its own. */
export function dribble(response: ServerResponse, body: Buffer, pieceBytes: number): void {
  let from = 0;
  const next = (): void => {
    if (from >= body.length) return void response.end();
    response.write(body.subarray(from, (from += pieceBytes)));
    setImmediate(next);
  };
  next();
}
