/** The gateway as a role: every way in and out of the fleet. Composition only. */
import { Module } from '@nestjs/common';
import { limits } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { loadConfig, tokenSealOf } from '@toolfleet/platform/config';
import { GrpcClient, grpcChannelCredentials } from '@toolfleet/platform/grpc';
import { Identity } from '@toolfleet/platform/identity';
import type { TopicReaderOptions } from '@toolfleet/platform/kafka';
import { readBroadcast } from '@toolfleet/platform/kafka';
import type { Role, RoleContext, RoleParts, TransportTopic } from '@toolfleet/platform/nest';
import { PostgresSessionStore, PostgresSubjectTokenStore, PostgresWaitingRoom } from '@toolfleet/platform/postgres';
import { PolicyService } from './approvals/policy-service.js';
import { ApprovalDecisionsHandler } from './bus/approval-decisions.handler.js';
import { BroadcastWhileWanted } from './bus/broadcast-while-wanted.js';
import { InteractiveSender } from './bus/interactive-sender.js';
import { Publishers } from './bus/publishers.js';
import { RequestIntake } from './bus/request-intake.js';
import { GATEWAY_TRANSPORT, SessionRequestsHandler } from './bus/session-requests.handler.js';
import { GatewayMetrics } from './gateway-metrics.js';
import type { GatewaySettings } from './gateway.config.js';
import { gatewaySettings } from './gateway.config.js';
import { ApprovalsHttpController } from './http/approvals.controller.js';
import { EffectsHttpController } from './http/effects.controller.js';
import { OpenApiController } from './http/openapi.controller.js';
import { PolicyHttpController } from './http/policy.controller.js';
import { SessionsHttpController } from './http/sessions.controller.js';
import { SessionsGrpcController } from './sessions.grpc.js';
import { AcceptedSessions, acceptedMsMax } from './sessions/accepted-sessions.js';
import { LookUps, boundedRoom, boundedStore } from './sessions/look-ups.js';
import { SessionFeed } from './sessions/session-feed.js';
import { Sessions } from './sessions/sessions.js';
import type { StartSessionOptions } from './sessions/start-session.js';
import { StartSession } from './sessions/start-session.js';
import { UserTokens } from './sessions/user-tokens.js';
import { WatchSession } from './sessions/watch-session.js';

@Module({})
class GatewayModule {}

/** A decision is one statement in the policy service's database; a person waits for it. */
const policyDeadlineMs = 5_000;

const controllers = [
  SessionRequestsHandler,
  ApprovalDecisionsHandler,
  SessionsGrpcController,
  SessionsHttpController,
  ApprovalsHttpController,
  EffectsHttpController,
  PolicyHttpController,
  OpenApiController,
];

/**
 * All that is read of outcomes is that admission refused a session, which its watcher learns so much later at most. Beside a storm of
 * refusals they would be fetched 47 times a second.
 */
const refusalMayWaitMs = 250;

export const gatewayRole: Role = { name: 'gateway', takesCallers: true, create };

function create(context: RoleContext): RoleParts {
  const settings = loadConfig(gatewaySettings);
  const { policyAddress, gatewayConcurrency, watchersMax } = settings;
  const requestTopics = context.settings.tenantRequestTopics;
  const { connection, log, names, outlet } = context;
  const accepted = new AcceptedSessions();
  const feed: SessionFeed = new SessionFeed(accepted, watchersMax, (count) => {
    events.wanted(count);
    outcomes.wanted(count);
  });
  const events = new BroadcastWhileWanted(
    () => readBroadcast({ connection, topic: names.of('session.events'), onRecord: (record) => feed.onEvents(record) }),
    { caughtUp: () => feed.caughtUp() },
  );
  const outcomes = outcomesOf(context, feed);
  const listening = (): Promise<void> | undefined => {
    outcomes.wanted(feed.watchers);
    return outcomes.listening();
  };
  const { store, sessions, starts } = createSessions(context, settings, { accepted, listening });
  const metrics = new GatewayMetrics(context.metrics, () => feed.watchers);
  const policy = policyClient(context, policyAddress, metrics);
  const publishers = new Publishers(context.identity, requestTopics, Date.now);
  const intake = new RequestIntake(starts, outlet, metrics, publishers);
  const requests = new Set([names.of('session.requests'), ...requestTopics.keys()]);
  return {
    module: {
      module: GatewayModule,
      controllers,
      providers: [
        { provide: Outlet, useValue: outlet },
        { provide: Sessions, useValue: sessions },
        { provide: StartSession, useValue: starts },
        { provide: WatchSession, useValue: new WatchSession({ store, sessions, accepted, feed, listening, log }) },
        { provide: GatewayMetrics, useValue: metrics },
        { provide: GrpcClient, useValue: policy },
        { provide: PolicyService, useValue: new PolicyService(policy) },
        { provide: Identity, useValue: context.identity },
        { provide: Publishers, useValue: publishers },
        { provide: RequestIntake, useValue: intake },
      ],
    },
    transports: [
      context.kafkaServer({
        transportId: GATEWAY_TRANSPORT,
        groups: [{ app: 'gateway', topics: topicsOf(requestTopics) }],
        limits: { concurrency: gatewayConcurrency },
        // Publishers that set no key ask for no order.
        laneOf: ({ key, partition, offset }) => key || `${partition}/${offset}`,
        atOnce: (record) => (requests.has(record.topic) ? intake.take(record) : undefined),
      }),
    ],
    grpcPackages: ['toolfleet.session.v1'],
    stop: async () => {
      feed.close();
      policy.close();
      await Promise.all([events.close(), outcomes.close()]);
    },
  };
}

/** Wanted for as long as what is noted of an accepted session counts. */
function outcomesOf({ connection, names }: RoleContext, feed: SessionFeed): BroadcastWhileWanted {
  const topic = names.of('session.outcomes');
  const onRecord: TopicReaderOptions['onRecord'] = (record) => feed.onOutcome(record);
  return new BroadcastWhileWanted(() => readBroadcast({ connection, topic, onRecord, mayWaitMs: refusalMayWaitMs }), {
    lingerMs: acceptedMsMax,
  });
}

function policyClient({ settings, log }: RoleContext, address: string, metrics: GatewayMetrics): GrpcClient {
  const onCall = (method: string, tookMs: number): void => metrics.rpc(method, tookMs);
  const channel = grpcChannelCredentials(settings, { log });
  return new GrpcClient({ address, deadlineMs: policyDeadlineMs, onCall, channel });
}

function createSessions(
  context: RoleContext,
  settings: GatewaySettings,
  { accepted, listening }: Pick<StartSessionOptions, 'accepted' | 'listening'>,
) {
  const { database, names, outlet, placement, producer } = context;
  const { catalogue } = context.catalogue;
  const lookUps = new LookUps({ withinMs: settings.gatewayLookUpTimeoutMs, atOnceMax: limits.lookUpsMax });
  const store = new PostgresSessionStore(database);
  const waitingRoom = boundedRoom(new PostgresWaitingRoom(database), lookUps);
  const interactive = new Outlet(new InteractiveSender(producer, settings.gatewayBusTimeoutMs), names, placement);
  const tokenStore = new PostgresSubjectTokenStore(database);
  const tokens = new UserTokens({ catalogue, store: tokenStore, seal: tokenSealOf(settings), now: Date.now });
  const bounded = { store: boundedStore(store, lookUps), waitingRoom };
  const sessions = new Sessions({ ...bounded, accepted, outlet: interactive, tokens });
  const starts = new StartSession({
    catalogue,
    sessions,
    accepted,
    listening,
    interactive,
    patient: outlet,
    atHand: context.admissionAtHand,
    tokens,
    now: Date.now,
  });
  return { store, sessions, starts };
}

/** Requests of a topic that is one tenant's have the handler of the public one, which knows their publisher by the topic. */
const topicsOf = (requestTopics: ReadonlyMap<string, string>): TransportTopic[] => [
  { topic: 'session.requests' },
  { topic: 'approval.decisions' },
  ...[...requestTopics.keys()].map((onBus) => ({ onBus, pattern: 'session.requests' })),
];
