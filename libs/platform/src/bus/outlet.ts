/**
 * Everything that a service may put on the bus, each with its topic, key, partition and headers. The one place where the
 * rules of placement meet the producer: a session's records follow its id, a write its conflict key, admission the tenant.
 *
 * Where a method takes `until`, its caller says that the record may be handed over within the process, and what it may
 * count on then (see `HandOver`); without it the record goes over the bus.
 */
import {
  TopicNames,
  breakerKeyOf,
  consumerStatusKeyOf,
  encodeApprovalNotice,
  encodeBreakerRecord,
  encodeCatalogEntry,
  encodeConsumerStatus,
  encodeKillSwitch,
  encodePolicyBundle,
  encodeSessionAdmission,
  encodeSessionEvents,
  encodeSessionInbox,
  encodeSessionOutcome,
  encodeSessionRouting,
  encodeToolCall,
  encodeToolCallCancel,
  encodeToolCallFind,
  encodeToolCallReview,
  encodeTuningChange,
  catalogKeyOf,
  catalogKeyOfManifest,
} from '@toolfleet/contracts';
import type {
  ApprovalNotice,
  BreakerRecord,
  ConsumerStatus,
  SessionAdmission,
  SessionEvents,
  SessionInbox,
  SessionOutcome,
  SessionRouting,
  TopicName,
  ToolCallCancel,
  ToolCallFind,
  ToolCallReview,
} from '@toolfleet/contracts';
import type {
  AuditRecord,
  AuthorisedCall,
  Manifest,
  ManifestKind,
  PolicyBundle,
  TuningAction,
  TuningChange,
  TuningTarget,
  KillSwitch,
  KillTarget,
} from '@toolfleet/kernel';
import { Placement, limits, sessionIdOfCall, tuningKeyOf, killKeyOf } from '@toolfleet/kernel';
import { AuditGather } from './audit-gather.js';
import type { HandingOver, RecordSender, SendOptions } from './hand-over.js';

type HandOverUntil = HandingOver['until'];

export class Outlet {
  readonly #audit = new AuditGather({
    partitionOf: (tenant) => this.placement.homeOf(tenant),
    // Of several tenants, so neither its key nor a header names one.
    send: (partition, bytes) => this.#sendAt('audit', '', bytes, partition, {}),
  });

  constructor(
    readonly sender: RecordSender,
    readonly names: TopicNames,
    readonly placement: Placement,
    /** `off`: what is told to the audit goes nowhere. */
    private readonly auditing: 'on' | 'off' = 'on',
  ) {}

  admission(admission: SessionAdmission, until?: HandOverUntil): Promise<void> {
    const { tenant } = admission;
    const bytes = encodeSessionAdmission(admission);
    const partition = this.placement.homeOf(tenant);
    return this.#send('session.admission', tenant, tenant, bytes, { partition, handOver: toOwner(until) });
  }

  routing(routing: SessionRouting, until?: HandOverUntil): Promise<void> {
    const { sessionId, request } = routing;
    const bytes = encodeSessionRouting(routing);
    return this.#send('session.routing', request.tenant, sessionId, bytes, { handOver: toAnyone(until) });
  }

  inbox(inbox: SessionInbox, until?: HandOverUntil): Promise<void> {
    const { tenant, sessionId } = inbox;
    return this.#send('session.inbox', tenant, sessionId, encodeSessionInbox(inbox), { handOver: toOwner(until) });
  }

  events(events: SessionEvents): Promise<void> {
    const { tenant, sessionId } = events;
    return this.#send('session.events', tenant, sessionId, encodeSessionEvents(events), aside);
  }

  outcome(outcome: SessionOutcome): Promise<void> {
    const { tenant, sessionId, status } = outcome;
    // Nothing runs that a rejection would tell of, so it may wait for company.
    const options = status === 'rejected' ? aside : {};
    return this.#send('session.outcomes', tenant, sessionId, encodeSessionOutcome(outcome), options);
  }

  /**
   * Writes travel by their conflict key, so that one executor lane serialises them; reads by their own call id. A write
   * always goes over the bus: when its executor dies over it, its record is what has the ledger settled, also when the
   * session has long ended.
   */
  toolCall(call: AuthorisedCall, until?: HandOverUntil): Promise<void> {
    const { tenant, conflictKey, callId, toolClass } = call;
    const handOver = call.effect === 'write' ? undefined : toAnyone(until);
    return this.#send(`toolcall.${toolClass}`, tenant, conflictKey || callId, encodeToolCall(call), { handOver });
  }

  review(review: ToolCallReview): Promise<void> {
    return this.#send('toolcall.review', review.call.tenant, review.call.sessionId, encodeToolCallReview(review));
  }

  approvalNotice(notice: ApprovalNotice): Promise<void> {
    const { tenant, callId } = notice.approval ?? notice.refusedDecision!;
    const sessionId = sessionIdOfCall(callId);
    return this.#send('approval.requests', tenant, sessionId, encodeApprovalNotice(notice), aside);
  }

  findTools(find: ToolCallFind, until?: HandOverUntil): Promise<void> {
    const { tenant, sessionId } = find;
    return this.#send('toolcall.find', tenant, sessionId, encodeToolCallFind(find), { handOver: toAnyone(until) });
  }

  cancelCalls(cancel: ToolCallCancel): Promise<void> {
    return this.#send('toolcall.cancel', cancel.tenant, cancel.sessionId, encodeToolCallCancel(cancel));
  }

  /** All of a tenant goes to one partition, so that its chain has one writer. Told once more it makes no second entry. */
  audit(record: AuditRecord): Promise<void> {
    return this.auditing === 'on' ? this.#audit.add(record) : Promise.resolve();
  }

  policyBundle(bundle: PolicyBundle): Promise<void> {
    return this.#sendAt('policy.bundle', 'bundle', encodePolicyBundle(bundle), 0, {});
  }

  /** `appliedSet`: that it comes from, if any. */
  catalogEntry(manifest: Manifest, revision: string, appliedSet = ''): Promise<void> {
    const key = catalogKeyOfManifest(manifest);
    return this.#sendAt('catalog', key, encodeCatalogEntry({ manifest, revision, appliedSet }), 0, {});
  }

  removeCatalogEntry(kind: ManifestKind, name: string): Promise<void> {
    return this.#sendAt('catalog', catalogKeyOf(kind, name), null, 0, {});
  }

  breaker(record: BreakerRecord): Promise<void> {
    return this.#sendAt('breaker', breakerKeyOf(record.type, record.upstream), encodeBreakerRecord(record), 0, {});
  }

  /** `headers` say who withdraws it, and why. */
  removeBreakerOverride(upstream: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#sendAt('breaker', breakerKeyOf('override', upstream), null, 0, headers);
  }

  killSwitch(thrown: KillSwitch): Promise<void> {
    return this.#sendAt('kill', killKeyOf(thrown.target), encodeKillSwitch(thrown), 0, {});
  }

  /** Who and why travel as headers, because a tombstone has no body. */
  liftKillSwitch(target: KillTarget, by: { actor: string; reason: string }): Promise<void> {
    return this.#sendAt('kill', killKeyOf(target), null, 0, by);
  }

  tuningChange(change: TuningChange): Promise<void> {
    const key = tuningKeyOf(change.target, change.action);
    return this.#sendAt('tuning', key, encodeTuningChange(change), 0, {});
  }

  /** Ends a change before its time; who and why travel as headers, because a tombstone has no body. */
  endTuning(target: TuningTarget, action: TuningAction, by: { actor: string; reason: string }): Promise<void> {
    return this.#sendAt('tuning', tuningKeyOf(target, action), null, 0, by);
  }

  /** Worth nothing after its deadline: the next one says more. */
  consumerStatus(status: ConsumerStatus, deadlineAtMs: number): Promise<void> {
    return this.#tell(status, encodeConsumerStatus(status), deadlineAtMs);
  }

  removeConsumerStatus(of: Pick<ConsumerStatus, 'group' | 'instance'>, deadlineAtMs: number): Promise<void> {
    return this.#tell(of, null, deadlineAtMs);
  }

  #tell(of: Pick<ConsumerStatus, 'group' | 'instance'>, value: Uint8Array | null, deadlineAtMs: number): Promise<void> {
    const topic = this.names.of('consumer.status');
    return this.sender.send({ topic, partition: 0, key: consumerStatusKeyOf(of), value }, { deadlineAtMs });
  }

  #send(
    name: TopicName,
    tenant: string,
    key: string,
    value: Uint8Array,
    {
      partition = this.placement.partitionOf(tenant, key),
      ...options
    }: SendOptions & { readonly partition?: number } = {},
  ): Promise<void> {
    const topic = this.names.of(name);
    return this.sender.send({ topic, partition, key, value, headers: { tenant } }, options);
  }

  #sendAt(
    name: TopicName,
    key: string,
    value: Uint8Array | null,
    partition: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.sender.send({ topic: this.names.of(name), partition, key, value, headers });
  }
}

/** Nothing of a session waits for these, so they travel in company. */
const aside = { mayWaitMs: limits.besideTheWayMs };

/** The owner of a partition keeps an order or a state for it. */
const toOwner = (until: HandOverUntil | undefined): HandingOver | undefined => until && { reader: 'owner', until };
/** Any reader will do: it keeps nothing for a partition. */
const toAnyone = (until: HandOverUntil | undefined): HandingOver | undefined => until && { reader: 'anyone', until };
