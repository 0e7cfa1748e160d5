/**
 * Where the sessions of a tenant beyond its concurrency share wait, durably. A tenant has a single writer (the owner of its
 * admission partition), which decides who enters and when somebody goes; the room only keeps and orders.
 */

export interface WaitingSession {
  readonly tenant: string;
  readonly sessionId: string;
  /** Higher goes first; within one priority, first come first served. */
  readonly priority: number;
  readonly enteredAtMs: number;
  /** After this the session is no longer worth starting. */
  readonly expiresAtMs: number;
  /** The admission record, opaque here. */
  readonly payload: Uint8Array;
}

export interface RoomLoad {
  readonly waiting: number;
  readonly oldestEnteredAtMs: number;
}

export interface WaitingRoom {
  /**
   * True when the session waits from now on, false when it waited already (nothing changes). Sessions that enter at the same
   * time share a write and keep their order. How many may wait is for the tenant's writer to say, which knows how many do.
   */
  enter(session: WaitingSession): Promise<boolean>;

  /**
   * The tenant's next sessions, highest priority and oldest first. They stay in the room until `leave`, so a crash between
   * the two repeats a release and never loses one.
   */
  next(tenant: string, limit: number): Promise<WaitingSession[]>;

  /** Removes sessions that were released, cancelled or refused, as far as they are there; at the same time, in one write. */
  leave(tenant: string, sessionIds: readonly string[]): Promise<void>;

  /** The session if it waits, for whoever asks about it. */
  find(tenant: string, sessionId: string): Promise<WaitingSession | undefined>;

  /** The session's place in its tenant's line, from 1, in the order of `next`; undefined when it does not wait. */
  position(tenant: string, sessionId: string): Promise<number | undefined>;

  count(tenant: string): Promise<number>;

  /** All tenants with somebody in the room, for an owner that has just started. */
  counts(): Promise<ReadonlyMap<string, RoomLoad>>;

  /** The tenant's time between two releases, as its writer last told it; undefined when it never did. */
  interval(tenant: string): Promise<number | undefined>;

  /** Told by the writers of these tenants, for whoever estimates a wait; a later one replaces an earlier one. */
  setIntervals(intervalMs: ReadonlyMap<string, number>, nowMs: number): Promise<void>;

  /** Up to `limit` sessions of all tenants that expired at `nowMs` or before, oldest expiry first; `leave` removes them. */
  expired(nowMs: number, limit: number): Promise<WaitingSession[]>;
}
