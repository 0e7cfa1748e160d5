/**
 * The few things of HTTP the shop needs on top of node:http: bounded JSON bodies, headers with a shape, problem
 * documents. Every error leaves as `application/problem+json` with a stable `error` code and a message for people.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultOf, httpStatusOf, invalid, type Fault } from '@toolfleet/kernel';
import type { ShopAnswer } from './store.js';

/** Sixteen times the largest body that the recorded tools can need. */
export const bodyBytesMax = 64 * 1024;
/** A copy is named by a session id, an idempotency key by the caller's server: neither is long. */
const headerPattern = /^[\x21-\x7e]{1,200}$/;

export const problemType = 'application/problem+json';

/** Reasons whose status says more than their kind's does. */
const statusOfReason: Readonly<Record<string, number>> = {
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  IDEMPOTENCY_KEY_REUSED: 422,
};

export function problemOf(error: unknown): ShopAnswer & { readonly fault: Fault } {
  const fault = faultOf(error);
  const status = statusOfReason[fault.reason] ?? httpStatusOf[fault.kind];
  const message = fault.kind === 'broken' ? 'Internal error' : fault.message;
  const document = { type: 'about:blank', title: titleOf(fault.reason), status, error: fault.reason, message };
  return { fault, status, contentType: problemType, body: JSON.stringify(document) };
}

/** `ORDER_NOT_FOUND` becomes `Order not found`. */
function titleOf(reason: string): string {
  return reason.charAt(0) + reason.slice(1).toLowerCase().replaceAll('_', ' ');
}

export function send(
  response: ServerResponse,
  answer: ShopAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': body.byteLength,
    ...headers,
  });
  response.end(body);
}

export function jsonAnswer(value: unknown, status = 200): ShopAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

export async function jsonBodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The socket must outlive a refused body: it still has to carry the refusal.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw invalid('BODY_TOO_LARGE', `The body is larger than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw invalid('BODY_INVALID', 'The body is not valid JSON', { cause });
  }
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !headerPattern.test(value)) {
    throw invalid('HEADER_INVALID', `${name} must be 1 to 200 printable characters without spaces`);
  }
  return value;
}
