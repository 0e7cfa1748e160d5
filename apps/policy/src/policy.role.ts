/** Policy as a role: admission, the rule bundle, approvals, PolicyService. */
import { Module } from '@nestjs/common';
import { limits } from '@toolfleet/kernel';
import { loadConfig, receiptKeyOf } from '@toolfleet/platform/config';
import { Identity } from '@toolfleet/platform/identity';
import type { AdmissionOwner } from '@toolfleet/platform/bus';
import { readCompacted, type KafkaServer } from '@toolfleet/platform/kafka';
import type { Role, RoleContext, RoleParts } from '@toolfleet/platform/nest';
import { Sweeper } from '@toolfleet/platform/nest';
import { StepCounter } from '@toolfleet/platform/telemetry';
import type { SessionHead } from '@toolfleet/platform/postgres';
import {
  PostgresApprovalStore,
  PostgresOpenEffects,
  PostgresQuotaStore,
  PostgresSessionStore,
  PostgresSubjectTokenStore,
  PostgresWaitingRoom,
} from '@toolfleet/platform/postgres';
import { AdmissionBudgets } from './admission/admission-budgets.js';
import { AdmissionHandler, POLICY_TRANSPORT } from './admission/admission.handler.js';
import type { AdmissionPorts } from './admission/admission-ports.js';
import { holdsPlace } from './admission/admission-ports.js';
import { observeAdmission } from './admission/admission-metrics.js';
import { FleetShare } from './admission/fleet-share.js';
import { LineMemory } from './admission/line-memory.js';
import { QuotaBookSweep } from './admission/quota-book.sweeper.js';
import { RefusedSessions } from './admission/refused-sessions.js';
import { TenantDesks } from './admission/tenant-desks.js';
import { Approvals } from './approvals/approvals.js';
import { ReviewHandler } from './approvals/review.handler.js';
import { AuditHandler, AUDIT_TRANSPORT } from './audit/audit.handler.js';
import { AuditController, AUDIT_SIGNER } from './audit/audit.grpc.js';
import { AuditKeeper } from './audit/audit-keeper.js';
import { AuditLog } from './audit/audit-log.js';
import { createAudit } from './audit/audit-parts.js';
import { Erasure } from './audit/erasure.js';
import { EffectsController } from './effects/effects.grpc.js';
import { UnknownCensus } from './effects/unknown-census.js';
import { UnknownWrites } from './effects/unknown-writes.js';
import { policySettings } from './policy.config.js';
import { PolicyController } from './policy.grpc.js';
import { BundleKeeper } from './rules/bundle-keeper.js';
import { ExplainCalls } from './rules/explain-calls.js';

@Module({})
class PolicyModule {}

/** While the database is away the audit waits on the bus; it is given up after a week, not after an hour. */
const auditLimits = { attemptsMax: 1_000_000, redoMsMax: 7 * 24 * 60 * 60_000 };

export const policyRole: Role = { name: 'policy', takesCallers: true, create };

/** A user's token outlives its session by a minute at most. */
const tokenSweepMs = 20_000;
/** Kept for weeks, so an hour more does not count. */
const slowSweepMs = 60 * 60_000;
/** A scrape or two. */
const censusMs = 60_000;
/** One page of it at a time. */
const quotaSweepMs = 10_000;
const tokenSweep = { graceMs: 30_000, limit: 5_000 };

const controllers = [
  AdmissionHandler,
  ReviewHandler,
  AuditHandler,
  PolicyController,
  AuditController,
  EffectsController,
];

function create(context: RoleContext): RoleParts {
  const settings = loadConfig(policySettings);
  const { catalogue: live, connection, names, outlet, log } = context;
  const bundles = new BundleKeeper({
    live,
    outlet,
    log,
    read: (onRecord) => readCompacted({ connection, topic: names.of('policy.bundle'), onRecord }),
  });
  const fleet = new FleetShare(settings.fleetSessionsMax, Date.now);
  const book = new PostgresQuotaStore(context.database);
  const budgets = new AdmissionBudgets(book);
  const refused = new RefusedSessions(context);
  const desks = new TenantDesks(admissionPorts(context, { fleet, budgets, refused }), context.placement);
  const approvals = createApprovals(context, bundles, settings);
  const audit = createAudit(context, settings);
  const sessions = new PostgresSessionStore(context.database);
  const explanations = new ExplainCalls({ live, bundles, sessions, now: Date.now });
  const writes = unknownWritesOf(context);
  const sweepers = sweepersOf(context, settings.policySweepMs, { desks, approvals, writes, book });
  const admissions = context.kafkaServer({
    transportId: POLICY_TRANSPORT,
    groups: [{ app: 'policy', topics: [{ topic: 'session.admission' }, { topic: 'toolcall.review' }] }],
    onAssignment: (assignment) => {
      if (assignment.topic === names.of('session.admission')) desks.assign(assignment);
    },
  });
  if (context.settings.handOver === 'on') context.admissionAtHand.serve(refusalsAtHand(context, desks, admissions));
  context.health.register('policy bundle', () => bundles.health());
  observeAdmission(context.metrics, desks, fleet);
  return {
    module: {
      module: PolicyModule,
      controllers,
      providers: [
        { provide: TenantDesks, useValue: desks },
        { provide: Approvals, useValue: approvals },
        { provide: UnknownWrites, useValue: writes },
        { provide: AuditKeeper, useValue: audit.keeper },
        { provide: AuditLog, useValue: audit.log },
        { provide: Erasure, useValue: audit.erasure },
        { provide: AUDIT_SIGNER, useValue: audit.signer },
        { provide: Identity, useValue: context.identity },
        { provide: ExplainCalls, useValue: explanations },
      ],
    },
    transports: [
      admissions,
      context.kafkaServer({
        transportId: AUDIT_TRANSPORT,
        groups: [{ app: 'policy', part: 'audit', topics: [{ topic: 'audit' }] }],
        limits: auditLimits,
      }),
    ],
    grpcPackages: ['toolfleet.policy.v1', 'toolfleet.audit.v1', 'toolfleet.effect.v1'],
    start: async () => {
      await bundles.start();
      for (const sweeper of sweepers) sweeper.start();
      audit.start();
    },
    stop: async () => {
      await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
      await audit.stop();
      await desks.stop();
      refused.close();
      await bundles.stop();
    },
  };
}

/** What operators hold back is not refused past them either. */
function refusalsAtHand(
  { names, placement }: RoleContext,
  desks: TenantDesks,
  { consumers }: Pick<KafkaServer, 'consumers'>,
): AdmissionOwner {
  const topic = names.of('session.admission');
  return {
    refuse: (sessionId, request) => {
      const { tenant } = request;
      const isOpen = consumers.some((consumer) => consumer.worksOn(topic, placement.homeOf(tenant), tenant));
      return isOpen ? desks.refuse(sessionId, request) : undefined;
    },
  };
}

interface Swept {
  readonly desks: TenantDesks;
  readonly approvals: Approvals;
  readonly writes: UnknownWrites;
  readonly book: PostgresQuotaStore;
}

function sweepersOf({ database, log, metrics }: RoleContext, everyMs: number, swept: Swept): Sweeper[] {
  const { desks, approvals, writes } = swept;
  const tokens = new PostgresSubjectTokenStore(database);
  const book = new QuotaBookSweep(swept.book);
  const census = new UnknownCensus(new PostgresOpenEffects(database), metrics);
  return [
    new Sweeper('admission', everyMs, () => desks.sweep(), log),
    new Sweeper('approvals', everyMs, () => approvals.sweep(), log),
    new Sweeper('subject tokens', tokenSweepMs, async () => void (await tokens.sweep(Date.now(), tokenSweep)), log),
    new Sweeper('quota book', quotaSweepMs, () => book.pass(), log),
    new Sweeper('census of unknown writes', censusMs, () => census.pass(), log),
    new Sweeper('unknown writes', slowSweepMs, () => writes.giveUp(), log),
  ];
}

function unknownWritesOf({ database, outlet, metrics }: RoleContext): UnknownWrites {
  const givenUp = metrics.meter.createCounter('toolfleet_effects_given_up', {
    description: 'Writes of unknown end that nobody found out in time.',
  });
  const open = new PostgresOpenEffects(database);
  return new UnknownWrites({ open, outlet, now: Date.now, onGivenUp: () => givenUp.add(1) });
}

function admissionPorts(
  { catalogue: live, database, outlet, placement, metrics, log }: RoleContext,
  {
    fleet,
    budgets,
    refused,
  }: Pick<AdmissionPorts, 'fleet'> & { readonly budgets: AdmissionBudgets; readonly refused: RefusedSessions },
): AdmissionPorts {
  const sessions = new PostgresSessionStore(database);
  const description = 'Sessions by what became of them.';
  const counter = new StepCounter<'verdict'>(metrics.meter, 'toolfleet_admissions', ['verdict'], description);
  return {
    log,
    now: Date.now,
    tenant: (name) => live.catalogue.get('Tenant', name),
    tenants: () => live.catalogue.all('Tenant').map(({ name }) => name),
    fleet,
    room: new PostgresWaitingRoom(database),
    lineMemory: new LineMemory(),
    budgetFault: (tenant, request) => budgets.fault(tenant, request),
    activeOf: async (tenant) => {
      const heads = await Promise.all(placement.span(tenant).map((partition) => activeIn(sessions, tenant, partition)));
      return heads.flat().filter(holdsPlace);
    },
    head: (tenant, sessionId) => sessions.head(tenant, sessionId),
    route: (routing, until) => outlet.routing(routing, until),
    refuse: (outcome) => refused.tell(outcome),
    count: (verdict) => counter.add(1, { verdict }),
  };
}

/** The store lists a partition by tenant, so a tenant's sessions are one run of it. */
async function activeIn(sessions: PostgresSessionStore, tenant: string, partition: number): Promise<SessionHead[]> {
  const page = 500;
  const found: SessionHead[] = [];
  // A cursor may not be empty; a blank sorts before every session id.
  let after = { tenant, sessionId: ' ' };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
    const heads = await sessions.activeIn(partition, { limit: page, after });
    const own = heads.filter((head) => head.tenant === tenant);
    found.push(...own);
    if (own.length < page) return found;
    after = own.at(-1)!;
  }
}

function createApprovals(
  { catalogue: live, database, outlet, metrics }: RoleContext,
  bundles: BundleKeeper,
  settings: { readonly receiptKey: Parameters<typeof receiptKeyOf>[0] },
): Approvals {
  const counter = metrics.meter.createCounter('toolfleet_approvals', {
    description: 'Approvals by what became of them.',
  });
  const sessions = new PostgresSessionStore(database);
  return new Approvals({
    store: new PostgresApprovalStore(database),
    outlet,
    receiptKey: receiptKeyOf(settings.receiptKey),
    context: () => ({
      policyRevision: bundles.current.revision,
      ruleNamed: (name) => bundles.current.ruleNamed(name),
      tool: (name) => live.catalogue.get('Tool', name),
    }),
    openMax: (tenant) => live.catalogue.get('Tenant', tenant)?.openApprovalsMax ?? limits.openApprovalsOfTenant,
    runs: async (tenant, sessionId) => {
      const head = await sessions.head(tenant, sessionId);
      return head !== undefined && holdsPlace(head);
    },
    now: Date.now,
    count: (decision) => counter.add(1, { decision }),
  });
}
