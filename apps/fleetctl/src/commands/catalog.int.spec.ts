/** The commands as a shell sees them. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runFleetctl } from '../fleetctl.fixture.js';

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'catalog-'))));
after(() => rm(folder, { recursive: true }));

const fleetctl = (...words: string[]) => runFleetctl(['catalog', ...words], { cwd: folder });

const parameter = { in: 'query', name: 'tag', schema: { type: 'string' } };
const upload = { requestBody: { content: { 'image/png': {} } } };

function petsWith(parameters: readonly object[]): string {
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Pets', version: '1' },
    servers: [{ url: 'https://pets.example.org' }],
    paths: { '/pets': { get: { operationId: 'listPets', tags: ['Pets'], parameters }, post: upload } },
  });
}

async function contentOf(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, directory))).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, directory, name), 'utf8')));
  return Object.fromEntries(names.map((name, at) => [name, texts[at]!]));
}

test('an import writes manifests for review, tells what it left out, and a second one changes nothing', async () => {
  await writeFile(join(folder, 'pets.json'), petsWith([parameter]));
  const first = await fleetctl('import', 'openapi', 'pets.json', '-o', 'pets');
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.match(first.stdout, /^2 operations, 1 imported, 1 reported; 2 files written\./);
  assert.match(first.stdout, /POST \/pets: its body is image\/png/);
  const written = await contentOf('pets');
  assert.deepEqual(Object.keys(written), ['tools-pets.yaml', 'upstream.yaml']);
  assert.match(
    written['tools-pets.yaml']!,
    /# import: \{"kind":"openapi","source":"\.\.\/pets\.json","sha256":"[0-9a-f]{64}"\}/,
  );
  assert.match(written['tools-pets.yaml']!, /class: read # guessed from GET/);
  const again = await fleetctl('import', 'openapi', 'pets.json', '-o', 'pets', '--json');
  assert.deepEqual(await contentOf('pets'), written);
  const { operations, imported, reported } = JSON.parse(again.stdout) as Record<string, unknown>;
  assert.deepEqual([operations, imported], [2, 1]);
  assert.deepEqual(reported, [{ operation: 'POST /pets', reason: 'its body is image/png' }]);
});

test('what a reviewer changed is not overwritten unasked, and does not count as drift', async () => {
  await writeFile(join(folder, 'own.json'), petsWith([parameter]));
  await fleetctl('import', 'openapi', 'own.json', '-o', 'own');
  const path = join(folder, 'own', 'tools-pets.yaml');
  const reviewed = (await readFile(path, 'utf8')).replace(/riskTier: low.*/, 'riskTier: high');
  await writeFile(path, reviewed);
  const refused = await fleetctl('import', 'openapi', 'own.json', '-o', 'own');
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /CATALOG_FILES_DIFFER/);
  assert.equal(await readFile(path, 'utf8'), reviewed);
  const { code, stdout } = await fleetctl('check', 'own');
  assert.equal(code, 0);
  assert.match(stdout, /own\.json: 2 manifests compared, 0 differ, 0 of the source not taken\./);
  assert.equal((await fleetctl('import', 'openapi', 'own.json', '-o', 'own', '--force')).code, 0);
  await writeFile(path, 'apiVersion: mine');
  assert.equal((await fleetctl('import', 'openapi', 'own.json', '-o', 'own', '--force')).code, 5);
});

test('a document that moved on makes the check fail and name the tools', async () => {
  await writeFile(join(folder, 'moved.json'), petsWith([parameter]));
  await fleetctl('import', 'openapi', 'moved.json', '-o', 'moved');
  await writeFile(join(folder, 'moved.json'), petsWith([{ ...parameter, required: true }]));
  const { code, stdout, stderr } = await fleetctl('check', 'moved');
  assert.equal(code, 5);
  assert.match(stdout, /^ {2}Tool\/listPets: parameters$/m);
  assert.match(stderr, /CATALOG_DRIFTED/);
  assert.equal((await fleetctl('check', '.', '--json')).code, 5);
});

test('what is no OpenAPI document is refused in one line', async () => {
  await writeFile(join(folder, 'swagger.json'), '{"swagger":"2.0"}');
  const { code, stdout, stderr } = await fleetctl('import', 'openapi', 'swagger.json', '-o', 'none');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /Swagger 2\.0 .*\(OPENAPI_UNKNOWN\)\nhint {2}Convert it/);
  assert.equal((await fleetctl('import', 'openapi', 'absent.json', '-o', 'none')).code, 4);
  assert.equal((await fleetctl('import', 'openapi', 'pets.json', '-o', 'none', '--upstream', 'a b')).code, 2);
});

/** A server of one tool, with or without a second argument for it. */
const mcpServer = (more: string) => `
const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
const properties = { text: { type: 'string' }${more} };
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const serverInfo = { name: 'Notes', version: '1' };
  if (method === 'initialize') answer(id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  else if (method === 'tools/list') answer(id, { tools: [{ name: 'add', inputSchema: { type: 'object', properties } }] });
  else if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }));
});`;

test('an import from an MCP server says how to start it, and no check starts it unasked', async () => {
  await writeFile(join(folder, 'notes.cjs'), mcpServer(''));
  const command = [process.execPath, join(folder, 'notes.cjs')];
  const first = await fleetctl('import', 'mcp', '-o', 'notes', '--json', '--', ...command);
  assert.deepEqual([first.code, first.stderr], [0, '']);
  const { imported, upstreams } = JSON.parse(first.stdout);
  assert.deepEqual([imported, upstreams[0].name, upstreams[0].stdio.command], [1, 'notes', process.execPath]);
  const written = await contentOf('notes');
  assert.match(written['tools.yaml']!, /effect: write # guessed from no annotation/);
  const unasked = await fleetctl('check', 'notes');
  assert.deepEqual([unasked.code, /not started; give --run-commands/.test(unasked.stdout)], [0, true]);
  assert.equal((await fleetctl('check', 'notes', '--run-commands')).code, 0);
  await writeFile(join(folder, 'notes.cjs'), mcpServer(', due: {}'));
  const { code, stdout } = await fleetctl('check', 'notes', '--run-commands');
  assert.deepEqual([code, /Tool\/add: parameters/.test(stdout)], [5, true]);
});

test('an MCP server that cannot be reached is refused in one line', async () => {
  const { code, stdout, stderr } = await fleetctl('import', 'mcp', 'http://127.0.0.1:1/mcp', '-o', 'none');
  assert.notEqual(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /did not list its tools.*\(SOURCE_REFUSED\)/);
});
