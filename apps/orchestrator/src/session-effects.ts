/** Carries the effects of a session to where they happen; every one of them may be sent again with the same ids. */
import type { AuditRecord, ReceiptKey, Session, SessionEffect, SessionEvent } from '@toolfleet/kernel';
import {
  TransientMap,
  assertNever,
  auditOfEvents,
  auditOfStored,
  authorise,
  limits,
  receiptIssuers,
  toolCallOf,
} from '@toolfleet/kernel';
import { encodeSessionEvent } from '@toolfleet/contracts';
import type { SessionOutcome } from '@toolfleet/contracts';
import type { Outlet } from '@toolfleet/platform/bus';
import type { SessionHead, SessionStore } from '@toolfleet/platform/postgres';

const issuer = receiptIssuers.atOnce;
/** Tools that one find_tools call may add. */
const foundPerCallMax = 5;

export interface SessionEffectsOptions {
  readonly outlet: Outlet;
  readonly store: SessionStore;
  readonly receiptKey: ReceiptKey;
  /** Told once the end of a session is on the bus, also when that corrects what was told of it. */
  readonly finished: (session: Session, corrected: boolean) => void;
}

export class SessionEffects {
  /** The events of a commit are encoded once: the same bytes are stored and published. */
  readonly #encoded = new WeakMap<readonly SessionEvent[], readonly Uint8Array[]>();
  /** What the audit is told of a session and does not have yet. */
  readonly #telling = new TransientMap<string, Promise<unknown>>();

  constructor(private readonly options: SessionEffectsOptions) {}

  commit(session: Session, events: readonly SessionEvent[]): Promise<void> {
    const encoded = this.#bytesOf(events);
    const stored = events.map(({ seq, type, atMs }, index) => ({ seq, type, atMs, payload: encoded[index]! }));
    return this.options.store.commit({ head: this.#headOf(session), firstSeq: events[0]!.seq, events: stored });
  }

  async publish(session: Session, events: readonly SessionEvent[]): Promise<void> {
    const { outlet } = this.options;
    const { tenant } = session.request;
    const records = inRecords(this.#bytesOf(events));
    await Promise.all([
      ...records.map((part) => outlet.events({ tenant, sessionId: session.id, events: part })),
      this.#audit(session.id, auditOfEvents(session, events)),
    ]);
  }

  /** Of a session that was read back: what a crash may have kept from the audit, which knows what it has by its id. */
  async auditAgain(session: Session, events: readonly SessionEvent[]): Promise<void> {
    await this.#audit(session.id, auditOfStored(session, events));
  }

  async send(session: Session, effect: SessionEffect): Promise<void> {
    const { outlet } = this.options;
    const { tenant, agent, user } = session.request;
    switch (effect.type) {
      case 'dispatch': {
        const { policyRevision, rule } = effect.call;
        const call = toolCallOf(session, effect.call, effect.deadlineAtMs);
        return outlet.toolCall(authorise(call, { issuer, policyRevision, rule }, this.options.receiptKey), 'taken');
      }
      case 'review': {
        const { rule, policyRevision, approversNeeded } = effect.call;
        const call = toolCallOf(session, effect.call, effect.deadlineAtMs);
        const expiresAtMs = effect.deadlineAtMs;
        return outlet.review({ call, rule, reason: '', policyRevision, approversNeeded, expiresAtMs });
      }
      case 'findTools': {
        const { query } = JSON.parse(effect.call.arguments) as { query: string };
        const { callId } = effect.call;
        const asked = { callId, agent, user, query, limit: foundPerCallMax, offered: session.tools };
        const find = { tenant, sessionId: session.id, ...asked };
        return outlet.findTools(find, 'taken');
      }
      case 'cancelCalls':
        return outlet.cancelCalls({ tenant, sessionId: session.id, callIds: effect.callIds, reason: effect.reason });
      case 'publishOutcome':
        await Promise.all([
          outlet.outcome(outcomeOf(session)),
          outlet.admission({ tenant, sessionId: session.id }, 'finished'),
        ]);
        return this.#finishedOnceTold(session, effect.corrected ?? false);
      case 'callModel':
        return undefined;
      default:
        return assertNever(effect);
    }
  }

  /** After that no owner reads the session back, to tell the audit what it lacks. When it fails, one does. */
  #finishedOnceTold(session: Session, corrected: boolean): void {
    const telling = this.#telling.get(session.id) ?? Promise.resolve();
    telling.then(
      () => this.options.finished(session, corrected),
      () => undefined,
    );
  }

  async #audit(sessionId: string, records: readonly AuditRecord[]): Promise<void> {
    if (records.length === 0) return;
    const told = Promise.all([
      this.#telling.get(sessionId),
      ...records.map((record) => this.options.outlet.audit(record)),
    ]);
    this.#telling.set(sessionId, told);
    try {
      await told;
    } finally {
      if (this.#telling.get(sessionId) === told) this.#telling.delete(sessionId);
    }
  }

  #bytesOf(events: readonly SessionEvent[]): readonly Uint8Array[] {
    let bytes = this.#encoded.get(events);
    if (!bytes) this.#encoded.set(events, (bytes = events.map(encodeSessionEvent)));
    return bytes;
  }

  /** A finished session stays active in the store until its outcome is on the bus: a crash in between finds it again. */
  #headOf(session: Session): SessionHead {
    const { tenant, agent, user, requestId } = session.request;
    return {
      tenant,
      sessionId: session.id,
      partition: this.options.outlet.placement.partitionOf(tenant, session.id),
      status: session.status,
      active: true,
      agent,
      userId: user,
      requestId,
      seq: session.seq,
      nextWakeAtMs: null,
      usage: { ...session.usage },
      createdAtMs: session.startedAtMs,
      updatedAtMs: session.updatedAtMs,
    };
  }
}

/** A wave of large observations does not fit into one record; one event always does. */
function inRecords(events: readonly Uint8Array[]): Uint8Array[][] {
  const records: Uint8Array[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    bytes += event.byteLength;
    if (bytes > limits.recordBytesMax / 2 && records.at(-1)!.length > 0) {
      records.push([]);
      bytes = event.byteLength;
    }
    records.at(-1)!.push(event);
  }
  return records;
}

export function outcomeOf(session: Session): SessionOutcome {
  const { tenant, requestId, user, agent, labels } = session.request;
  return {
    tenant,
    sessionId: session.id,
    requestId,
    user,
    agent,
    status: session.status,
    answer: session.answer,
    refusal: session.refusal,
    usage: session.usage,
    turns: session.turn,
    calls: session.done.slice(-limits.callsInOutcomeMax),
    startedAtMs: session.startedAtMs,
    finishedAtMs: session.updatedAtMs,
    labels,
    run: session.run,
    ...(session.flags.length > 0 && { flags: session.flags }),
  };
}
