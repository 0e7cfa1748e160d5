import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { testDirectory } from '@toolfleet/testkit';
import { archiveIn } from './archive-manifests.js';

let folder: string;
before(async () => (folder = await testDirectory('archive-')));
after(() => rm(folder, { recursive: true, force: true }));

const idle = { name: 'idle', version: '1', owner: 'team', firstSeenMs: 0 };

async function archived(text: string): Promise<string> {
  const path = join(folder, 'tools.yaml');
  await writeFile(path, text);
  await archiveIn(folder, [idle], 'Archived by ann.');
  return readFile(path, 'utf8');
}

test('a manifest is archived by one line in its spec and a note above, whatever else stands there', async () => {
  const text = `# ours
---
kind: Tool   # a tool
metadata: { name: idle }
spec:   # what it does
    # said to models
    description: "A   line that is longer than eighty characters, and keeps its blanks and quotes as they were written."
    class: read
---
kind: Tool
metadata: { name: other }
spec: { description: Other. }
`;
  const expected = text
    .replace('---\nkind: Tool   #', '---\n# Archived by ann.\nkind: Tool   #')
    .replace('    description: "A', '    visibility: archived\n    description: "A');
  assert.equal(await archived(text), expected);
});

test('a spec on one line, one that has a visibility, and lines of Windows keep their form', async () => {
  const head = 'kind: Tool\nmetadata: { name: idle }\n';
  assert.equal(
    await archived(`${head}spec: { class: read }\n`),
    `# Archived by ann.\n${head}spec: { visibility: archived, class: read }\n`,
  );
  assert.equal(
    await archived(`${head}spec:\n  visibility: hidden # for now\n  class: read\n`),
    `# Archived by ann.\n${head}spec:\n  visibility: archived # for now\n  class: read\n`,
  );
  const windows = `${head}spec:\n  class: read\n`.replaceAll('\n', '\r\n');
  assert.equal(
    await archived(windows),
    `# Archived by ann.\r\n${windows.replace('  class', '  visibility: archived\r\n  class')}`,
  );
});

test('a spec that stands behind an alias, and a file that cannot be read, are left as they are', async () => {
  for (const text of [
    'kind: Tool\nmetadata: { name: idle }\nold: &a { class: read }\nspec: *a\n',
    'kind: Tool\nmetadata: { name: idle\n',
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- one file
    assert.equal(await archived(text), text);
  }
});
