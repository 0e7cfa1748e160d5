/** Since when tools are there, and how much they are called. */
import type { ToolVersionUsage } from '@toolfleet/kernel';

export interface ToolVersionName {
  readonly tool: string;
  readonly version: string;
}

export interface ToolUsageStore {
  /** These are all that there are: new ones are seen from now on, others are forgotten. Repeated, it changes nothing. */
  keepSeen(tools: readonly ToolVersionName[], nowMs: number): Promise<void>;
  /** By `name@version`, in Unix milliseconds. */
  firstSeen(): Promise<ReadonlyMap<string, number>>;
  /** Archives those that are there; the first word counts. */
  archive(tools: readonly ToolVersionName[], nowMs: number): Promise<void>;
  /** Those that were archived and are still there, by `name@version`. */
  archived(): Promise<ReadonlySet<string>>;
  /** From a day on (`2026-11-27`, UTC). Throws `missing` USAGE_NOT_RECORDED where nobody keeps the roll-up. */
  usageSince(day: string): Promise<RecordedUsage>;
}

export interface RecordedUsage {
  /** The first day of which anything is known; absent: of none. */
  readonly knownSinceDay: string | undefined;
  readonly tools: readonly ToolVersionUsage[];
}
