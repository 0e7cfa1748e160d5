/** Sessions over HTTP/JSON: the messages of SessionService as ProtoJSON, a watch as server-sent events. */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { requestFromWire } from '@toolfleet/contracts';
import type { UserMessageInput } from '@toolfleet/kernel';
import { actorFor, requestFor, tenantFor } from '@toolfleet/kernel';
import { Identity, Needs } from '@toolfleet/platform/identity';
import { GatewayMetrics } from '../gateway-metrics.js';
import { statusOf, viewToWire } from '../sessions/session-view.js';
import type { CancelRequest } from '../sessions/sessions.js';
import { Sessions } from '../sessions/sessions.js';
import { StartSession } from '../sessions/start-session.js';
import { WatchSession } from '../sessions/watch-session.js';
import { sendEvents } from './event-stream.js';
import type { HttpRequest, HttpResponse } from './exchange.js';
import { answer, numberOf, queryFlag, queryNumber, queryText, readMessage, tenantNamed } from './exchange.js';

const messages = 'toolfleet.session.v1';

@Controller('v1/sessions')
export class SessionsHttpController {
  constructor(
    @Inject(StartSession) private readonly startSession: StartSession,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(WatchSession) private readonly watchSession: WatchSession,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @Post()
  @Needs('sessions:start')
  async start(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const named = requestFromWire(await readMessage(request, `${messages}.SessionRequest`));
    const caller = this.identity.of(request);
    const asked = requestFor(caller, named);
    const from = { caller, header: request.headers['authorization'] };
    const { session, existing } = await this.metrics.start('http', () => this.startSession.start(asked, from));
    const message = { session: viewToWire(session), existing };
    answer(response, existing ? 200 : 201, `${messages}.StartSessionResponse`, message);
  }

  @Get()
  @Needs('sessions:read')
  async list(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const page = await this.sessions.list({
      tenant: this.#tenantOf(request),
      status: statusOf(queryText(request, 'status')),
      agent: queryText(request, 'agent'),
      pageSize: queryNumber(request, 'pageSize'),
      pageToken: queryText(request, 'pageToken'),
    });
    const message = { sessions: page.sessions.map(viewToWire), nextPageToken: page.nextPageToken };
    answer(response, 200, `${messages}.ListSessionsResponse`, message);
  }

  @Get(':id')
  @Needs('sessions:read')
  async get(@Param('id') id: string, @Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const session = await this.sessions.get(this.#tenantOf(request), id);
    answer(response, 200, `${messages}.GetSessionResponse`, { session: viewToWire(session) });
  }

  @Get(':id/events')
  @Needs('sessions:read')
  async events(@Param('id') id: string, @Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    // A reconnecting browser repeats its first URL; what it has seen since is in the header.
    const resumed = request.headers['last-event-id'];
    const afterSeq =
      typeof resumed === 'string' ? numberOf(resumed, 'last-event-id') : queryNumber(request, 'afterSeq');
    const tenant = this.#tenantOf(request);
    const cancelOnDisconnect = queryFlag(request, 'cancelOnDisconnect');
    const caller = this.identity.of(request);
    const watched = { caller, tenant, sessionId: id, afterSeq, cancelOnDisconnect };
    const watch = await this.watchSession.open(watched, gone.signal);
    try {
      await sendEvents(response, watch, gone);
    } finally {
      watch.close();
    }
  }

  @Post(':id/cancel')
  @Needs('sessions:cancel')
  async cancel(@Param('id') id: string, @Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const body = await readMessage(request, `${messages}.CancelSessionRequest`);
    const { reason, requestedBy: named, tenant: inBody } = body as unknown as CancelRequest;
    const caller = this.identity.of(request);
    const tenant = tenantNamed(caller, request, inBody);
    await this.sessions.cancel({ tenant, sessionId: id, reason, requestedBy: actorFor(caller, named, 'requestedBy') });
    answer(response, 202, `${messages}.CancelSessionResponse`, {});
  }

  @Post(':id/messages')
  @Needs('sessions:start')
  async send(@Param('id') id: string, @Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const { messageId, text } = (await readMessage(request, `${messages}.UserMessage`)) as unknown as UserMessageInput;
    const caller = this.identity.of(request);
    const session = { tenant: this.#tenantOf(request), sessionId: id };
    await this.sessions.send(caller, session, { messageId, text }, request.headers['authorization']);
    answer(response, 202, `${messages}.SendMessageResponse`, {});
  }

  #tenantOf(request: HttpRequest): string {
    return tenantFor(this.identity.of(request), queryText(request, 'tenant'));
  }
}
