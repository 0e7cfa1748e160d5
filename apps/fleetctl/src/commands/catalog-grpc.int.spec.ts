/** Imports of gRPC services, as a shell sees them. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { petDescriptors, petShop } from '@toolfleet/platform/grpc/testing';
import { runFleetctl } from '../fleetctl.fixture.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalog-grpc-'));
  await writeFile(join(folder, 'pets.binpb'), petDescriptors);
});
after(() => rm(folder, { recursive: true }));

const fleetctl = (...words: string[]) => runFleetctl(['catalog', ...words], { cwd: folder });
const textOf = (name: string) => readFile(join(folder, name), 'utf8');

test('a descriptor set becomes manifests for review, with what was guessed, left out and is to be known', async () => {
  const { code, stdout, stderr } = await fleetctl('import', 'grpc', 'pets.binpb', '-o', 'pets');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^7 operations, 6 imported, 1 reported; 3 files written\./);
  assert.match(stdout, /pets\.v1\.PetService\/WatchPets: it is a stream/);
  assert.match(stdout, /SellPet: pets\.v1\.Pet may hold itself/);
  assert.deepEqual((await readdir(join(folder, 'pets'))).toSorted(), [
    'descriptors.binpb',
    'tools-petservice.yaml',
    'upstream.yaml',
  ]);
  const service = await textOf('pets/upstream.yaml');
  assert.match(service, /kind: GrpcService\nmetadata:\n {2}name: pets-v1\n/);
  assert.match(
    service,
    /address: \$\{TOOLFLEET_GRPC_PETS_V1_ADDRESS\}\n {2}tls: true\n {2}descriptorSet: descriptors\.binpb\n/,
  );
  const tools = await textOf('pets/tools-petservice.yaml');
  assert.match(tools, /class: read # guessed from the name GetPet/);
  assert.match(tools, /effect: read # guessed from NO_SIDE_EFFECTS/);
  assert.match(tools, /driver: grpc\n {2}grpc:\n {4}service: pets-v1\n {4}method: pets\.v1\.PetService\/GetPet\n/);
  const again = await fleetctl('import', 'grpc', 'pets.binpb', '-o', 'pets', '--json');
  assert.equal(again.code, 0);
  assert.equal((JSON.parse(again.stdout) as { imported: number }).imported, 6);
  assert.equal(await textOf('pets/tools-petservice.yaml'), tools);
});

test("a reviewer's guesses are no drift; what the set says otherwise is", async () => {
  await fleetctl('import', 'grpc', 'pets.binpb', '-o', 'reviewed');
  const path = join(folder, 'reviewed/tools-petservice.yaml');
  const tools = await readFile(path, 'utf8');
  await writeFile(path, tools.replace('riskTier: medium', 'riskTier: high'));
  const same = await fleetctl('check', 'reviewed');
  assert.deepEqual([same.code, same.stderr], [0, '']);
  assert.match(same.stdout, /7 manifests compared, 0 differ/);
  await writeFile(path, tools.replace('Sells a pet.', 'Buys a pet.'));
  const differs = await fleetctl('check', 'reviewed');
  assert.notEqual(differs.code, 0);
  assert.match(differs.stdout, /Tool\/SellPet: description/);
  const refused = await fleetctl('import', 'grpc', 'pets.binpb', '-o', 'reviewed');
  assert.match(refused.stderr, /CATALOG_FILES_DIFFER/);
});

test('a server with reflection is imported from, and checked against later', async () => {
  const shop = await petShop({ reflection: 'v1' });
  const asked = ['import', 'grpc', shop.address, '-o', 'asked', '--plaintext', '--service', 'shop', '--prefix', 'p_'];
  const { code, stderr } = await fleetctl(...asked);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(await textOf('asked/upstream.yaml'), new RegExp(`address: ${shop.address}\n  tls: false`));
  const tools = await textOf('asked/tools-petservice.yaml');
  assert.match(tools, /name: p_GetPet/);
  for (const field of ['petId', 'pageSize', 'cageName', 'customer'])
    assert.match(tools, new RegExp(`^ +${field}:`, 'm'));
  assert.equal((await fleetctl('check', 'asked')).code, 0);
  shop.close();
  const away = await fleetctl('check', 'asked');
  assert.match(away.stderr, /UPSTREAM_CONNECT_FAILED/);
});

test('what is no descriptor set, has no service or is not there is refused in words', async () => {
  await writeFile(join(folder, 'text.binpb'), 'no set');
  await writeFile(join(folder, 'empty.binpb'), '');
  const reasons = {
    'text.binpb': /GRPC_DESCRIPTORS_INVALID/,
    'empty.binpb': /SOURCE_INVALID/,
    'gone.pb': /SOURCE_MISSING/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    // oxlint-disable-next-line no-await-in-loop -- a process each
    const { code, stderr } = await fleetctl('import', 'grpc', name, '-o', 'none');
    assert.notEqual(code, 0);
    assert.match(stderr, reason);
  }
});
