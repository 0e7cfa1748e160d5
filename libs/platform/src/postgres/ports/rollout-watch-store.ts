/** What is known of rollouts that have begun: since when, what was counted before, and whether they were taken back. */
import type { CountsByVersion, GuardBreach } from '@toolfleet/kernel';

export interface WatchedRollout {
  readonly name: string;
  /** Of its manifest: a changed one is another. */
  readonly digest: string;
  readonly tool: string;
}

export interface RolloutWatch {
  readonly sinceMs: number;
  /** Of the tool's versions when the rollout began, and now, over the same days. */
  readonly before: CountsByVersion;
  readonly now: CountsByVersion;
  readonly takenBack?: { readonly atMs: number; readonly because: GuardBreach } | undefined;
}

export interface RolloutWatchStore {
  /** The first who looks at a rollout begins it. Absent: somebody else begins it at this moment; look again. */
  look(rollout: WatchedRollout, nowMs: number): Promise<RolloutWatch | undefined>;
  /** For good. True for the first who says so. */
  takeBack(rollout: WatchedRollout, because: GuardBreach, nowMs: number): Promise<boolean>;
  /** Forgets what began before then, but for those that are still there. */
  forget(present: readonly string[], beforeMs: number): Promise<void>;
}
