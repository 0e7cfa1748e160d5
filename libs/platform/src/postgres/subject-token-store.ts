/** Sealed tokens in Postgres: a row a session, and only of sessions whose agent needs it. */
import { invalid } from '@toolfleet/kernel';
import type { Database, Statement } from './pool.js';
import type { SubjectToken, SubjectTokenStore } from './ports/subject-token-store.js';
import { checkId, checkInteger, checkLimit } from './stored-text.js';

/** The longest token that an HTTP server takes in a header is 16 KiB; sealed it is 33 bytes longer. */
const sealedBytesMax = 17 * 1024;

const putStatement: Statement = {
  name: 'subject_token_put',
  text: `insert into subject_token (tenant, session_id, stored_at_ms, expires_at_ms, sealed) values ($1, $2, $3, $4, $5)
  on conflict (tenant, session_id) do update
  set stored_at_ms = excluded.stored_at_ms, expires_at_ms = excluded.expires_at_ms, sealed = excluded.sealed`,
};

export const findSubjectToken: Statement = {
  name: 'subject_token_find',
  text: `select sealed, expires_at_ms from subject_token where tenant = $1 and session_id = $2 and expires_at_ms > $3`,
};

/** Reads all tokens, which are those of sessions that run or ended a moment ago. */
const sweepStatement: Statement = {
  name: 'subject_token_sweep',
  text: `delete from subject_token where (tenant, session_id) in (
    select t.tenant, t.session_id from subject_token t
    left join session s on s.tenant = t.tenant and s.session_id = t.session_id
    where t.expires_at_ms <= $1 or (t.stored_at_ms <= $2 and not s.active)
    order by t.expires_at_ms limit $3)
  returning 1`,
};

export class PostgresSubjectTokenStore implements SubjectTokenStore {
  constructor(private readonly database: Database) {}

  async put({ tenant, sessionId, sealed, expiresAtMs }: SubjectToken, nowMs: number): Promise<void> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    checkInteger('expiresAtMs', expiresAtMs, 53);
    if (sealed.byteLength > sealedBytesMax) {
      throw invalid('TOKEN_TOO_LARGE', "The user's token is longer than may be kept.", {
        details: { bytes: String(sealed.byteLength), bytesMax: String(sealedBytesMax) },
      });
    }
    const values = [tenant, sessionId, nowMs, expiresAtMs, Buffer.from(sealed)];
    await this.database.repeat(() => this.database.query(putStatement, values));
  }

  async find(tenant: string, sessionId: string, nowMs: number): Promise<SubjectToken | undefined> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    const [row] = await this.database.read(findSubjectToken, [tenant, sessionId, nowMs]);
    if (!row) return undefined;
    return { tenant, sessionId, sealed: row['sealed'] as Buffer, expiresAtMs: row['expires_at_ms'] as number };
  }

  async sweep(
    nowMs: number,
    { graceMs, limit }: { readonly graceMs: number; readonly limit: number },
  ): Promise<number> {
    checkLimit(limit);
    const rows = await this.database.query(sweepStatement, [nowMs, nowMs - graceMs, limit]);
    return rows.length;
  }
}
