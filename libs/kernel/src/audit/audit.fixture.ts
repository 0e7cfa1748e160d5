/** What the specs of the audit share: records of a session, and a signed log made of them. */
import { digestOf } from '../ids.js';
import type { AuditRecord } from './audit-record.js';
import { auditSignerOf } from './checkpoint.js';
import type { AuditEntryBody, PlacedAuditEntry } from './entry.js';
import { emptyAuditHead, entryOf, placed } from './entry.js';
import { checkpointLine, entryLine, headerLine } from './log-lines.js';
import type { NamedSubjectKey } from './seal.js';
import { named, partKeyOf, subjectKeyOf } from './seal.js';

export const signer = auditSignerOf(digestOf('a seed'));
export const tenant = 'acme';

export function recordOf(index: number, facts: Partial<AuditRecord> = {}): AuditRecord {
  return {
    tenant,
    sessionId: 's1',
    callId: `s1:1:${index}`,
    id: `s1:1:${index}/judged`,
    atMs: 1_795_000_000_000 + index,
    recordedBy: 'orchestrator',
    actor: 'ada@example.com',
    action: 'CALL_JUDGED',
    decision: 'allowed',
    tool: 'get_order',
    toolVersion: '1',
    effect: 'read',
    argumentsDigest: digestOf(`{"order":${index}}`),
    policyRevision: 'p1',
    rule: 'reads',
    outcome: '',
    latencyMs: 0,
    idempotencyKey: '',
    agent: 'shop',
    ...facts,
  };
}

const nonce = () => Buffer.alloc(12, 7);

export const keyOf = (name: string): NamedSubjectKey =>
  named(subjectKeyOf(Buffer.from(name).toString('hex').slice(0, 6), digestOf(name)), name, nonce());

export function entriesOf(count: number): PlacedAuditEntry[] {
  const records = Array.from({ length: count }, (_, index) => recordOf(index));
  const entries = records.map((record) => entryOf(record, record.id!, keyOf, nonce));
  return placed(tenant, emptyAuditHead, entries).entries;
}

/** Signed behind each of `signedAt`. `open`: with the keys of what is sealed. */
export function logOf(entries: readonly PlacedAuditEntry[], signedAt: readonly number[], open = false): string[] {
  let before = emptyAuditHead.hash;
  const lines = [headerLine(tenant, 0)];
  for (const { seq, hash, text, atMs } of entries) {
    const { id, sealed = [] } = JSON.parse(text.toString()) as AuditEntryBody;
    const keys = sealed.map((part) => partKeyOf(keyOf('ada@example.com'), part.as, id));
    lines.push(entryLine(seq, before, hash, text.toString(), open ? keys : undefined));
    before = hash;
    if (!signedAt.includes(seq)) continue;
    lines.push(checkpointLine(signer.checkpoint(tenant, { kind: 'head', seq, hash, atMs })));
  }
  return lines;
}
