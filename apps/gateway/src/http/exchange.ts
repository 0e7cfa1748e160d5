/** One HTTP exchange in our words: a bounded body as ProtoJSON, query texts, and answers as ProtoJSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToProtoJson, protoJsonToBytes, wireType } from '@toolfleet/contracts';
import type { Caller } from '@toolfleet/kernel';
import { expired, invalid, limits, tenantFor } from '@toolfleet/kernel';

export type HttpRequest = IncomingMessage & { readonly query: Readonly<Record<string, unknown>> };
export type HttpResponse = ServerResponse;

/** As long as a record of the public topic may be, so that both ways in take the same requests. */
const bodyBytesMax = limits.recordBytesMax;
const bodyWithinMs = 15_000;

/** The body as a message of this type, 64-bit integers as numbers, enums as numbers. Without a body: an empty message. */
export async function readMessage(request: HttpRequest, fullName: string): Promise<Record<string, unknown>> {
  const type = wireType(fullName);
  const body = await readBody(request);
  if (body.byteLength === 0) return type.decode(new Uint8Array());
  checkContentType(request);
  return type.decode(protoJsonToBytes(fullName, textOf(body)));
}

export function answer(response: HttpResponse, status: number, fullName: string, message: object): void {
  const body = JSON.stringify(bytesToProtoJson(fullName, wireType(fullName).encode(message)));
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** A query parameter that is given once, or nothing. */
export function queryText(request: HttpRequest, name: string): string {
  const value = request.query[name];
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw invalid('QUERY_INVALID', `${name} is given more than once.`, { details: { field: name } });
}

/** Where a body may name the tenant as well, both must be the caller's: neither hides the other. */
export function tenantNamed(caller: Caller, request: HttpRequest, inBody: string): string {
  const inQuery = queryText(request, 'tenant');
  const tenant = tenantFor(caller, inQuery || inBody);
  if (inBody === '' || tenantFor(caller, inBody) === tenant) return tenant;
  throw invalid('TENANT_AMBIGUOUS', 'The query and the body name two tenants.', { details: { field: 'tenant' } });
}

export function queryNumber(request: HttpRequest, name: string): number {
  return numberOf(queryText(request, name), name);
}

/** False when it is not given. */
export function queryFlag(request: HttpRequest, name: string): boolean {
  const text = queryText(request, name);
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw invalid('QUERY_INVALID', `${name} is neither true nor false.`, { details: { field: name } });
}

/** 0 when the text is empty. */
export function numberOf(text: string, name: string): number {
  if (/^\d{0,15}$/.test(text)) return Number(text);
  throw invalid('QUERY_INVALID', `${name} is not a whole number.`, { details: { field: name } });
}

function checkContentType({ headers }: HttpRequest): void {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) return;
  throw invalid('CONTENT_TYPE_UNKNOWN', 'The body must be JSON.', {
    details: { contentType: type.slice(0, 100) },
    hint: 'Send content-type: application/json.',
  });
}

async function readBody(request: HttpRequest): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge();
  const late = setTimeout(() => request.destroy(), bodyWithinMs);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > bodyBytesMax) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (request.destroyed && !request.complete && !bodyTooLarge(error)) {
      throw expired('BODY_INCOMPLETE', 'The body did not arrive in time.', { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
}

const bodyTooLarge = (error: unknown) => (error as { reason?: string })?.reason === 'BODY_TOO_LARGE';

const tooLarge = () =>
  invalid('BODY_TOO_LARGE', `The body has more than ${bodyBytesMax} bytes.`, {
    details: { bodyBytesMax: String(bodyBytesMax) },
  });

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('MALFORMED_JSON', 'The body is not UTF-8.', { cause });
  }
}
