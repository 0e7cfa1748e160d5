/** Stands before a model and keeps what it is asked. */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordingModel {
  readonly url: string;
  /** Bodies of requests, oldest first. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function recordModel(modelUrl: string): Promise<RecordingModel> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    asked.push(body);
    const path = (request.url ?? '').replace(/^\/v1/, '');
    const answer = await fetch(modelUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, close };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
