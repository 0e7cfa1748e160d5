/**
 * Tools behind gRPC: the arguments of a call are its request as ProtoJSON, the answer comes back in that form. What the
 * service is made of comes with the catalogue, or from the server by reflection; each service has one channel, from its
 * first call until the catalogue drops or changes it.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CallPlan, Catalogue, GrpcBinding, GrpcServiceSpec, ToolSpec } from '@toolfleet/kernel';
import { broken, expired, isFault, limits, missing, toolHeaders } from '@toolfleet/kernel';
import type { GrpcMethod } from '@toolfleet/kernel/grpc';
import { GrpcDescriptors } from '@toolfleet/kernel/grpc';
import { waitFor } from '@toolfleet/platform';
import { ForeignGrpc, reflectDescriptors } from '@toolfleet/platform/grpc';
import { Credentials, type ResolvedCredential } from '../credentials/credentials.js';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';
import type { Upstreams } from './upstreams.js';
import { atUpstream, upstreamCallOf } from './upstreams.js';

export interface GrpcDriverOptions {
  readonly upstreams: Upstreams;
  readonly catalogue: Catalogue;
  /** Absent: variables only. */
  readonly credentials?: Credentials | undefined;
  /** A server that is asked by reflection may learn new methods: so long it is taken at its word. Default 5 minutes. */
  readonly reflectedMs?: number;
}

interface OpenService {
  /** Of all that a channel is made from. */
  readonly key: string;
  readonly client: ForeignGrpc;
  /** By the service that was asked for; of a set there is one for all. */
  readonly descriptors: Map<string, { readonly of: Promise<GrpcDescriptors>; readonly untilMs: number }>;
}

const reflectedMsDefault = 5 * 60_000;
const reflectionMsMax = 10_000;
/** Of a set that is unpacked. */
const setBytesMax = 32 * 1024 * 1024;
const unpack = promisify(gunzip);

export class GrpcDriver implements Driver {
  readonly #open = new Map<string, OpenService>();
  readonly #credentials: Credentials;

  constructor(private readonly options: GrpcDriverOptions) {
    this.#credentials = options.credentials ?? new Credentials();
  }

  /** A server that says by reflection what it has is asked for that: it changes nothing. */
  async plan(run: ToolRun): Promise<CallPlan> {
    const { spec, binding } = this.#boundTo(run.tool);
    await this.#credentials.of(spec.name, spec.credential, run);
    const service = await this.#serviceOf(spec);
    const method = await waitFor(this.#methodOf(service, spec, binding), { signal: run.signal, aborted: callOver });
    method.encode(run.args);
    return { destination: spec.name, method: 'unary', path: `/${method.name}` };
  }

  async run(run: ToolRun): Promise<ToolAnswer> {
    const { tool, call } = run;
    const { spec, binding } = this.#boundTo(tool);
    const service = await this.#serviceOf(spec);
    const { deadlineAtMs } = call;
    const once = async (credential: ResolvedCredential, signal: AbortSignal): Promise<ToolAnswer> => {
      const method = await waitFor(this.#methodOf(service, spec, binding), { signal, aborted: callOver });
      const request = method.encode(run.args);
      const timeLeftMs = String(Math.max(0, deadlineAtMs - Date.now()));
      const metadata = { ...metadataOf(credential, run), [toolHeaders.timeLeftMs]: timeLeftMs };
      const answer = await service.client.unary({ method: method.name, request, metadata, deadlineAtMs, signal });
      if (answer.ok) return toolAnswerOf(method, answer.bytes, tool);
      const { status, message } = answer;
      const isStale = tool.versionCheck !== undefined && staleStatuses.has(status);
      return { ok: false, reason: 'TOOL_REFUSED', ...jsonBody({ status, message }), ...(isStale && { stale: {} }) };
    };
    return atUpstream(async () => {
      const first = await this.#credentials.of(spec.name, spec.credential, run);
      const work = (signal: AbortSignal): Promise<ToolAnswer> =>
        once(first, signal).catch(async (error: unknown) => {
          if (!isFault(error) || error.details['status'] !== 'UNAUTHENTICATED') throw error;
          const fresh = await this.#credentials.renewed(spec.name, spec.credential, { ...run, signal }, first);
          if (!fresh) throw error;
          return once(fresh, signal);
        });
      return this.options.upstreams.of(spec).run(work, upstreamCallOf(run));
    });
  }

  takeRetry(tool: ToolSpec): boolean {
    return this.options.upstreams.takeRetry(this.#specOf(tool));
  }

  /** What the catalogue no longer has is closed; calls under way end as they would have. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const [name, { client }] of this.#open) {
      if (names.has(name)) continue;
      this.#open.delete(name);
      client.close();
    }
  }

  close(): void {
    this.keepOnly(new Set());
  }

  #boundTo(tool: ToolSpec): { readonly spec: GrpcServiceSpec; readonly binding: GrpcBinding } {
    const spec = this.#specOf(tool);
    if (!tool.grpc || !spec) throw missing('UPSTREAM_UNKNOWN', `The tool ${tool.name} has no service.`);
    return { spec, binding: tool.grpc };
  }

  #specOf({ grpc }: ToolSpec): GrpcServiceSpec | undefined {
    return grpc && this.options.catalogue.get('GrpcService', grpc.service);
  }

  async #serviceOf({ name, address, tls, caFile, descriptorSet }: GrpcServiceSpec): Promise<OpenService> {
    const key = JSON.stringify([address, tls, caFile, descriptorSet]);
    const known = this.#open.get(name);
    if (known?.key === key) return known;
    const ca = caFile === undefined ? undefined : await readFile(caFile).catch(authoritiesMissing);
    // Another call may have been faster meanwhile.
    const raced = this.#open.get(name);
    if (raced?.key === key) return raced;
    raced?.client.close();
    const client = new ForeignGrpc({
      address,
      tls: tls ? { ca } : undefined,
      answerBytesMax: limits.toolAnswerBytesMax,
    });
    const service: OpenService = { key, client, descriptors: new Map() };
    this.#open.set(name, service);
    return service;
  }

  async #methodOf(service: OpenService, spec: GrpcServiceSpec, { method: name }: GrpcBinding): Promise<GrpcMethod> {
    const descriptors = await this.#descriptorsOf(service, spec, name.slice(0, name.indexOf('/')));
    const method = descriptors.method(name);
    if (method?.isUnary) return method;
    const message = 'The service has no such method of one request and one answer.';
    throw missing('METHOD_UNKNOWN', message, { details: { sent: 'no' } });
  }

  /** Asked for once, however many calls wait for it, in a time of its own; what failed is asked for again. */
  #descriptorsOf(service: OpenService, { descriptorSet }: GrpcServiceSpec, name: string): Promise<GrpcDescriptors> {
    const key = descriptorSet === undefined ? name : '';
    const known = service.descriptors.get(key);
    if (known && known.untilMs > Date.now()) return known.of;
    const of = descriptorSet === undefined ? reflected(service.client, name) : unpacked(descriptorSet);
    const keptMs = descriptorSet === undefined ? (this.options.reflectedMs ?? reflectedMsDefault) : Infinity;
    service.descriptors.set(key, { of, untilMs: Date.now() + keptMs });
    of.catch(() => service.descriptors.delete(key));
    return of;
  }
}

function reflected(client: ForeignGrpc, service: string): Promise<GrpcDescriptors> {
  const deadlineAtMs = Date.now() + reflectionMsMax;
  return reflectDescriptors(client, { deadlineAtMs, signal: new AbortController().signal, services: [service] });
}

async function unpacked(descriptorSet: string): Promise<GrpcDescriptors> {
  return GrpcDescriptors.ofSet(await unpack(Buffer.from(descriptorSet, 'base64'), { maxOutputLength: setBytesMax }));
}

/** What is there is not what the request expects. */
const staleStatuses: ReadonlySet<string> = new Set(['ABORTED', 'FAILED_PRECONDITION']);

const callOver = () => expired('CANCELLED', 'The call is over.', { details: { sent: 'no' } });

/** The credential's entries replace nothing of ours: a manifest may not name them. */
function metadataOf({ headers }: ResolvedCredential, { call, tool, epoch }: ToolRun): Record<string, string> {
  const metadata: Record<string, string> = { ...headers };
  if (tool.effect === 'write') metadata[toolHeaders.idempotencyKey] = call.idempotencyKey;
  if (epoch !== undefined) metadata[toolHeaders.epoch] = String(epoch);
  return metadata;
}

/** A write that was granted has happened, whether or not its answer can be read. */
function toolAnswerOf(method: GrpcMethod, bytes: Uint8Array, { effect }: ToolSpec): ToolAnswer {
  try {
    return { ok: true, body: Buffer.from(method.decode(bytes)), contentType: 'application/json' };
  } catch (error) {
    if (effect !== 'write') throw error;
    return { ok: true, ...jsonBody({ note: 'The service granted it, with an answer that cannot be read.' }) };
  }
}

const jsonBody = (value: object) => ({
  ...{ body: Buffer.from(JSON.stringify(value)), contentType: 'application/json' },
});

const authoritiesMissing = (cause: unknown): never => {
  throw broken('CREDENTIAL_MISSING', 'The certificates of a service cannot be read.', {
    cause,
    details: { sent: 'no' },
  });
};
