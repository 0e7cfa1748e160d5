import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetRevision } from '@toolfleet/contracts';
import { unreachable } from '@toolfleet/kernel';
import type { ManifestSetStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import { ManifestSets, filesOfSets } from './manifest-sets.js';

const headOf = (set: string, revision: number): SetRevision => {
  const facts = { atMs: 1, actor: 'ann', reason: '', digest: `${revision}`, files: 1, bytes: 1, restoredRevision: 0 };
  return { set, revision, ...facts };
};

function fakeStore() {
  const world = { version: 1, heads: [headOf('b', 1), headOf('a', 1)], away: false, kept: true, read: [] as string[] };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (world.away) throw unreachable('DATABASE_UNREACHABLE', 'away');
    return value();
  };
  const store: ManifestSetStore = {
    version: () => answer(() => world.version),
    heads: () => answer(() => ({ version: world.version, heads: world.heads })),
    files: (set, revision) =>
      answer(() => {
        world.read.push(`${set}@${revision}`);
        return world.kept ? [{ path: 't.yaml', content: Buffer.from(set) }] : undefined;
      }),
    append: () => answer(() => undefined),
    revisions: () => answer(() => []),
  };
  return { world, sets: new ManifestSets(store, { warn: () => undefined } as unknown as Logger) };
}

test('while the database is away the sets last seen stay, and without any there are none to go by', async () => {
  const { world, sets } = fakeStore();
  world.away = true;
  await assert.rejects(sets.current(), { kind: 'unreachable' });
  world.away = false;
  const seen = await sets.current();
  world.away = true;
  assert.equal(await sets.current(), seen);
  await assert.rejects(sets.fresh(), { kind: 'unreachable' });
});

test('a set whose files are not kept is no set without files', async () => {
  const { world, sets } = fakeStore();
  world.kept = false;
  await assert.rejects(sets.current(), { reason: 'SET_REVISION_GONE' });
});

test('only what has changed is read again, and files come in the order of sets, the asked one last', async () => {
  const { world, sets } = fakeStore();
  await sets.current();
  world.version = 2;
  world.heads = [headOf('b', 2), headOf('a', 1)];
  const now = await sets.current();
  assert.deepEqual(world.read, ['b@1', 'a@1', 'b@2']);
  const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);
  assert.deepEqual(paths(filesOfSets(now)), ['set:a/t.yaml', 'set:b/t.yaml']);
  const asked = { set: 'a', files: [{ path: 'x/new.yaml', content: Buffer.from('') }] };
  assert.deepEqual(paths(filesOfSets(now, asked)), ['set:b/t.yaml', 'set:a/x/new.yaml']);
});
