/** What a tool's owner declares about its effects: how to learn whether one happened, and what shows that it came too late. */

/** A read of the same destination, with arguments made from those of the write. */
export interface DeclaredRead {
  /** Name of a Tool. */
  readonly tool: string;
  /**
   * Texts may hold `{name}` for an argument of the write, or one of `{toolfleet_idempotency_key}`, `{toolfleet_call}`,
   * `{toolfleet_session}`, `{toolfleet_tenant}` and `{toolfleet_user}`; a text that is nothing else keeps the argument's type.
   */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How to learn whether a write happened whose own answer was lost. Where neither condition holds, nobody knows yet. */
export interface ReconcileSpec extends DeclaredRead {
  /** CEL over `answer` (the read's, as JSON), `ok` (the tool granted the read), `args` and `idempotency_key` (the write's). */
  readonly done: string;
  /** Absent: an answer never proves that it did not happen. */
  readonly failed?: string | undefined;
  /** How long after the last try was over the tool may still do it: `failed` is not believed earlier. */
  readonly failedAfterMs: number;
  /** Whether the model reads the read's answer as the write's. */
  readonly tellAnswer: boolean;
}

/** How a tool says that a record has changed since the model read it. */
export interface VersionCheckSpec {
  /** The argument that holds the version that the model read. */
  readonly argument: string;
  /** JMESPath over the JSON of a refusal that is true for this reason; protocols that say it themselves need none. */
  readonly when?: string | undefined;
  /** JMESPath over the JSON of the refusal, or of the answer of `read`: the version of now. */
  readonly current?: string | undefined;
  /** Asked for the version of now, where the refusal does not say it. */
  readonly read?: DeclaredRead | undefined;
}

/** Who shares the resource that a conflict key names: sessions of one tenant, or all that call its upstream. */
export const conflictScopes = ['tenant', 'upstream'] as const;

export type ConflictScope = (typeof conflictScopes)[number];
