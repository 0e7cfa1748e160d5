/**
 * The stored text of an entry: JSON without what is empty, and without anything that says who a person is. The text is
 * written once and only ever read, so its form may grow; readers pass over what they do not know.
 */
import { hexDigestOf } from '../ids.js';
import type { AuditRecord } from './audit-record.js';
import { auditKeyOf, auditTenantOf } from './audit-record.js';
import { entryHashOf, genesisHash } from './chain.js';
import type { NamedSubjectKey, SealedPart } from './seal.js';
import { keyedDigestOf, sealComment } from './seal.js';

/** An entry as its text has it; absent is empty. */
export interface AuditEntryBody {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly action: string;
  readonly session?: string;
  readonly call?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly version?: string;
  readonly effect?: string;
  readonly decision?: string;
  readonly policy?: string;
  readonly rule?: string;
  readonly mode?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly latencyMs?: number;
  readonly key?: string;
  /** Digest of the arguments, keyed for the session's user. */
  readonly args?: string;
  readonly sealed?: readonly SealedPart[];
}

/** An entry without its place: it gets that in the tenant's chain. */
export interface NewAuditEntry {
  readonly tenant: string;
  /** As `auditKeyOf`. */
  readonly key: string;
  readonly atMs: number;
  readonly text: Buffer;
  readonly record: AuditRecord;
}

export interface AuditHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export interface PlacedAuditEntry extends NewAuditEntry {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export const emptyAuditHead: AuditHead = { seq: 0, hash: genesisHash };

/** The people of a record: for whom the session runs, and who acted. */
export function peopleOf({ actor, subject = '' }: AuditRecord): { readonly user: string; readonly actor: string } {
  return { user: subject || actor, actor };
}

/** `keyOf` has a key for both of `peopleOf`; `id` is the record's own, or its place on the bus. */
export function entryOf(
  record: AuditRecord,
  id: string,
  keyOf: (name: string) => NamedSubjectKey,
  nonce: () => Uint8Array,
): NewAuditEntry {
  const { user, actor } = peopleOf(record);
  const own = user === '' ? undefined : keyOf(user);
  const acting = actor === '' ? undefined : keyOf(actor);
  const sealed: SealedPart[] = [];
  if (own) sealed.push({ as: 'user', key: own.id, box: own.nameBox });
  if (acting && actor !== user) sealed.push({ as: 'actor', key: acting.id, box: acting.nameBox });
  const writer = acting ?? own;
  if (record.comment && writer) sealed.push(sealComment(record.comment, id, writer, nonce()));
  const { argumentsDigest } = record;
  const plain = argumentsDigest.byteLength === 0 ? undefined : argumentsDigest;
  const args = plain && (own ? keyedDigestOf(plain, own) : Buffer.from(plain).toString('hex'));
  return {
    tenant: auditTenantOf(record),
    key: auditKeyOf(id, record.sessionId),
    atMs: record.atMs,
    text: Buffer.from(JSON.stringify(bodyOf(record, { id, args, sealed }))),
    record,
  };
}

type Made = { readonly id: string; readonly args: string | undefined; readonly sealed: readonly SealedPart[] };

function bodyOf(record: AuditRecord, { id, args, sealed }: Made): AuditEntryBody {
  const body = {
    id,
    at: record.atMs,
    by: record.recordedBy,
    action: record.action,
    session: record.sessionId || undefined,
    call: record.callId || undefined,
    agent: record.agent || undefined,
    tool: record.tool || undefined,
    version: record.toolVersion || undefined,
    effect: record.effect || undefined,
    decision: record.decision || undefined,
    policy: record.policyRevision || undefined,
    rule: record.rule || undefined,
    mode: record.mode || undefined,
    outcome: record.outcome || undefined,
    reason: record.reason || undefined,
    latencyMs: record.latencyMs || undefined,
    key: record.idempotencyKey || undefined,
    args,
    sealed: sealed.length > 0 ? sealed : undefined,
  };
  // Absent fields are left out of the text.
  return body as never;
}

/** The entries in their order behind the head, and the head after them. */
export function placed(
  tenant: string,
  head: AuditHead,
  entries: readonly NewAuditEntry[],
): { readonly entries: PlacedAuditEntry[]; readonly head: AuditHead } {
  let { seq, hash } = head;
  const chained = entries.map((entry) => {
    seq += 1;
    hash = entryHashOf(tenant, seq, hash, entry.text);
    return { ...entry, seq, hash };
  });
  return { entries: chained, head: { seq, hash } };
}

/** The pseudonym that a person's key is found by: without `secret` nobody can tell whose it is. */
export const subjectPseudonymOf = (secret: string, tenant: string, name: string): string =>
  hexDigestOf(`${secret}\n${tenant.length}:${tenant}${name}`);
