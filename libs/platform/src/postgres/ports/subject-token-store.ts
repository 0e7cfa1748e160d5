/** Sealed tokens of users, by the session that may use them; what is sealed in them is opaque here. */

export interface SubjectToken {
  readonly tenant: string;
  readonly sessionId: string;
  readonly sealed: Uint8Array;
  /** Of no use from then on. */
  readonly expiresAtMs: number;
}

export interface SubjectTokenStore {
  /** The newest token of a session replaces the one before. Faults: invalid TOKEN_TOO_LARGE. */
  put(token: SubjectToken, nowMs: number): Promise<void>;

  /** Undefined when the session has none, or it has expired. */
  find(tenant: string, sessionId: string, nowMs: number): Promise<SubjectToken | undefined>;

  /**
   * Removes up to `limit` tokens that have expired, or whose session has ended and that were stored `graceMs` ago or earlier:
   * a session that goes on by a message is given its new token before it is active again. Returns how many.
   */
  sweep(nowMs: number, options: { readonly graceMs: number; readonly limit: number }): Promise<number>;
}
