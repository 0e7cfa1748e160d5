/** The orchestrator: owns every session's truth. Composition only. */
import { Module } from '@nestjs/common';
import type { Session, SessionEvent } from '@toolfleet/kernel';
import { ArgumentValidators } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { LiveKills } from '@toolfleet/platform/bus';
import { loadConfig, receiptKeyOf } from '@toolfleet/platform/config';
import { HttpClient } from '@toolfleet/platform/http';
import { HttpModelClient } from '@toolfleet/platform/model';
import type { Role, RoleContext } from '@toolfleet/platform/nest';
import { PostgresQuotaStore, PostgresSessionStore } from '@toolfleet/platform/postgres';
import { QuotaLeases, QuotaMetrics } from '@toolfleet/platform/quota';
import { StepCounter, latencyBuckets } from '@toolfleet/platform/telemetry';
import { InboxHandler, ORCHESTRATOR } from './inbox.handler.js';
import { LivePolicy } from './live-policy.js';
import { ModelTurns } from './model-turn.js';
import type { OrchestratorSettings } from './orchestrator.config.js';
import { orchestratorSettings } from './orchestrator.config.js';
import { SessionEffects } from './session-effects.js';
import type { SessionOwner } from './session-owner.js';
import { Sessions } from './sessions.js';
import { SessionBudgets } from './session-budgets.js';
import { TokenQuotas } from './token-quotas.js';

/** The inbox is the session's truth until committed: while the database is away its records wait, they are not given up. */
const redoMsMax = 24 * 60 * 60_000;

@Module({})
class OrchestratorModule {}

export const orchestratorRole: Role = {
  name: 'orchestrator',
  create(context) {
    const settings = loadConfig(orchestratorSettings);
    const policy = new LivePolicy(context);
    const kills = new LiveKills(context);
    const http = new HttpClient({ connectionsMax: settings.orchestratorModelConnectionsMax });
    const breakers = new Breakers();
    const leases = new QuotaLeases({
      store: new PostgresQuotaStore(context.database),
      listener: new QuotaMetrics(context.metrics),
    });
    const sessions = createSessions(context, settings, { policy, kills, http, breakers, leases });
    const transport = context.kafkaServer({
      transportId: ORCHESTRATOR,
      groups: [{ app: 'orchestrator', topics: [{ topic: 'session.inbox' }] }],
      limits: { concurrency: settings.orchestratorConcurrency, attemptsMax: 100_000, redoMsMax },
      onAssignment: ({ gained, lost }) => sessions.assigned(gained, lost),
    });
    return {
      module: {
        module: OrchestratorModule,
        controllers: [InboxHandler],
        providers: [{ provide: Sessions, useValue: sessions }],
      },
      transports: [transport],
      start: async () => {
        await Promise.all([policy.start(), kills.start()]);
        sessions.start();
      },
      stop: async () => {
        sessions.stop();
        await leases.close();
        await policy.close();
        await kills.close();
        await http.close();
      },
    };
  },
};

async function answer(turns: ModelTurns, owner: SessionOwner, session: Session, signal: AbortSignal): Promise<void> {
  const input = await turns.run(session, signal);
  // A rejection means that the owner was dropped; whoever owns the session now asks the model again.
  if (input && !signal.aborted) await owner.apply(input).catch(() => undefined);
}

type Metrics = RoleContext['metrics'];

function compactedCounter({ meter }: Metrics): (session: Session) => void {
  const description = 'Model turns whose older turns were told as a summary.';
  const compacted = new StepCounter(meter, 'toolfleet_context_compacted_turns', ['agent'], description);
  return ({ request: { agent } }) => compacted.add(1, { agent });
}

function claimsCounter({ meter }: Metrics): (session: Session, events: readonly SessionEvent[]) => void {
  const description = 'Claims of a model that no observation has.';
  const claims = new StepCounter(meter, 'toolfleet_claims_flagged', ['agent', 'kind'], description);
  return ({ request: { agent } }, events) => {
    for (const event of events) {
      if (event.type === 'claimsFlagged') for (const { kind } of event.flags) claims.add(1, { agent, kind });
    }
  };
}

/** What rules that are not enforced would have said, and patterns of trouble, of calls that are committed. */
function judgementCounter({ meter }: Metrics): (events: readonly SessionEvent[]) => void {
  const noted = 'Calls that a rule in shadow or warning would have decided otherwise.';
  const notes = new StepCounter(meter, 'toolfleet_policy_notes', ['rule', 'mode', 'effect'], noted);
  const storms = new StepCounter(meter, 'toolfleet_storms', ['storm', 'action'], 'Calls that were part of a storm.');
  return (events) => {
    for (const event of events) {
      if (event.type !== 'modelAnswered') continue;
      for (const call of event.calls) {
        for (const { rule, mode, effect } of call.notes ?? []) notes.add(1, { rule, mode, effect });
        for (const { storm, action } of call.storms ?? []) storms.add(1, { storm, action });
      }
    }
  };
}

interface ModelParts {
  readonly policy: LivePolicy;
  readonly kills: LiveKills;
  readonly http: HttpClient;
  readonly breakers: Breakers;
  readonly leases: QuotaLeases;
}

function createSessions(context: RoleContext, settings: OrchestratorSettings, parts: ModelParts): Sessions {
  const { policy, kills, http, breakers, leases } = parts;
  const { outlet, log, placement, catalogue, database, metrics } = context;
  const store = new PostgresSessionStore(database);
  const outcomes = metrics.meter.createCounter('toolfleet_session_outcomes', { description: 'Sessions that ended.' });
  const usageLabels = ['route', 'direction'] as const;
  const usage = new StepCounter(metrics.meter, 'toolfleet_model_tokens', usageLabels, 'Tokens used, by direction.');
  const modelLatency = metrics.meter.createHistogram('toolfleet_model_latency_seconds', {
    description: 'From a model request to the end of its answer, by route.',
    advice: { explicitBucketBoundaries: latencyBuckets },
  });
  const countCompacted = compactedCounter(metrics);
  const turns = new ModelTurns({
    client: new HttpModelClient({
      http,
      breakers,
      // Every session in memory may wait for its turn: our own load ends no session before its deadline does.
      queueMax: settings.orchestratorSessionsMax,
      onUsage: (report) => {
        modelLatency.record(report.latencyMs / 1_000, { route: report.route });
        usage.add(report.usage.inputTokens, { route: report.route, direction: 'input' });
        usage.add(report.usage.outputTokens, { route: report.route, direction: 'output' });
      },
    }),
    catalogue: catalogue.catalogue,
    validators: new ArgumentValidators(),
    policy: () => policy.current,
    killed: (call, nowMs) => kills.faultOf(call, nowMs),
    quotas: new TokenQuotas(catalogue.catalogue, leases),
    budgets: new SessionBudgets(catalogue.catalogue, leases),
    attemptsMax: settings.orchestratorModelAttemptsMax,
    onCompacted: countCompacted,
  });
  const effects = new SessionEffects({
    outlet,
    store,
    receiptKey: receiptKeyOf(settings.receiptKey),
    finished: (session: Session, corrected: boolean) => {
      if (!corrected) outcomes.add(1, { status: session.status, agent: session.request.agent });
      // When it fails the next owner of the partition tells the outcome again and retires the session then.
      store.retire(session.request.tenant, session.id, session.seq).catch((error: unknown) => {
        log.warn({ err: error, session: session.id }, 'ended session not retired');
      });
    },
  });
  const countClaims = claimsCounter(metrics);
  const countJudgements = judgementCounter(metrics);
  const sessions = new Sessions({
    store,
    log,
    partitionOf: (tenant, sessionId) => placement.partitionOf(tenant, sessionId),
    sessionsMax: settings.orchestratorSessionsMax,
    readBack: (session, events) => effects.auditAgain(session, events),
    askAhead: (session) => turns.askAhead(session),
    ports: {
      now: Date.now,
      commit: async (session, events) => {
        await effects.commit(session, events);
        countClaims(session, events);
        countJudgements(events);
      },
      publish: (session, events) => effects.publish(session, events),
      send: (session, effect) => effects.send(session, effect),
      callModel: (owner, session, signal) => void answer(turns, owner, session, signal),
    },
  });
  const active = metrics.meter.createObservableGauge('toolfleet_sessions_in_memory', {
    description: 'Sessions owned.',
  });
  active.addCallback((result) => result.observe(sessions.size));
  return sessions;
}
