/**
 * Where a session's truth lies: one head that is rewritten and a list of events that only grows. The fence is the pair
 * (session, seq): of two owners that both think a session is theirs, the slower one fails and drops its work.
 */

/** The part of a session that lists and owners need without its events. Times are milliseconds since 1970. */
export interface SessionHead {
  readonly tenant: string;
  readonly sessionId: string;
  /** Partition of the session's inbox; whoever owns it owns the session. Never changes. */
  readonly partition: number;
  readonly status: string;
  /** Listed by `activeIn`. The writer says so: the store does not know which statuses are final. */
  readonly active: boolean;
  readonly agent: string;
  readonly userId: string;
  readonly requestId: string;
  /** The last event; the first of a session is 1. */
  readonly seq: number;
  readonly nextWakeAtMs: number | null;
  /** Counters such as tokens, calls and cost, by name. */
  readonly usage: Readonly<Record<string, number>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoredEvent {
  readonly seq: number;
  readonly type: string;
  readonly atMs: number;
  readonly payload: Uint8Array;
}

/** At least one event, without gaps: `events[0].seq` is `firstSeq`, the last is `head.seq`. */
export interface SessionCommit {
  readonly head: SessionHead;
  readonly firstSeq: number;
  readonly events: readonly StoredEvent[];
}

export interface SessionListOptions {
  readonly status?: string;
  readonly agent?: string;
  readonly limit: number;
  /** The last head of the page before. */
  readonly before?: { readonly createdAtMs: number; readonly sessionId: string };
}

export interface ActiveSessionsOptions {
  readonly limit: number;
  /** The last head of the page before. */
  readonly after?: { readonly tenant: string; readonly sessionId: string };
}

export interface SessionStore {
  /**
   * Appends the events and replaces the head, both or neither; durable when it resolves. Commits of one caller may be in
   * flight together: they are applied in the order of the calls. Committing the very same events again succeeds and
   * changes nothing, so a caller that does not know how its commit ended just repeats it.
   *
   * Faults: conflict SESSION_FENCED when another owner has written past `firstSeq - 1` (or nobody has written that far):
   * drop the session and its effects. unreachable DATABASE_UNREACHABLE when the database did not answer within the store's
   * bound: the commit may have happened, so neither acknowledge the record nor send effects. overloaded when too many
   * commits wait. invalid when the commit can never be stored. One commit's fault never touches another session's.
   */
  commit(commit: SessionCommit): Promise<void>;

  /**
   * Takes an ended session off `activeIn`, once its end is told to everybody who must hear of it. Nothing happens when the
   * session has gone past `seq`. Losing it does no harm: the next owner of the partition finds the session and tells again.
   */
  retire(tenant: string, sessionId: string, seq: number): Promise<void>;

  /** Head and all events as of one moment, in order of seq, or undefined when there is no such session. */
  load(tenant: string, sessionId: string): Promise<{ head: SessionHead; events: Uint8Array[] } | undefined>;

  head(tenant: string, sessionId: string): Promise<SessionHead | undefined>;

  /** A tenant's sessions, newest first; ties by session id, descending. */
  list(tenant: string, options: SessionListOptions): Promise<SessionHead[]>;

  /** The sessions of an inbox partition that have not ended, of all tenants, by tenant and session id. */
  activeIn(partition: number, options: ActiveSessionsOptions): Promise<SessionHead[]>;

  /** Events with a seq above `seq`, in order, for watchers that come back. */
  eventsAfter(tenant: string, sessionId: string, seq: number, limit: number): Promise<StoredEvent[]>;
}
