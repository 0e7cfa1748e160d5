/**
 * Everything that a service may put on the bus, each with its topic, key, partition and headers. The one place where the
 * rules of placement meet the producer: a session's records follow its id, a write its conflict key, admission the tenant.
 */
import {
  TopicNames,
  breakerKeyOf,
  encodeAuditRecord,
  encodeBreakerRecord,
  encodeCatalogEntry,
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
  catalogKeyOf,
} from '@toolfleet/contracts';
import type {
  AuditRecord,
  BreakerRecord,
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
import type { AuthorisedCall, Manifest, ManifestKind, PolicyBundle } from '@toolfleet/kernel';
import { Placement } from '@toolfleet/kernel';
import type { OutgoingRecord } from '../kafka/records.js';

/** A `BusProducer`, or whatever stands in its place. Resolves when the bus has the record. */
export interface RecordSender {
  send(record: OutgoingRecord, options?: { readonly deadlineAtMs?: number }): Promise<void>;
}

export class Outlet {
  constructor(
    readonly sender: RecordSender,
    readonly names: TopicNames,
    readonly placement: Placement,
  ) {}

  admission(admission: SessionAdmission): Promise<void> {
    const { tenant } = admission;
    return this.#send(
      'session.admission',
      tenant,
      tenant,
      encodeSessionAdmission(admission),
      this.placement.homeOf(tenant),
    );
  }

  routing(routing: SessionRouting): Promise<void> {
    return this.#send('session.routing', routing.request.tenant, routing.sessionId, encodeSessionRouting(routing));
  }

  inbox(inbox: SessionInbox): Promise<void> {
    return this.#send('session.inbox', inbox.tenant, inbox.sessionId, encodeSessionInbox(inbox));
  }

  events(events: SessionEvents): Promise<void> {
    return this.#send('session.events', events.tenant, events.sessionId, encodeSessionEvents(events));
  }

  outcome(outcome: SessionOutcome): Promise<void> {
    return this.#send('session.outcomes', outcome.tenant, outcome.sessionId, encodeSessionOutcome(outcome));
  }

  /** Writes travel by their conflict key, so that one executor lane serialises them; reads by their own call id. */
  toolCall(call: AuthorisedCall): Promise<void> {
    const key = call.conflictKey || call.callId;
    return this.#send(`toolcall.${call.toolClass}`, call.tenant, key, encodeToolCall(call));
  }

  review(review: ToolCallReview): Promise<void> {
    return this.#send('toolcall.review', review.call.tenant, review.call.sessionId, encodeToolCallReview(review));
  }

  findTools(find: ToolCallFind): Promise<void> {
    return this.#send('toolcall.find', find.tenant, find.sessionId, encodeToolCallFind(find));
  }

  cancelCalls(cancel: ToolCallCancel): Promise<void> {
    return this.#send('toolcall.cancel', cancel.tenant, cancel.sessionId, encodeToolCallCancel(cancel));
  }

  audit(record: AuditRecord): Promise<void> {
    const { tenant } = record;
    return this.#send('audit', tenant, tenant, encodeAuditRecord(record), this.placement.homeOf(tenant));
  }

  policyBundle(bundle: PolicyBundle): Promise<void> {
    return this.#sendAt('policy.bundle', 'bundle', encodePolicyBundle(bundle), 0, {});
  }

  catalogEntry(manifest: Manifest, revision: string): Promise<void> {
    const key = catalogKeyOf(manifest.kind, manifest.spec.name);
    return this.#sendAt('catalog', key, encodeCatalogEntry(manifest, revision), 0, {});
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

  #send(name: TopicName, tenant: string, key: string, value: Uint8Array, partition?: number): Promise<void> {
    return this.#sendAt(name, key, value, partition ?? this.placement.partitionOf(tenant, key), { tenant });
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
