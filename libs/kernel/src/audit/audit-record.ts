/**
 * One answerable fact: who did what to which tool, with which arguments (as a digest), decided how, ending how. A record has
 * an id that follows from what it tells, so that a record that comes twice is one entry.
 */
import { hexDigestOf } from '../ids.js';
import type { Effect } from '../toolcall/observation.js';

export interface AuditRecord {
  /** Whose chain it stands in; empty: of nobody that is known, so of the fleet. */
  readonly tenant: string;
  readonly sessionId: string;
  readonly callId: string;
  readonly atMs: number;
  /** The service. */
  readonly recordedBy: string;
  /** Who did it: the requester, an approver, who cancelled, an operator. */
  readonly actor: string;
  /** UPPER_SNAKE. */
  readonly action: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly argumentsDigest: Uint8Array;
  readonly policyRevision: string;
  readonly rule: string;
  readonly outcome: string;
  readonly latencyMs: number;
  readonly idempotencyKey: string;
  /** The same fact has the same id, whoever tells it how often; it names no person. Absent: its place on the bus is its id. */
  readonly id?: string | undefined;
  /** Who the session is for, where somebody else acted. */
  readonly subject?: string | undefined;
  /** What people wrote. */
  readonly comment?: string | undefined;
  readonly agent?: string | undefined;
  readonly effect?: Effect | undefined;
  readonly decision?: AuditDecision | undefined;
  /** Of the rule that decided: shadow, warn or enforce. */
  readonly mode?: string | undefined;
  /** Why the outcome is not what was asked for, UPPER_SNAKE. */
  readonly reason?: string | undefined;
}

/** What became of a proposal where it was judged. `own`: the fleet answers it itself. */
export type AuditDecision = 'allowed' | 'review' | 'refused' | 'own';

/** What every record says; what else it does not tell is empty. */
export type AuditFacts = Partial<AuditRecord> &
  Pick<AuditRecord, 'tenant' | 'atMs' | 'recordedBy' | 'actor' | 'action'>;

const noDigest = new Uint8Array();

export const auditRecordOf = (facts: AuditFacts): AuditRecord => ({
  sessionId: '',
  callId: '',
  tool: '',
  toolVersion: '',
  argumentsDigest: noDigest,
  policyRevision: '',
  rule: '',
  outcome: '',
  latencyMs: 0,
  idempotencyKey: '',
  ...facts,
});

/** Entries of callers and operators that belong to no tenant. No tenant can have this name. */
export const fleetAuditTenant = '_fleet';

/** In whose chain its entry stands. */
export const auditTenantOf = ({ tenant }: Pick<AuditRecord, 'tenant'>): string => tenant || fleetAuditTenant;

/** Hexadecimal digits of a key, 16 bytes. */
const keyDigits = 32;
const halfDigits = keyDigits / 2;

/**
 * The key of an entry: 16 bytes in hexadecimal, of which the first half is its session's, so that the entries of a session lie
 * together and can be found by it.
 */
export function auditKeyOf(id: string, sessionId: string): string {
  const digest = hexDigestOf(id);
  if (sessionId === '') return digest.slice(0, keyDigits);
  return auditSessionKeyOf(sessionId) + digest.slice(halfDigits, keyDigits);
}

/** The first half of the keys of a session's entries. */
export const auditSessionKeyOf = (sessionId: string): string => hexDigestOf(sessionId).slice(0, halfDigits);
