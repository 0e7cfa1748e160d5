/**
 * Calls that wait for people. An approval is bound to the digest of the arguments that were shown and is decided once:
 *
 *   pending ─ enough approvers ─▶ approved        settled = approved | denied | expired; none of them changes again.
 *      ├───── one denial ───────▶ denied
 *      └───── expire ───────────▶ expired
 *
 * What cannot be asked, because too many wait or the same call waits already, is denied as it is made.
 */

export interface ApprovalKey {
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
}

export const approvalStates = ['pending', 'approved', 'denied', 'expired'] as const;
export type ApprovalState = (typeof approvalStates)[number];

export interface ApprovalRequest extends ApprovalKey {
  readonly tool: string;
  readonly argumentsDigest: string;
  /** Revision of the rules that asked for the approval; a decision under other rules is the caller's to refuse. */
  readonly policyRevision: string;
  readonly approversNeeded: number;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  /** What the caller needs to go on once it is settled, opaque here. */
  readonly payload: Uint8Array;
}

export interface ApprovalVote {
  readonly approver: string;
  readonly approve: boolean;
  readonly atMs: number;
  readonly comment: string;
}

/** Approvals that may be pending at once. */
export interface OpenApprovalsBound {
  readonly ofSession: number;
  readonly ofTenant: number;
}

/** Why nobody is asked. */
export type ApprovalObstacle =
  /** The same tool with the same arguments waits in the same session, as this call. */
  | { readonly type: 'askedAlready'; readonly callId: string }
  | { readonly type: 'full'; readonly scope: 'session' | 'tenant'; readonly max: number };

export interface Approval extends ApprovalRequest {
  readonly state: ApprovalState;
  readonly votes: readonly ApprovalVote[];
  readonly settledAtMs: number | null;
  /** Of one that is denied without anybody having been asked. */
  readonly obstacle?: ApprovalObstacle;
}

export interface ApprovalStore {
  /**
   * Asks once per call: a request that is already there is returned as it stands now. One that meets an obstacle is
   * denied with it, for good. `bound` is by default that of `limits`.
   */
  request(request: ApprovalRequest, bound?: OpenApprovalsBound): Promise<Approval>;

  /**
   * Adds one person's vote and settles the approval when it is the last one needed. Concurrent votes are taken one by
   * one, so exactly one of them settles. The same vote of the same person again returns the approval as it stands (a
   * retry); a vote after `expiresAtMs` is not taken, whether or not `expire` has run.
   * Faults: missing APPROVAL_UNKNOWN; conflict APPROVAL_SETTLED, or APPROVAL_ALREADY_VOTED for another vote by the same
   * person; invalid APPROVAL_ARGUMENTS_DIFFER when `argumentsDigest` is not the one shown; expired APPROVAL_EXPIRED.
   */
  decide(key: ApprovalKey, argumentsDigest: string, vote: ApprovalVote): Promise<Approval>;

  find(key: ApprovalKey): Promise<Approval | undefined>;

  /** A tenant's pending approvals, oldest first. `after` is the last of the page before. */
  pending(
    tenant: string,
    options: { readonly limit: number; readonly after?: ApprovalKey & { readonly requestedAtMs: number } },
  ): Promise<Approval[]>;

  /** Settles up to `limit` overdue approvals as expired and returns them; each goes to one caller only. */
  expire(nowMs: number, limit: number): Promise<Approval[]>;

  /**
   * Approvals settled before `settledBeforeMs` whose answer nobody has confirmed by `delivered`: the caller crashed
   * between settling and telling the session, and tells it again.
   */
  undelivered(settledBeforeMs: number, limit: number): Promise<Approval[]>;

  /** Confirms that the session was told. */
  delivered(key: ApprovalKey): Promise<void>;
}
