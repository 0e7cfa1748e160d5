/**
 * What the demo needs of a fleet: a way in, a way out, and processes that may be killed. The demo knows nothing else of
 * it, so the same run is tried against any fleet that keeps these promises.
 */
import type { SessionOutcome } from '@toolfleet/contracts';

/** One JSON line on the public topic of requests. */
export interface DemoRequest {
  readonly tenant: string;
  readonly user: string;
  readonly requestId: string;
  readonly agent: string;
  readonly input: string;
}

export interface SessionBus {
  /** Resolves when the bus has the request for good. */
  publish(request: DemoRequest): Promise<void>;
  /**
   * Calls `onOutcome` for every outcome published from now on, each at least once. Resolves when nothing published
   * later can be missed.
   */
  listen(onOutcome: (outcome: SessionOutcome) => void): Promise<void>;
  close(): Promise<void>;
}

export interface FleetProcesses {
  /** Names of the processes that may be killed and come back by themselves. */
  processes(): readonly string[];
  /** SIGKILL. */
  kill(name: string): Promise<void>;
}
