/** Pages and the schema as a shell sees them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runFleetctl } from '../fleetctl.fixture.js';

const retail = fileURLToPath(new URL('../../../../examples/retail/catalog/', import.meta.url));

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'docs-'))));
after(() => rm(folder, { recursive: true }));

const catalog = (...words: string[]) => runFleetctl(['catalog', ...words], { cwd: folder });

test('manifests that cannot be read become no pages; their places are told, also as JSON', async () => {
  await mkdir(join(folder, 'bad'));
  const manifest =
    'apiVersion: toolfleet.dev/v1\nkind: Tool\nmetadata: { name: a }\nspec: { class: read, effekt: x }\n';
  await writeFile(join(folder, 'bad', 'a.yaml'), manifest);
  const { code, stdout, stderr } = await catalog('docs', 'bad', '-o', 'out');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /bad\/a\.yaml:4 Tool\/a spec\.effekt: is not a field of this kind/);
  const json = await catalog('docs', 'bad', '-o', 'out', '--json');
  const { problems } = JSON.parse(json.stdout) as { problems: { file: string; line: number }[] };
  assert.ok(problems.length > 1 && problems.every(({ file, line }) => file === 'bad/a.yaml' && line === 4));
  assert.equal((await catalog('docs', 'nowhere', '-o', 'out')).code, 2);
  assert.deepEqual(await readdir(folder), ['bad']);
});

test('pages are written, a second run with fewer tools takes the others away, and says so', async () => {
  const first = await catalog('docs', retail, '-o', 'pages');
  assert.deepEqual([first.code, first.stdout], [0, '17 pages written, 0 of earlier runs removed.\n']);
  assert.equal((await readdir(join(folder, 'pages', 'tools'))).length, 16);
  const text = (name: string) =>
    `apiVersion: toolfleet.dev/v1\nkind: Tool\nmetadata: { name: ${name} }\nspec: { description: d, class: read, effect: read }\n`;
  await mkdir(join(folder, 'few'));
  await writeFile(join(folder, 'few', 'a.yaml'), text('calculate'));
  const second = await catalog('docs', 'few', '-o', 'pages', '--json');
  const { written, removed } = JSON.parse(second.stdout) as Record<string, string[]>;
  assert.deepEqual([written, removed?.length], [['index.md', 'tools/calculate.md'], 15]);
  await writeFile(join(folder, 'few', 'b.yaml'), text('calculate'));
  const twice = await catalog('docs', 'few', '-o', 'pages');
  assert.match(twice.stderr, /few\/b\.yaml:3 Tool\/calculate metadata\.name: is taken by an earlier manifest/);
});

test('the schema is printed for an editor, of all kinds or of one, and an unknown kind is refused', async () => {
  const whole = JSON.parse((await catalog('schema')).stdout) as { definitions: object };
  assert.ok('Tool' in whole.definitions);
  const one = JSON.parse((await catalog('schema', '--kind', 'Agent')).stdout) as { title: string };
  assert.equal(one.title, 'Agent of toolfleet.dev/v1');
  assert.equal((await catalog('schema', '--kind', 'Agnt')).code, 2);
});
