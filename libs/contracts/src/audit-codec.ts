/** Audit records and what AuditService says, between the kernel's types and their bytes. */
import type { AuditDecision, AuditRecord, Effect, RecordedTraffic } from '@toolfleet/kernel';
import { wireType } from './wire.js';

const recordsType = wireType('toolfleet.audit.v1.AuditRecords');

/** Field by field what protobuf leaves empty: a record that says nothing there has it absent. */
type WireRecord = Required<AuditRecord>;

/** Joined with the bytes of others they are the bytes of all. */
export const encodeAuditRecords = (records: readonly AuditRecord[]): Uint8Array => recordsType.encode({ records });

export function decodeAuditRecords(bytes: Uint8Array): AuditRecord[] {
  const { records } = recordsType.decode(bytes) as { records: readonly WireRecord[] };
  return records.map(recordOf);
}

function recordOf(wire: WireRecord): AuditRecord {
  const { tenant, sessionId, callId, atMs, recordedBy, actor, action, tool, toolVersion, argumentsDigest } = wire;
  const { policyRevision, rule, outcome, latencyMs, idempotencyKey } = wire;
  return {
    ...{ tenant, sessionId, callId, atMs, recordedBy, actor, action, tool, toolVersion, argumentsDigest },
    ...{ policyRevision, rule, outcome, latencyMs, idempotencyKey },
    id: wire.id || undefined,
    subject: wire.subject || undefined,
    comment: wire.comment || undefined,
    agent: wire.agent || undefined,
    effect: (wire.effect as Effect | '') || undefined,
    decision: (wire.decision as AuditDecision | '') || undefined,
    mode: wire.mode || undefined,
    reason: wire.reason || undefined,
  };
}

export interface ListedAuditEntry {
  readonly seq: number;
  /** The stored JSON. */
  readonly text: string;
  /** Empty when nobody, or when their key was destroyed. */
  readonly actor: string;
  readonly subject: string;
  readonly comment: string;
  readonly argumentsDigest: string;
}

export interface ErasedSubject {
  readonly keys: number;
  readonly sessions: number;
  readonly running: number;
}

const type = (name: string) => wireType(`toolfleet.audit.v1.${name}`);
const wire = {
  list: type('ListAuditRequest'),
  listed: type('ListAuditResponse'),
  export: type('ExportAuditRequest'),
  exported: type('ExportAuditResponse'),
  erase: type('EraseSubjectRequest'),
  erased: type('EraseSubjectResponse'),
  usage: type('SummariseUsageRequest'),
  used: type('SummariseUsageResponse'),
  keys: type('GetAuditKeysResponse'),
};

export const auditService = 'toolfleet.audit.v1.AuditService';

export const encodeListAudit = (request: {
  readonly tenant: string;
  readonly beforeSeq: number;
  readonly pageSize: number;
  readonly sessionId: string;
}): Uint8Array => wire.list.encode(request);

export function decodeListedAudit(bytes: Uint8Array): ListedAuditEntry[] {
  const { entries } = wire.listed.decode(bytes) as { entries: readonly ListedAuditEntry[] };
  return entries.map(({ seq, text, actor, subject, comment, argumentsDigest }) => {
    return { seq, text, actor, subject, comment, argumentsDigest };
  });
}

export const encodeExportAudit = (request: {
  readonly tenant: string;
  readonly afterSeq: number;
  readonly open: boolean;
}): Uint8Array => wire.export.encode(request);

export const decodeExportedLines = (bytes: Uint8Array): Uint8Array =>
  (wire.exported.decode(bytes) as { lines: Uint8Array }).lines;

export const encodeEraseSubject = (request: {
  readonly tenant: string;
  readonly subject: string;
  readonly actor: string;
  readonly reason: string;
}): Uint8Array => wire.erase.encode(request);

export function decodeErasedSubject(bytes: Uint8Array): ErasedSubject {
  const { keys, sessions, running } = wire.erased.decode(bytes) as unknown as ErasedSubject;
  return { keys, sessions, running };
}

export function decodeAuditKeys(bytes: Uint8Array): { readonly id: string; readonly key: Uint8Array }[] {
  const { keys } = wire.keys.decode(bytes) as { keys: readonly { id: string; key: Uint8Array }[] };
  return keys.map(({ id, key }) => ({ id, key }));
}

export const encodeSummariseUsage = (request: { readonly tenant: string; readonly days: number }): Uint8Array =>
  wire.usage.encode(request);

export function decodeSummarisedUsage(bytes: Uint8Array): RecordedTraffic {
  const { days, tools, sessions, truncated } = wire.used.decode(bytes) as unknown as RecordedTraffic;
  return {
    days,
    truncated,
    tools: tools.map(({ tenant, tool, agent, calls, writes, failures }) => {
      return { tenant, tool, agent, calls, writes, failures };
    }),
    sessions: sessions.map(({ tenant, agent, sessions: count, failures }) => {
      return { tenant, agent, sessions: count, failures };
    }),
  };
}
