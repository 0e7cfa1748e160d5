/**
 * Tools behind HTTP. Arguments go where the tool's binding says (path, query, headers, body), the upstream's credential is
 * filled in here and nowhere else, and a status becomes a fault or an answer. A read may be asked twice where it is slow.
 */
import type { Catalogue, ToolSpec, UpstreamSpec } from '@toolfleet/kernel';
import { Fault, broken, isFault, limits, missing, overloaded, toolHeaders, unreachable } from '@toolfleet/kernel';
import type { HttpClient, HttpResponse } from '@toolfleet/platform/http';
import { credentialHeadersOf } from './credential.js';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';
import type { HttpCall } from './http-call.js';
import { httpCallOf } from './http-call.js';
import type { Upstreams } from './upstreams.js';
import { atUpstream, upstreamCallOf } from './upstreams.js';

/** An upstream may ask for hours; a session is over long before. */
const retryAfterMsMax = 10 * 60_000;

export interface HttpDriverOptions {
  readonly http: HttpClient;
  readonly upstreams: Upstreams;
  readonly catalogue: Catalogue;
}

export class HttpDriver implements Driver {
  constructor(private readonly options: HttpDriverOptions) {}

  async run(run: ToolRun): Promise<ToolAnswer> {
    const { tool, call } = run;
    const binding = tool.http;
    const upstream = binding && this.options.catalogue.get('Upstream', binding.upstream);
    if (!binding || !upstream) throw missing('UPSTREAM_UNKNOWN', `The tool ${tool.name} has no upstream.`);
    const asked = httpCallOf(upstream, binding, run.args);
    const { url, body } = asked;
    const plain = headersOf(upstream, run, asked);
    const work = async (signal: AbortSignal): Promise<ToolAnswer> => {
      // At the moment of this attempt: it may have waited for a place, or be the second.
      const headers = { ...plain, [toolHeaders.timeLeftMs]: String(Math.max(0, call.deadlineAtMs - Date.now())) };
      const request = { method: binding.method, url, headers, body, signal, deadlineAtMs: call.deadlineAtMs };
      const response = await this.options.http
        .request({ ...request, responseBytesMax: limits.toolAnswerBytesMax })
        .catch((error: unknown) => tooLargeOf(error, tool));
      return answerOf(response, tool);
    };
    return atUpstream(() => this.options.upstreams.of(upstream).run(work, upstreamCallOf(run)));
  }

  takeRetry({ http: binding }: ToolSpec): boolean {
    const { catalogue, upstreams } = this.options;
    return upstreams.takeRetry(binding && catalogue.get('Upstream', binding.upstream));
  }
}

/** A write that was granted has happened, however long its answer is; a read is better asked for less. */
function tooLargeOf(error: unknown, { effect }: ToolSpec): HttpResponse {
  if (!isFault(error) || error.reason !== 'RESPONSE_TOO_LARGE') throw error;
  const status = Number(error.details['status']);
  if (effect === 'write' && status > 0 && status < 500) {
    const note = `The upstream answered with status ${status} and more text than may be kept.`;
    return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ note })) };
  }
  const { kind, reason, message, details } = error;
  throw new Fault(kind, reason, message, { details, hint: 'Ask for less: a filter, fewer fields or a page.' });
}

/** The credential's headers replace those of arguments: a model cannot choose who it is. */
function headersOf(upstream: UpstreamSpec, { call, tool }: ToolRun, asked: HttpCall): Record<string, string> {
  const headers: Record<string, string> = { ...asked.headers, ...credentialHeadersOf(upstream.credential, call) };
  if (asked.contentType !== undefined) headers['content-type'] = asked.contentType;
  if (tool.effect === 'write') headers[toolHeaders.idempotencyKey] = call.idempotencyKey;
  return headers;
}

function answerOf(response: HttpResponse, tool: ToolSpec): ToolAnswer {
  const { status, body } = response;
  const contentType = String(response.headers['content-type'] ?? 'application/octet-stream')
    .split(';')[0]!
    .trim();
  if (status >= 200 && status < 300) return { ok: true, body, contentType };
  if (status === 429) {
    const retryAfterMs = retryAfterOf(response);
    throw overloaded('UPSTREAM_RATE_LIMITED', `The tool ${tool.name} is rate limited.`, {
      details: { sent: 'no' },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (status >= 500) {
    // 501 and 503 say that nothing was done; after any other error the tool may have failed before or after its work.
    const sent = status === 501 || status === 503 ? 'no' : 'maybe';
    const retryAfterMs = retryAfterOf(response);
    throw unreachable('UPSTREAM_FAILED', `The tool ${tool.name} failed.`, {
      details: { status: String(status), sent },
      hint: 'It may work if you call it again a little later.',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (status >= 300 && status < 400) throw broken('UPSTREAM_REDIRECTED', 'The upstream answered with a redirect.');
  return { ok: false, body, contentType, reason: 'TOOL_REFUSED' };
}

function retryAfterOf(response: HttpResponse): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), retryAfterMsMax) : undefined;
}
