import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SecretFiles } from './secret-files.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-secrets-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = async (name: string, value: string) => {
  await writeFile(join(directory, `${name}.new`), value);
  await rename(join(directory, `${name}.new`), join(directory, name));
};
const missing = { kind: 'broken', reason: 'CREDENTIAL_MISSING' };

describe('SecretFiles', () => {
  it('gives the value without the line break at its end, also from below a directory', async () => {
    await mkdir(join(directory, 'shop'));
    await put('shop/acme', 'value of acme\n');
    assert.equal(await new SecretFiles({ directory }).read('shop/acme'), 'value of acme');
  });

  it('reads nothing while a value is younger than the interval, and a new value after it', async () => {
    const files = new SecretFiles({ directory, checkEveryMs: 50 });
    await put('token', 'first');
    assert.equal(await files.read('token'), 'first');
    await put('token', 'second');
    assert.equal(files.read('token'), 'first');
    const deadline = Date.now() + 5_000;
    while ((await files.read('token')) !== 'second') assert.ok(Date.now() < deadline);
  });

  it('reads a new value at once where the old one was refused', async () => {
    const files = new SecretFiles({ directory, checkEveryMs: 60_000 });
    await put('token', 'first');
    await files.read('token');
    await put('token', 'second');
    assert.equal(await files.read('token', { fresh: true }), 'second');
    assert.equal(files.read('token'), 'second');
  });

  it('follows the links of a Kubernetes mount from one version to the next', async () => {
    const files = new SecretFiles({ directory });
    for (const [version, value] of Object.entries({ one: 'first', two: 'second' })) {
      await mkdir(join(directory, `..${version}`));
      await writeFile(join(directory, `..${version}`, 'token'), value);
      await symlink(`..${version}`, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
      if (version === 'one') await symlink('..data/token', join(directory, 'token'));
      assert.equal(await files.read('token', { fresh: true }), value);
    }
  });

  it('does not use a value any longer than its file is there', async () => {
    const files = new SecretFiles({ directory, checkEveryMs: 0 });
    await put('token', 'first');
    await files.read('token');
    await rm(join(directory, 'token'));
    await assert.rejects(async () => files.read('token'), missing);
  });

  it('never leaves its directory, whatever the name', async () => {
    const files = new SecretFiles({ directory: join(directory, 'inner') });
    await put('outer', 'not yours');
    const names = [
      '../outer',
      '/etc/hostname',
      'a/../../outer',
      './outer',
      '..',
      '',
      'a\0',
      'a//b',
      '.hidden',
      'a/./b',
    ];
    for (const name of names) await assert.rejects(async () => files.read(name), missing, name);
  });

  it('refuses what cannot be a credential: nothing, several lines, a directory, a file of megabytes', async () => {
    const files = new SecretFiles({ directory });
    await mkdir(join(directory, 'folder'));
    const bad = { empty: '\n', lines: 'one\ntwo', nul: 'a\0b', long: 'x'.repeat(100_000) };
    for (const [name, value] of Object.entries(bad)) await put(name, value);
    for (const name of [...Object.keys(bad), 'folder', 'absent']) {
      await assert.rejects(async () => files.read(name), missing, name);
    }
  });
});
