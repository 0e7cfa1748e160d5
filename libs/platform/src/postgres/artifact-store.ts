/** Artifacts in Postgres: one row each, kept out of the session's events so that loading a session stays small. */
import { createHash } from 'node:crypto';
import { invalid } from '@toolfleet/kernel';
import type { Database, Statement } from './pool.js';
import type { Artifact, ArtifactStore } from './ports/artifact-store.js';
import { checkId, checkInteger, checkText } from './stored-text.js';

export interface ArtifactStoreOptions {
  readonly bytesMax?: number;
}

/** The largest row that still moves within a statement timeout on a busy machine. */
const defaultBytesMax = 8 * 2 ** 20;
/** 96 bits: short enough for a model to repeat, and within one session no two are ever equal by chance. */
const handleCharacters = 16;

const putStatement: Statement = {
  name: 'artifact_put',
  text: `insert into artifact (tenant, session_id, handle, created_at_ms, call_id, content_type, bytes)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, session_id, handle) do nothing`,
};

const getStatement: Statement = {
  name: 'artifact_get',
  text: `select call_id, content_type, octet_length(bytes) as bytes_total,
    case when $4::int is null then bytes else substring(bytes from $4::int + 1 for $5::int) end as bytes
  from artifact where tenant = $1 and session_id = $2 and handle = $3`,
};

export class PostgresArtifactStore implements ArtifactStore {
  readonly #database: Database;
  readonly #bytesMax: number;

  constructor(database: Database, options: ArtifactStoreOptions = {}) {
    this.#database = database;
    this.#bytesMax = options.bytesMax ?? defaultBytesMax;
  }

  async put(
    tenant: string,
    sessionId: string,
    callId: string,
    bytes: Uint8Array,
    contentType: string,
  ): Promise<string> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    checkId('callId', callId);
    checkText('contentType', contentType);
    if (bytes.byteLength > this.#bytesMax) {
      throw invalid('ARTIFACT_TOO_LARGE', 'The artifact is larger than may be kept.', {
        details: { bytes: String(bytes.byteLength), bytesMax: String(this.#bytesMax) },
        hint: 'Ask for less: a filter, fewer columns or a page.',
      });
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([callId, contentType]))
      .update(bytes)
      .digest('base64url');
    const handle = digest.slice(0, handleCharacters);
    const values = [tenant, sessionId, handle, Date.now(), callId, contentType, Buffer.from(bytes)];
    await this.#database.repeat(() => this.#database.query(putStatement, values));
    return handle;
  }

  async get(
    tenant: string,
    sessionId: string,
    handle: string,
    slice?: { readonly offset: number; readonly length: number },
  ): Promise<Artifact | undefined> {
    checkId('tenant', tenant);
    checkId('sessionId', sessionId);
    checkId('handle', handle);
    checkSlice(slice);
    const values = [tenant, sessionId, handle, slice?.offset ?? null, slice?.length ?? null];
    const [row] = await this.#database.read(getStatement, values);
    if (row === undefined) {
      return undefined;
    }
    return {
      callId: row['call_id'] as string,
      contentType: row['content_type'] as string,
      bytesTotal: row['bytes_total'] as number,
      bytes: row['bytes'] as Buffer,
    };
  }
}

function checkSlice(slice: { readonly offset: number; readonly length: number } | undefined): void {
  if (slice !== undefined) {
    checkInteger('offset', slice.offset + 1, 32);
    checkInteger('length', slice.length, 32);
    if (slice.offset < 0 || slice.length < 0) {
      throw invalid('NUMBER_INVALID', 'A slice starts at 0 or later and has a length of 0 or more.');
    }
  }
}
