/**
 * A service that tells whoever calls it what it was sent, in every form it knows, in bodies and in errors; and a token
 * endpoint that does the same. What it saw is kept, so that a spec knows that the credentials did travel.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoService {
  readonly url: string;
  /** Values of Authorization headers and of the fields of token requests. */
  readonly seen: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface EchoOptions {
  readonly exchangedToken: string;
}

export async function startEchoService({ exchangedToken }: EchoOptions): Promise<EchoService> {
  const seen = new Set<string>();
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://echo');
    const authorization = request.headers.authorization ?? '';
    seen.add(authorization.replace(/^\w+ /, ''));
    const form = new URLSearchParams(await textOf(request));
    for (const value of form.values()) seen.add(value);
    if (pathname === '/token') return json(response, 200, { ...grant, access_token: exchangedToken, expires_in: 600 });
    if (pathname === '/refuse') {
      const words = `unknown token ${form.get('subject_token')} of ${form.get('client_secret')}`;
      return json(response, 400, { error: 'invalid_grant', error_description: words, error_uri: words });
    }
    return echo(searchParams.get('how') ?? 'body', authorization, response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

const grant = { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer' };

function echo(how: string, authorization: string, response: ServerResponse): void {
  const token = authorization.replace('Bearer ', '');
  const bytes = Buffer.from(authorization);
  const half = Math.floor(token.length / 2);
  const forms = {
    authorization,
    base64: bytes.toString('base64'),
    base64url: bytes.toString('base64url'),
    hex: bytes.toString('hex'),
    url: `https://echo.example/?token=${encodeURIComponent(token)}`,
    halves: [token.slice(0, half), token.slice(half)],
    note: 'the echo is whole',
  };
  switch (how) {
    case 'refusal':
      return json(response, 400, { error: `may not be called with ${authorization}`, forms });
    case 'forbidden':
      return json(response, 403, { error: authorization });
    case 'failure':
      return json(response, 500, { error: `cannot check ${authorization}`, forms });
    case 'long':
      return json(response, 200, { rows: Array.from({ length: 3_000 }, (_, id) => ({ id, ...forms })) });
    case 'type':
      response.writeHead(200, { 'content-type': `text/${encodeURIComponent(token)}`, 'x-token': token });
      return void response.end(authorization);
    default:
      return json(response, 200, forms);
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
