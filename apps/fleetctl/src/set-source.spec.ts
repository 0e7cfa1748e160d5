import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { limits } from '@toolfleet/kernel';
import { readSetSource } from './set-source.js';
import { changesText, historyText } from './set-text.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'set-'));
  await mkdir(join(folder, 'a', 'deep'), { recursive: true });
  await mkdir(join(folder, 'b'));
  await writeFile(join(folder, 'a', 'deep', 'x.yaml'), 'x');
  await writeFile(join(folder, 'a', 'pets.binpb'), Buffer.from([0xff, 0, 1]));
  await writeFile(join(folder, 'a', '.hidden.yaml'), 'h');
  await writeFile(join(folder, 'b', 'y.yml'), 'y');
  await writeFile(join(folder, 'b', 'pets.binpb'), '');
});
after(() => rm(folder, { recursive: true }));

test('paths are those below what is named, in one order, bytes as they are; a problem has the path of here', async () => {
  const { files, placeOf } = await readSetSource([join(folder, 'b', 'y.yml'), join(folder, 'a')]);
  assert.deepEqual(
    files.map(({ path, content }) => [path, [...content]]),
    [
      ['deep/x.yaml', [0x78]],
      ['pets.binpb', [0xff, 0, 1]],
      ['y.yml', [0x79]],
    ],
  );
  assert.equal(placeOf({ file: 'deep/x.yaml', line: 1, reason: '' }).file, join(folder, 'a', 'deep', 'x.yaml'));
  assert.equal(placeOf({ file: 'set:other/x.yaml', line: 1, reason: '' }).file, 'set:other/x.yaml');
});

test('two files of one path, other files, and more than a set may have are refused', async () => {
  await assert.rejects(readSetSource([join(folder, 'a'), join(folder, 'b')]), { reason: 'SET_FILES_CLASH' });
  await writeFile(join(folder, 'note.txt'), '');
  await assert.rejects(readSetSource([join(folder, 'note.txt')]), { reason: 'FILE_INVALID' });
  await mkdir(join(folder, 'large'));
  await writeFile(join(folder, 'large', 'l.yaml'), '#'.repeat(limits.setBytesMax + 1));
  await assert.rejects(readSetSource([join(folder, 'large')]), { reason: 'SET_TOO_LARGE' });
});

test('what others wrote does not steer a terminal', () => {
  const evil = '\u001b[2J\u202e\nx';
  const field = { path: evil, before: '', after: JSON.stringify(evil) };
  const change = { kind: 'Tool', name: evil, action: 'changed', fields: [field] } as const;
  const outcome = { set: 's', revision: 1, stored: true, live: true, catalogueRevision: 'r', changesTotal: 3 };
  const text = changesText({ ...outcome, changes: [change], problems: [], problemsTotal: 0 }, false);
  assert.equal(text, '~ Tool/ [2J x\n     [2J x: absent → "\\u001b[2J \\nx"\nand 2 more');
  const head = { set: 's', revision: 2, atMs: 0, digest: 'd', files: 0, bytes: 0, restoredRevision: 0 };
  assert.match(historyText([{ ...head, actor: evil, reason: evil }]), /^s@2 +1970-\S+ + \[2J x +removed + \[2J x$/m);
});
