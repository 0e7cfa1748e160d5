/** A token endpoint that exchanges tokens as it is told, and says what it was asked. */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { TokenExchangeSpec } from '@toolfleet/kernel';
import type { TestServer } from '../executor.fixture.js';
import { serve } from '../executor.fixture.js';

export interface AskedExchange {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

export interface IdentityProvider {
  readonly server: TestServer;
  readonly asked: AskedExchange[];
  readonly spec: TokenExchangeSpec;
  /** Of the next answers; by default a new token each time. */
  answer: (asked: AskedExchange) => { readonly status?: number; readonly body: unknown } | undefined;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const asked: AskedExchange[] = [];
  const listener: RequestListener = async (request, response) => {
    const exchange = { authorization: request.headers.authorization, form: await formOf(request) };
    asked.push(exchange);
    const { status = 200, body } = provider.answer(exchange) ?? { body: tokenOf(`exchanged-token-${asked.length}`) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = await serve(listener);
  const spec: TokenExchangeSpec = {
    tokenEndpoint: `${server.url}/token`,
    client: { id: 'toolfleet', secret: { env: 'TOOLFLEET_CREDENTIAL_IDP' }, authentication: 'basic' },
    audience: 'crm',
    scope: 'read write',
    subjectTokenType: 'access_token',
    timeoutMs: 2_000,
  };
  const provider: IdentityProvider = { server, asked, spec, answer: () => undefined };
  return provider;
}

export const tokenOf = (token: string, expiresIn: unknown = 3_600) => ({
  access_token: token,
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: expiresIn,
});

async function formOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}
