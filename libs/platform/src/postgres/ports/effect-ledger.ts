/**
 * The one place where an effect is single. Whoever holds the entry of a call may run it; nobody else may until the holder
 * settles it or is fenced by a take-over. A call may hold a resource besides: while it executes no other call that holds
 * the same is begun, of whatever session, tenant or executor.
 *
 *   (no entry) ─ begin ─▶ executing ─ settle ─▶ done | failed | unknown
 *                            │  ▲
 *                            └──┘ takeOver: another owner, a higher epoch
 *
 * The answer `reserved` goes to the one caller who made the entry. In the table it is 'executing' from that moment: a crash
 * between the answer and the effect cannot be told from one after it, so a state between the two would be a false comfort
 * that costs a commit.
 */

export interface EffectKey {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
}

/** `epoch` must grow from one owner of a call to the next, across restarts too. */
export interface EffectOwner {
  readonly ownerId: string;
  readonly epoch: bigint;
}

export interface EffectEntry extends EffectKey, EffectOwner {
  readonly tool: string;
  readonly argumentsDigest: string;
  /** Absent: nothing. */
  readonly holds?: EffectHold | undefined;
}

export interface EffectHold {
  /** Equal keys exclude each other. */
  readonly key: string;
  /** When no try of the call can still be under way: from then on another call may hold the same. */
  readonly untilMs: number;
}

export const effectOutcomes = ['done', 'failed', 'unknown'] as const;
export type EffectOutcome = (typeof effectOutcomes)[number];

export type EffectBegun =
  /** Nobody ran this call before: it is yours, run it and settle it. */
  | { readonly state: 'reserved' }
  /** Somebody began it and has not settled it, maybe this very owner on an earlier delivery. */
  | ({ readonly state: 'executing'; readonly sinceMs: number } & EffectOwner)
  /** Nobody ran it, and it was not begun: another call that holds the same executes. Ask again. */
  | { readonly state: 'held'; readonly sinceMs: number; readonly untilMs: number }
  | { readonly state: 'settled'; readonly outcome: EffectOutcome; readonly observation: Uint8Array };

export interface EffectLedger {
  /**
   * Exactly one begin of a key is ever answered `reserved`, whatever the owner, and of the calls that hold the same at most
   * one executes at any time. A call that was begun is answered as it stands, whoever holds what it holds. Faults: invalid EFFECT_ARGUMENTS_DIFFER
   * when the key is known with another tool or digest; unreachable DATABASE_UNREACHABLE, after which the entry may exist
   * and the next begin may say `executing` with this owner.
   */
  begin(entry: EffectEntry): Promise<EffectBegun>;

  /**
   * Hands an executing entry, with what it holds, from `from` to `to` and restarts its `sinceMs`; from then on `from` can settle nothing. False
   * when the entry is settled, is held by someone other than exactly `from`, or `to.epoch` is not above `from.epoch`. Of
   * several who try at once, one gets true.
   */
  takeOver(key: EffectKey, from: EffectOwner, to: EffectOwner): Promise<boolean>;

  /**
   * Records the end of an effect. True when it is recorded, also by an equal settle before; false when a newer owner holds
   * the entry, it ended otherwise, or there is none: the caller must then not report its observation.
   */
  settle(held: EffectKey & EffectOwner, outcome: EffectOutcome, observation: Uint8Array): Promise<boolean>;
}
