/** What operators learn of sessions from the store, beside their owners: a few of them, and not as of this moment. */
import type { StartingSession } from '@toolfleet/kernel';

export interface VersionHolder {
  readonly tenant: string;
  readonly agent: string;
  readonly sessions: number;
}

export interface SessionSample {
  /** Of each of these tenants the newest, and of all of those so many. */
  newest(tenants: readonly string[], limit: number): Promise<StartingSession[]>;
  /** Sessions that have not ended and were given this version, also by a search; most first. */
  holders(tool: string, version: string): Promise<{ holders: VersionHolder[]; truncated: boolean }>;
}
