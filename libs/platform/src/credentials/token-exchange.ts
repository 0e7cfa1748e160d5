/**
 * Token exchange as RFC 8693 has it: a user's token goes to the token endpoint, with who the fleet is, and comes back as one
 * that the destination takes. What the endpoint says in words stays there; its error code, where it is one, is told.
 */
import type { Fault, TokenExchangeSpec } from '@toolfleet/kernel';
import { broken, denied, isFault, overloaded, unreachable } from '@toolfleet/kernel';
import type { HttpClient, HttpResponse } from '../http/index.js';

export interface ExchangeWait {
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
}

export interface ExchangedToken {
  readonly token: string;
  /** Absent: the endpoint did not say. */
  readonly expiresInMs?: number | undefined;
}

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const tokenType = 'urn:ietf:params:oauth:token-type:';
/** A token of an endpoint that puts all groups of a user into it has some 16 KiB, as the largest headers that servers take. */
const answerBytesMax = 64 * 1024;
const tokenCharsMax = 16 * 1024;

/** Faults: `denied` CREDENTIAL_REFUSED, `unreachable` CREDENTIAL_UNREACHABLE, `broken` CREDENTIAL_INVALID; nothing was sent on. */
export async function exchangeToken(
  http: HttpClient,
  spec: TokenExchangeSpec,
  { subjectToken, clientSecret }: { readonly subjectToken: string; readonly clientSecret: string },
  { signal, deadlineAtMs }: ExchangeWait,
): Promise<ExchangedToken> {
  const { headers, body } = requestOf(spec, subjectToken, clientSecret);
  const request = { method: 'POST', url: spec.tokenEndpoint, headers, body: String(body), signal, deadlineAtMs };
  const response = await http.request({ ...request, responseBytesMax: answerBytesMax }).catch((error: unknown) => {
    throw signal.aborted ? error : away(error);
  });
  if (response.status === 429) throw busy();
  if (response.status >= 500) throw away(undefined, response.status);
  const answer = jsonOf(response);
  if (response.status !== 200) throw refused(response.status, answer);
  return tokenOf(answer);
}

function requestOf(spec: TokenExchangeSpec, subjectToken: string, clientSecret: string) {
  const { client, audience, resource, scope, subjectTokenType } = spec;
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const body = new URLSearchParams({
    grant_type: grantType,
    subject_token: subjectToken,
    subject_token_type: tokenType + subjectTokenType,
    requested_token_type: `${tokenType}access_token`,
  });
  for (const [name, value] of Object.entries({ audience, resource, scope })) {
    if (value !== undefined) body.set(name, value);
  }
  if (client.authentication === 'post') {
    body.set('client_id', client.id);
    body.set('client_secret', clientSecret);
  } else {
    // RFC 6749, 2.3.1: each is form-encoded before they are joined.
    const pair = `${formEncoded(client.id)}:${formEncoded(clientSecret)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return { headers, body };
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

type Answer = Readonly<Record<string, unknown>>;

function jsonOf({ body }: HttpResponse): Answer {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return answer !== null && typeof answer === 'object' ? (answer as Answer) : {};
  } catch {
    return {};
  }
}

function tokenOf({ access_token: token, expires_in: expiresIn }: Answer): ExchangedToken {
  // It becomes part of a header.
  if (typeof token !== 'string' || token.length > tokenCharsMax || !/^[\x21-\x7e]+$/.test(token)) throw unusable();
  // Some endpoints write the number as a text.
  const seconds = typeof expiresIn === 'string' ? Number.parseFloat(expiresIn) : expiresIn;
  return { token, expiresInMs: typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : undefined };
}

/** Codes of the standard are of this form; words of a person are not. */
const errorCode = /^[a-z][a-z_]{0,40}$/;
/** The user's token, or what was asked for with it, is the user's to mend; anything else is for operators. */
const ofUser: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_request',
  'invalid_target',
  'invalid_scope',
  'access_denied',
]);

function refused(status: number, { error }: Answer): Fault {
  const code = typeof error === 'string' && errorCode.test(error) ? error : '';
  const options = { details: { sent: 'no', status: String(status), ...(code && { code }) } };
  if (ofUser.has(code)) {
    return denied('CREDENTIAL_REFUSED', 'The user was given no credential for the tool.', {
      ...options,
      hint: 'Do not repeat this call: tell the user that they have no access there, or must sign in again.',
    });
  }
  return broken('CREDENTIAL_REFUSED', 'The fleet was given no credential for the tool.', options);
}

function away(cause?: unknown, status?: number): Fault {
  const details = { sent: 'no', ...(status === undefined ? {} : { status: String(status) }) };
  if (isFault(cause) && cause.kind === 'overloaded') return cause;
  return unreachable('CREDENTIAL_UNREACHABLE', 'The service that gives credentials cannot be reached.', {
    cause,
    details,
  });
}

const busy = (): Fault =>
  overloaded('CREDENTIAL_RATE_LIMITED', 'The service that gives credentials takes no more requests now.', {
    details: { sent: 'no' },
    retryAfterMs: 1_000,
  });

const unusable = (): Fault =>
  broken('CREDENTIAL_INVALID', 'The service that gives credentials answered without one.', { details: { sent: 'no' } });
