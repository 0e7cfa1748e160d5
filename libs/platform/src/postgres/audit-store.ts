/**
 * The chains of the audit in Postgres. Of two that append to one tenant's chain from the same head one succeeds; the other
 * hears that the chain has moved and looks again, so a chain has no two ends whoever writes to it.
 */
import type {
  AuditCheckpoint,
  AuditHead,
  AuditUsage,
  CheckpointKind,
  PlacedAuditEntry,
  RecordedTraffic,
  SessionTraffic,
  ToolTraffic,
} from '@toolfleet/kernel';
import { auditSessionKeyOf, genesisHash } from '@toolfleet/kernel';
import * as sql from './audit-sql.js';
import type { Database, Row } from './pool.js';
import { checkId, checkInteger, checkLimit, numberArray, textArray } from './stored-text.js';

/** Entries that follow `from`, and the head after them. */
export interface AuditAppend {
  readonly tenant: string;
  readonly from: AuditHead;
  readonly to: AuditHead;
  readonly entries: readonly PlacedAuditEntry[];
}

/** `moved`: somebody else appended meanwhile. `known`: the keys, in hexadecimal, of what is there already; nothing was appended. */
export type AppendOutcome =
  | { readonly type: 'appended' }
  | { readonly type: 'moved' }
  | { readonly type: 'known'; readonly keys: ReadonlySet<string> };

export interface StoredAuditHead extends AuditHead {
  readonly tenant: string;
  readonly checkpointSeq: number;
  readonly truncatedSeq: number;
}

export interface StoredAuditEntry extends AuditHead {
  readonly text: string;
}

export interface TenantCheckpoint {
  readonly tenant: string;
  readonly checkpoint: AuditCheckpoint;
}

const newest = Number.MAX_SAFE_INTEGER;
/** Rows deleted by one statement: some 100 ms. */
const deletedAtOnce = 5_000;
/** Rows of an answer: of 100 bytes each, both kinds fill three quarters of a gRPC message. */
const trafficRowsMax = 15_000;
const dayMs = 86_400_000;

export class AuditStore {
  constructor(private readonly database: Database) {}

  /** Each tenant at most once. Appends the figures of those that succeed and of no other. */
  async append(appends: readonly AuditAppend[], usage: AuditUsage): Promise<AppendOutcome[]> {
    for (const { tenant, entries } of appends) {
      checkId('tenant', tenant);
      for (const { atMs } of entries) checkInteger('atMs', atMs, 53);
    }
    const rows = await this.database.query(sql.appendStatement, sql.appendValuesOf(appends, usage));
    const known = new Map<string, Set<string>>();
    const appended = new Set<string>();
    for (const row of rows) {
      const tenant = row['tenant'] as string;
      const key = row['key'] as string | null;
      if (key === null) appended.add(tenant);
      else known.set(tenant, (known.get(tenant) ?? new Set()).add(key.replaceAll('-', '')));
    }
    return appends.map(({ tenant }) => {
      const keys = known.get(tenant);
      if (keys) return { type: 'known', keys };
      return { type: appended.has(tenant) ? 'appended' : 'moved' };
    });
  }

  /** Of all of them: a tenant that is met for the first time gets a chain. */
  async heads(tenants: readonly string[]): Promise<StoredAuditHead[]> {
    for (const tenant of tenants) checkId('tenant', tenant);
    const asked = textArray(tenants);
    const rows = await this.database.query(sql.headsStatement, [asked]);
    if (rows.length === tenants.length) return rows.map(headOf);
    await this.database.query(sql.openStatement, [asked, genesisHash]);
    return (await this.database.query(sql.headsStatement, [asked])).map(headOf);
  }

  /** Undefined: nothing was ever recorded of it. */
  async head(tenant: string): Promise<StoredAuditHead | undefined> {
    checkId('tenant', tenant);
    const [row] = await this.database.read(sql.headsStatement, [textArray([tenant])]);
    return row && headOf(row);
  }

  /** Those that have entries behind their last signature, in the order of their names. */
  async unsigned(afterTenant: string, limit: number): Promise<StoredAuditHead[]> {
    checkLimit(limit);
    return (await this.database.read(sql.unsignedStatement, [afterTenant, limit])).map(headOf);
  }

  async sign(signed: readonly TenantCheckpoint[]): Promise<void> {
    const checkpoints = signed.map(({ checkpoint }) => checkpoint);
    await this.database.query(sql.signStatement, [
      textArray(signed.map(({ tenant }) => tenant)),
      numberArray(checkpoints.map(({ seq }) => seq)),
      textArray(checkpoints.map(({ kind }) => kind)),
      numberArray(checkpoints.map(({ atMs }) => atMs)),
      textArray(checkpoints.map(({ keyId }) => keyId)),
      Buffer.concat(checkpoints.flatMap(({ hash, signature }) => [hash, signature])),
    ]);
  }

  /** In order, behind `after` and up to `upTo`. */
  async entries(tenant: string, after: number, upTo: number, limit: number): Promise<StoredAuditEntry[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.database.read(sql.entriesStatement, [tenant, after, upTo, limit])).map(entryOf);
  }

  /** Newest first, before `before`; 0: from the newest. */
  async newest(tenant: string, before: number, limit: number): Promise<StoredAuditEntry[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.database.read(sql.newestStatement, [tenant, before || newest, limit])).map(entryOf);
  }

  async ofSession(tenant: string, sessionId: string, before: number, limit: number): Promise<StoredAuditEntry[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    const half = auditSessionKeyOf(sessionId);
    const keys = [half.padEnd(32, '0'), half.padEnd(32, 'f')];
    return (await this.database.read(sql.ofSessionStatement, [tenant, ...keys, before || newest, limit])).map(entryOf);
  }

  async hash(tenant: string, seq: number): Promise<Uint8Array | undefined> {
    checkId('tenant', tenant);
    const [row] = await this.database.read(sql.hashStatement, [tenant, seq]);
    return row?.['hash'] as Buffer | undefined;
  }

  async checkpoints(
    tenant: string,
    kind: CheckpointKind,
    { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
  ): Promise<AuditCheckpoint[]> {
    checkId('tenant', tenant);
    checkLimit(limit);
    return (await this.database.read(sql.checkpointsStatement, [tenant, kind, after, upTo, limit])).map(checkpointOf);
  }

  /** The newest signed entry of each tenant that was signed before `beforeMs` and stands still. */
  async signedBefore(
    afterTenant: string,
    beforeMs: number,
    limit: number,
  ): Promise<{ tenant: string; seq: number; hash: Uint8Array }[]> {
    checkLimit(limit);
    const rows = await this.database.read(sql.signedBeforeStatement, [afterTenant, beforeMs, limit]);
    return rows.map((row) => ({
      tenant: row['tenant'] as string,
      seq: row['seq'] as number,
      hash: row['hash'] as Buffer,
    }));
  }

  /** Deletes what `beginning` says is gone. It is signed first: cut short, the log begins there all the same. */
  async truncate(tenant: string, beginning: AuditCheckpoint): Promise<number> {
    await this.sign([{ tenant, checkpoint: beginning }]);
    let deleted = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in steps that the statement's time allows
      const rows = await this.database.query(sql.deleteStatement, [tenant, beginning.seq, deletedAtOnce]);
      deleted += rows.length;
      if (rows.length === 0) break;
    }
    await this.database.query(sql.truncatedStatement, [tenant, beginning.seq]);
    return deleted;
  }

  /** Of one tenant, or of all where it is empty, since the day. */
  async traffic(tenant: string, sinceDay: string, todayMs: number): Promise<RecordedTraffic> {
    const values = [sinceDay, tenant];
    const [since] = await this.database.read(sql.recordedSinceStatement, values);
    const day = since?.['day'] as string | null | undefined;
    if (!day) return { days: 0, tools: [], sessions: [], truncated: false };
    const tools = await this.database.read<ToolTraffic>(sql.toolTrafficStatement, [...values, trafficRowsMax + 1]);
    const sessions = await this.database.read<SessionTraffic>(sql.sessionTrafficStatement, [
      ...values,
      trafficRowsMax + 1,
    ]);
    return {
      days: Math.floor(todayMs / dayMs) - Math.floor(Date.parse(day) / dayMs) + 1,
      tools: tools.slice(0, trafficRowsMax),
      sessions: sessions.slice(0, trafficRowsMax),
      truncated: tools.length > trafficRowsMax || sessions.length > trafficRowsMax,
    };
  }

  /** Drops the figures of the days before. */
  async forgetUsage(beforeDay: string): Promise<void> {
    await this.database.query(sql.usageBeforeStatement, [beforeDay]);
  }
}

const headOf = (row: Row): StoredAuditHead => ({
  tenant: row['tenant'] as string,
  seq: row['seq'] as number,
  hash: row['hash'] as Buffer,
  checkpointSeq: row['checkpoint_seq'] as number,
  truncatedSeq: row['truncated_seq'] as number,
});

const entryOf = (row: Row): StoredAuditEntry => ({
  seq: row['seq'] as number,
  hash: row['hash'] as Buffer,
  text: row['body'] as string,
});

const checkpointOf = (row: Row): AuditCheckpoint => ({
  kind: row['kind'] as CheckpointKind,
  seq: row['seq'] as number,
  atMs: row['at_ms'] as number,
  hash: row['hash'] as Buffer,
  keyId: row['key_id'] as string,
  signature: row['signature'] as Buffer,
});
