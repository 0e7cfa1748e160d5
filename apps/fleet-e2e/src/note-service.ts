/**
 * The tools of the whole-fleet tests: a small HTTP service that keeps notes, counts what really happened by idempotency
 * key, and misbehaves on request.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface NoteService {
  readonly url: string;
  readonly notes: ReadonlyMap<string, string>;
  /** Executions of writes by idempotency key; every value is 1 when nothing ran twice. */
  readonly executions: ReadonlyMap<string, number>;
  readonly wiped: () => number;
  /** Requests to /hang that are open now. */
  readonly hanging: () => number;
  close(): Promise<void>;
}

/** Beside answers within milliseconds. */
const slowMs = 400;
const hugeBytes = 10 * 1024 * 1024;
const bodyBytesMax = 1024 * 1024;

export async function startNoteService(): Promise<NoteService> {
  const notes = new Map<string, string>();
  const executions = new Map<string, number>();
  let wiped = 0;
  let hanging = 0;
  const write = (request: IncomingMessage, work: () => void): void => {
    const key = String(request.headers['idempotency-key'] ?? '');
    if (key !== '' && executions.has(key)) return;
    executions.set(key, (executions.get(key) ?? 0) + 1);
    work();
  };
  const store = async (
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
    end = () => answer(response, 200, { id, stored: true }),
  ): Promise<void> => {
    const { text } = JSON.parse(await bodyOf(request)) as { text: string };
    write(request, () => notes.set(id, text));
    end();
  };
  const server = createServer((request, response) => {
    const [, root, id] = (request.url ?? '').split('/');
    const route = `${request.method} /${root}`;
    switch (route) {
      case 'GET /notes': {
        const text = notes.get(String(id));
        return text === undefined
          ? answer(response, 404, { error: 'no such note' })
          : answer(response, 200, { id, text });
      }
      case 'PUT /notes':
        return void store(String(id), request, response);
      // Stored, and never answered.
      case 'PUT /lost':
        return void store(String(id), request, response, () => response.destroy());
      case 'DELETE /notes':
        write(request, () => wiped++);
        return answer(response, 200, { wiped: true });
      case 'GET /hang':
        hanging++;
        response.on('close', () => hanging--);
        return undefined;
      case 'GET /slow':
        return void setTimeout(() => answer(response, 200, { id, text: 'at last' }), slowMs);
      case 'GET /fail':
        return answer(response, 500, { error: 'stack trace at secret.internal:42' });
      case 'GET /huge':
        response.writeHead(200, { 'content-type': 'text/plain' });
        return void response.end(Buffer.alloc(hugeBytes, 'x'));
      default:
        return answer(response, 404, { error: `no route ${route}` });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, notes, executions, wiped: () => wiped, hanging: () => hanging, close: () => closed(server) };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
