/**
 * The writes whose end nobody knows: what is kept of them beside the ledger, so that their end can be asked for later, by an
 * executor or by a person. A row is there from before the ledger calls its call unknown until its real end was told.
 *
 *   note ─▶ (ledger: unknown) ─▶ resolve: done | failed ─▶ told ─▶ (gone)
 *                            └─▶ overdue: nobody found it out ─▶ told ─▶ (gone; the ledger keeps `unknown`)
 */
import type { EffectKey } from './effect-ledger.js';

export interface OpenEffect extends EffectKey {
  readonly tool: string;
  readonly toolClass: string;
  readonly openedAtMs: number;
  /** The encoded call. */
  readonly call: Uint8Array;
}

export interface NotedEffect extends OpenEffect {
  readonly tries: number;
  /** Null: only a person can settle it. */
  readonly nextTryAtMs: number | null;
}

export interface DueEffect extends NotedEffect {
  /** How the ledger has it: `unknown` is to be asked for, an end is to be told. */
  readonly state: 'executing' | 'done' | 'failed' | 'unknown';
  /** Null while it executes. */
  readonly observation: Uint8Array | null;
}

export interface OpenEffects {
  /** Once a call; a repeated note changes nothing. */
  note(effect: OpenEffect & { readonly nextTryAtMs: number | null }): Promise<void>;

  /**
   * Those of these classes whose time has come, at most `limit`, the most overdue first; each is put off to `againAtMs`
   * and counts one more try, so that of several who ask at once one gets it, and one who dies over it is followed.
   */
  due(options: {
    readonly toolClasses: readonly string[];
    readonly nowMs: number;
    readonly againAtMs: number;
    readonly limit: number;
  }): Promise<DueEffect[]>;

  /** Null: never, unless a person settles it. */
  tryAgainAt(key: EffectKey, nextTryAtMs: number | null): Promise<void>;

  /** Those of a tenant, or of all, that the ledger has as unknown, oldest first. */
  unknown(options: { readonly tenant?: string | undefined; readonly limit: number }): Promise<NotedEffect[]>;

  /** The call if the ledger has its end as unknown. */
  find(key: EffectKey): Promise<NotedEffect | undefined>;

  /**
   * Gives a call of unknown end its end. Of several who try one gets true, the same one also when it repeats itself; nobody
   * who held the call before can settle it any more. Whoever gets true tells it; untold until `tellAgainAtMs`, it is due.
   */
  resolve(
    key: EffectKey,
    end: {
      readonly outcome: 'done' | 'failed';
      readonly observation: Uint8Array;
      readonly by: string;
      readonly atMs: number;
      readonly tellAgainAtMs: number;
    },
  ): Promise<boolean>;

  /** How many of all tenants the ledger has as unknown, and when the oldest was noted. */
  census(): Promise<{ readonly count: number; readonly oldestAtMs: number | undefined }>;

  /** Those noted before `openedBeforeMs`, however their calls stand, at most `limit`. */
  overdue(options: { readonly openedBeforeMs: number; readonly limit: number }): Promise<NotedEffect[]>;

  /** Its end, or that nobody found it out in time, is on the bus: the row goes. */
  told(key: EffectKey): Promise<void>;
}
