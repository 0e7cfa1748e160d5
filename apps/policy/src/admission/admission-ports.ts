/** What admission needs of the world: small enough to see at a glance, wired in the role. */
import type { SessionOutcome, SessionRouting } from '@toolfleet/contracts';
import type { Fault, SessionRequest, TenantSpec } from '@toolfleet/kernel';
import type { SessionHead, WaitingRoom } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { FleetShare } from './fleet-share.js';
import type { LineMemory } from './line-memory.js';

export interface AdmissionPorts {
  readonly log: Logger;
  now(): number;
  /** As the catalogue has it now. */
  tenant(name: string): TenantSpec | undefined;
  tenants(): readonly string[];
  readonly fleet: FleetShare;
  readonly room: WaitingRoom;
  readonly lineMemory: LineMemory;
  /** Why its user or tenant may spend no more at present. Absent: nobody has a budget. */
  readonly budgetFault?: (tenant: TenantSpec, request: SessionRequest) => Promise<Fault | undefined>;
  /** Sessions of the tenant that hold a place, in the store. */
  activeOf(tenant: string): Promise<SessionHead[]>;
  head(tenant: string, sessionId: string): Promise<SessionHead | undefined>;
  /** Resolves when the bus has the record, or, `finished`, when the session's start is durable: for who has it so long. */
  route(routing: SessionRouting, until?: 'finished'): Promise<void>;
  /** Resolves when the bus has the record. */
  refuse(outcome: SessionOutcome): Promise<void>;
  /** `verdict` is one of a few words. */
  count(verdict: AdmissionVerdict): void;
}

export type AdmissionVerdict = 'started' | 'waiting' | 'released' | 'refused' | 'expired' | 'withdrawn' | 'repeated';

/** A session that has ended stays listed in the store until its outcome is told; it holds no place by then. */
export const holdsPlace = ({ active, status }: { readonly active: boolean; readonly status: string }) =>
  active && status === 'active';
