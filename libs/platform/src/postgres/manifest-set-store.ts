/**
 * Applied sets in Postgres. A revision is added by one statement that first moves the version on from what its writer has
 * checked: whoever comes second finds another version, changes nothing and checks again. No lock is held while a catalogue
 * is checked, and it works through poolers.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { SetFile, SetRevision } from '@toolfleet/contracts';
import { hexDigestOf, limits } from '@toolfleet/kernel';
import type { Database, Row, Statement } from './pool.js';
import type { ManifestSetStore, NewSetRevision, SetHeads } from './ports/manifest-set-store.js';
import { checkId, checkInteger, checkLimit, checkText } from './stored-text.js';

const columns = 'set_name, revision, at_ms, actor, reason, digest, file_count, byte_count, restored_revision';

const versionStatement: Statement = {
  name: 'catalogue_version',
  text: 'select version from catalogue_version where only_row',
};

const headsStatement: Statement = {
  name: 'manifest_set_heads',
  text: `select distinct on (set_name) ${columns} from manifest_set_revision order by set_name, revision desc`,
};

const filesStatement: Statement = {
  name: 'manifest_set_files',
  text: 'select content from manifest_set_revision where set_name = $1 and revision = $2',
};

/** The update waits for another writer's and then sees its version: of two with one version the second moves nothing. */
const appendStatement: Statement = {
  name: 'manifest_set_append',
  text: `
with moved as (
  update catalogue_version set version = version + 1 where only_row and version = $1 returning version
), latest as (
  select coalesce(max(revision), 0) as revision from manifest_set_revision where set_name = $2
), added as (
  insert into manifest_set_revision (${columns}, content)
  select $2, latest.revision + 1, $3, $4, $5, $6, $7, $8, $9, $10 from moved, latest
  returning ${columns}
), pruned as (
  delete from manifest_set_revision old using added
  where old.set_name = added.set_name and old.revision <= added.revision - ${limits.setRevisionsKept}
)
select ${columns} from added`,
};

const revisionsStatement: Statement = {
  name: 'manifest_set_revisions',
  text: `select ${columns} from manifest_set_revision where $1::text is null or set_name = $1
  order by at_ms desc, set_name, revision desc limit $2`,
};

export class PostgresManifestSetStore implements ManifestSetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async version(): Promise<number> {
    const [row] = await this.#database.query(versionStatement, []);
    return (row?.['version'] as number | undefined) ?? 0;
  }

  async heads(): Promise<SetHeads> {
    // In this order: a head that is newer than the version costs its writer one more check, one that is older would be lost.
    const version = await this.version();
    return { version, heads: (await this.#database.query(headsStatement, [])).map(revisionOf) };
  }

  async files(set: string, revision: number): Promise<readonly SetFile[] | undefined> {
    checkId('set', set);
    checkInteger('revision', revision, 32);
    const [row] = await this.#database.read(filesStatement, [set, revision]);
    return row && unpacked(row['content'] as Buffer);
  }

  async append(version: number, revision: NewSetRevision): Promise<SetRevision | undefined> {
    const { set, atMs, actor, reason, restoredRevision, content } = revision;
    checkId('set', set);
    for (const [field, text] of Object.entries({ actor, reason })) checkText(field, text);
    const bytes = content.reduce((sum, file) => sum + file.content.length, 0);
    const packed = await packedOf(content);
    const numbers = [content.length, bytes, restoredRevision];
    const values = [version, set, atMs, actor, reason, digestOfFiles(content), ...numbers, packed];
    const [row] = await this.#database.query(appendStatement, values);
    return row && revisionOf(row);
  }

  async revisions(set: string | undefined, limit: number): Promise<readonly SetRevision[]> {
    if (set !== undefined) checkId('set', set);
    checkLimit(limit);
    return (await this.#database.read(revisionsStatement, [set ?? null, limit])).map(revisionOf);
  }
}

/** In whatever order they come. */
export function digestOfFiles(files: readonly SetFile[]): string {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return hexDigestOf(sorted.map(({ path, content }) => `${path}\n${hexDigestOf(content)}\n`).join('')).slice(0, 16);
}

const packedOf = (files: readonly SetFile[]): Promise<Buffer> =>
  promisify(gzip)(JSON.stringify(files.map(({ path, content }) => [path, Buffer.from(content).toString('base64')])));

async function unpacked(content: Buffer): Promise<SetFile[]> {
  const text = (await promisify(gunzip)(content)).toString('utf8');
  return (JSON.parse(text) as [string, string][]).map(([path, base64]) => ({
    path,
    content: Buffer.from(base64, 'base64'),
  }));
}

const revisionOf = (row: Row): SetRevision => ({
  set: row['set_name'] as string,
  revision: row['revision'] as number,
  atMs: row['at_ms'] as number,
  actor: row['actor'] as string,
  reason: row['reason'] as string,
  digest: row['digest'] as string,
  files: row['file_count'] as number,
  bytes: row['byte_count'] as number,
  restoredRevision: row['restored_revision'] as number,
});
