/**
 * A process that owns partitions of the inbox and the sessions on them: one owner per session, read from the store when its
 * first record arrives; on a gained partition every session that has not ended is picked up again.
 */
import { unreachable } from '../fault.js';
import { judge } from '../policy/judge.js';
import type { Session, SessionEffect, SessionEvent, SessionInput } from '../session/session.js';
import { authorise, toolCallOf } from '../toolcall/tool-call.js';
import { Member } from './bus.js';
import type { Ground } from './ground.js';
import type { InboxRecord, Outcomes, Topics } from './messages.js';
import { judgeContext, modelAnswer, receiptKey } from './scene.js';
import type { DropReason, OwnerHome } from './session-owner.js';
import { SessionOwner } from './session-owner.js';
import type { Store, StoreFault } from './store.js';

interface Entry {
  readonly tenant: string;
  readonly partition: number;
  owner: SessionOwner | undefined;
  /** Called when the session is read; without an owner when it could not be. */
  waiting: ((owner: SessionOwner | undefined) => void)[];
}

const recoverAfterMs = 1_000;
const reviveAfterMs = 2_000;

export class Orchestrator extends Member<InboxRecord> implements OwnerHome {
  readonly #entries = new Map<string, Entry>();
  readonly #owned = new Set<number>();

  constructor(
    name: string,
    override readonly ground: Ground,
    private readonly store: Store,
    private readonly topics: () => Topics,
    private readonly outcomes: Outcomes,
  ) {
    super(name, ground, true);
  }

  get size(): number {
    return this.#entries.size;
  }

  handle({ tenant, key, input }: InboxRecord, partition: number, finish: (ok: boolean) => void): void {
    this.#withOwner(tenant, key, partition, (owner) => (owner ? owner.apply(input, finish) : finish(false)));
  }

  assigned(partition: number): void {
    this.#leave(partition);
    this.#owned.add(partition);
    if (!this.ground.has('noRecovery')) this.later(recoverAfterMs, () => this.#recover(partition));
  }

  revoked(partition: number): void {
    this.#owned.delete(partition);
    this.#leave(partition);
  }

  commit(session: Session, events: readonly SessionEvent[], done: (fault?: StoreFault) => void): void {
    this.store.commit(this, this.#entries.get(session.id)?.partition ?? this.#placeOf(session), session, events, done);
  }

  send(session: Session, effect: SessionEffect, sent: () => void): void {
    const { inbox: _, ...topics } = this.topics();
    const { tenant } = session.request;
    switch (effect.type) {
      case 'dispatch': {
        const { policyRevision, rule } = effect.call;
        const call = authorise(
          toolCallOf(session, effect.call, effect.deadlineAtMs),
          { issuer: this.name, policyRevision, rule },
          receiptKey,
        );
        const body = { tenant, key: call.conflictKey || session.id, call };
        if (call.effect === 'write' && !this.ground.has('writesHandedOver')) {
          return topics.calls.send(this, body, { sent });
        }
        return topics.calls.send(this, body, { sent, reader: 'anyone', until: 'taken' });
      }
      case 'review': {
        const { policyRevision, rule } = effect.call;
        const call = toolCallOf(session, effect.call, effect.deadlineAtMs);
        return topics.reviews.send(this, { tenant, key: session.id, call, policyRevision, rule }, { sent });
      }
      case 'findTools':
        return topics.finds.send(this, { tenant, key: session.id, callId: effect.call.callId }, { sent });
      case 'publishOutcome':
        return this.later(this.ground.delay(), () => {
          this.outcomes.tell(session);
          this.store.retire(session.id, session.seq);
          sent();
        });
      default:
        // A cancel is only a wish: a world in which none ever arrives must be right as well.
        return sent();
    }
  }

  askModel(session: Session, answered: (input: SessionInput) => void): void {
    const turn = session.turn + 1;
    this.later(this.ground.random.between(5, 2_000), () => {
      if (this.ground.random.chance(0.01)) {
        const fault = unreachable('MODEL_DOWN', 'The model does not answer.');
        return answered({ type: 'modelFailed', turn, fault });
      }
      const answer = modelAnswer(this.ground.random);
      const calls = judge(session, answer.toolCalls, { ...judgeContext, nowMs: this.now() });
      answered({ type: 'modelAnswered', turn, answer, calls });
    });
  }

  release(owner: SessionOwner, reason: DropReason): void {
    const { tenant, sessionId } = owner;
    const entry = this.#entries.get(sessionId);
    if (entry?.owner !== owner) return;
    this.#entries.delete(sessionId);
    if (reason === undefined || reason === 'notOwner') return;
    // Whoever was faster may be gone by now: while the partition is ours, so is the session.
    if (reason === 'conflict' && this.ground.has('fencedForgotten')) return;
    this.#reviveLater(tenant, sessionId, entry.partition);
  }

  protected forget(): void {
    this.#entries.clear();
    this.#owned.clear();
  }

  #placeOf(session: Session): number {
    return this.store.sessions.get(session.id)?.partition ?? 0;
  }

  #withOwner(tenant: string, id: string, partition: number, use: (owner: SessionOwner | undefined) => void): void {
    const known = this.#entries.get(id);
    if (known?.owner) return use(known.owner);
    if (known) return void known.waiting.push(use);
    const entry: Entry = { tenant, partition, owner: undefined, waiting: [use] };
    this.#entries.set(id, entry);
    this.store.load(this, id, (session, fault) => {
      const current = this.#entries.get(id) === entry;
      const { waiting } = entry;
      entry.waiting = [];
      if (!current || fault) {
        if (current) this.#entries.delete(id);
        for (const next of waiting) next(undefined);
        return;
      }
      entry.owner = new SessionOwner(tenant, id, this, session);
      for (const next of waiting) next(entry.owner);
    });
  }

  #leave(partition: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.partition !== partition) continue;
      this.#entries.delete(id);
      entry.owner?.drop('notOwner');
    }
  }

  #recover(partition: number): void {
    this.store.activeIn(this, partition, (sessions, fault) => {
      if (!this.#owned.has(partition)) return;
      if (fault) return this.later(reviveAfterMs, () => this.#recover(partition));
      for (const { tenant, id } of sessions) this.#revive(tenant, id, partition);
    });
  }

  #revive(tenant: string, id: string, partition: number): void {
    if (!this.#owned.has(partition)) return;
    this.#withOwner(tenant, id, partition, (owner) => {
      if (!owner) this.#reviveLater(tenant, id, partition);
    });
  }

  #reviveLater(tenant: string, id: string, partition: number): void {
    this.later(reviveAfterMs, () => this.#revive(tenant, id, partition));
  }
}
