/** SessionService over gRPC: fields come with defaults filled in, enums by name, and go out by number. */
import { once } from 'node:events';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { requestFromWire, wireType } from '@toolfleet/contracts';
import { actorFor, invalid, requestFor, tenantFor, unreachable } from '@toolfleet/kernel';
import type { UserMessageInput } from '@toolfleet/kernel';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { Observable } from 'rxjs';
import { GatewayMetrics } from './gateway-metrics.js';
import { statusOf, viewToWire } from './sessions/session-view.js';
import type { CancelRequest, ListQuery } from './sessions/sessions.js';
import { Sessions } from './sessions/sessions.js';
import { StartSession } from './sessions/start-session.js';
import type { WatchRequest } from './sessions/watch-session.js';
import { WatchSession } from './sessions/watch-session.js';

/** What of a server stream the watch needs: whether its client keeps up. */
interface ServerCall extends NodeJS.EventEmitter {
  readonly writableNeedDrain: boolean;
}

interface CallMetadata {
  get(name: string): readonly unknown[];
}

/** A client that reads nothing for so long is gone or stuck; it resumes by seq. */
const stalledMsMax = 30_000;
const eventType = wireType('toolfleet.session.v1.SessionEvent');

@Controller()
export class SessionsGrpcController {
  constructor(
    @Inject(StartSession) private readonly startSession: StartSession,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(WatchSession) private readonly watchSession: WatchSession,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @GrpcMethod('SessionService', 'StartSession')
  @Needs('sessions:start')
  async start({ request }: { request: unknown }, metadata: CallMetadata) {
    const caller = this.identity.of(metadata);
    const asked = requestFor(caller, requestFromWire(request));
    const from = { caller, header: metadata.get('authorization')[0] };
    const { session, existing } = await this.metrics.start('grpc', () => this.startSession.start(asked, from));
    return { session: viewToWire(session), existing };
  }

  @GrpcMethod('SessionService', 'GetSession')
  @Needs('sessions:read')
  async get({ tenant: named, sessionId }: { tenant: string; sessionId: string }, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), named);
    return { session: viewToWire(await this.sessions.get(tenant, sessionId)) };
  }

  @GrpcMethod('SessionService', 'ListSessions')
  @Needs('sessions:read')
  async list(request: Omit<ListQuery, 'status'> & { status: string }, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), request.tenant);
    const page = await this.sessions.list({ ...request, tenant, status: statusOf(request.status) });
    return { sessions: page.sessions.map(viewToWire), nextPageToken: page.nextPageToken };
  }

  @GrpcMethod('SessionService', 'CancelSession')
  @Needs('sessions:cancel')
  async cancel(request: CancelRequest, metadata: object) {
    const caller = this.identity.of(metadata);
    const tenant = tenantFor(caller, request.tenant);
    const requestedBy = actorFor(caller, request.requestedBy, 'requestedBy');
    await this.sessions.cancel({ ...request, tenant, requestedBy });
    return {};
  }

  @GrpcMethod('SessionService', 'SendMessage')
  @Needs('sessions:start')
  async send(request: { tenant: string; sessionId: string; message: UserMessageInput | null }, metadata: CallMetadata) {
    const caller = this.identity.of(metadata);
    const tenant = tenantFor(caller, request.tenant);
    if (!request.message) throw invalid('FIELD_MISSING', 'message is required.', { details: { field: 'message' } });
    const { sessionId, message } = request;
    await this.sessions.send(caller, { tenant, sessionId }, message, metadata.get('authorization')[0]);
    return {};
  }

  @GrpcMethod('SessionService', 'WatchSession')
  @Needs('sessions:read')
  watch(asked: Omit<WatchRequest, 'caller'>, metadata: object, call: ServerCall): Observable<object> {
    const caller = this.identity.of(metadata);
    const request = { ...asked, caller, tenant: tenantFor(caller, asked.tenant) };
    return new Observable((subscriber) => {
      const gone = new AbortController();
      const follow = async () => {
        const watch = await this.watchSession.open(request, gone.signal);
        try {
          for await (const event of watch.events) {
            if (gone.signal.aborted) return;
            if (event === 'idle') continue;
            subscriber.next({ event: eventType.decode(event.bytes) });
            if (call.writableNeedDrain) await drained(call, gone);
          }
        } finally {
          watch.close();
        }
      };
      follow().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => gone.abort();
    });
  }
}

async function drained(call: ServerCall, gone: AbortController): Promise<void> {
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(stalledMsMax)]);
  try {
    await once(call, 'drain', { signal });
  } catch (cause) {
    gone.abort();
    throw unreachable('WATCHER_TOO_SLOW', 'The watcher does not read its events.', {
      cause,
      hint: 'Watch again from the last seq; nothing is lost.',
    });
  }
}
