import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { GrpcServiceSpec, ToolSpec } from '@toolfleet/kernel';
import { GrpcDescriptors } from '@toolfleet/kernel/grpc';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const good = `
apiVersion: toolfleet.dev/v1
kind: GrpcService
metadata: { name: pets }
spec:
  address: '\${TOOLFLEET_PETS_ADDRESS}'
  descriptorSet: sets/pets.binpb
  credential: { headers: { authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_PETS}' } }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: get_pet }
spec:
  description: A pet.
  class: read
  effect: read
  driver: grpc
  parameters: { type: object, properties: { petId: { type: string } } }
  grpc: { service: pets, method: pets.v1.PetService/GetPet }
`;
const bytes = readFileSync(new URL('../../../kernel/fixtures/grpc/pets.binpb', import.meta.url));
const set = { path: 'team/sets/pets.binpb', text: '', bytes };

function resultOf(text: string, sets = [set], address = 'pets:443') {
  const result = loadCatalogue([{ path: 'team/pets.yaml', text }, ...sets], {
    ...{ toolClasses: ['read', 'write'], variable: () => address, variablesAllowed: [], ofOperators: () => false },
  });
  return result.ok ? { manifests: result.catalogue.manifests } : { problems: result.problems.map(textOfProblem) };
}
const problemsOf = (from: string, to: string): string => {
  assert.ok(good.includes(from), from);
  return resultOf(good.replace(from, to)).problems?.join('\n') ?? '';
};

test('a service carries its descriptor set in its record, packed and without comments', () => {
  const { manifests = [], problems } = resultOf(good);
  assert.equal(problems, undefined);
  const spec = manifests.find(({ kind }) => kind === 'GrpcService')!.spec as GrpcServiceSpec;
  assert.deepEqual([spec.address, spec.tls, spec.caFile], ['pets:443', true, undefined]);
  assert.ok(spec.descriptorSet!.length < 3_000);
  const unpacked = GrpcDescriptors.ofSet(gunzipSync(Buffer.from(spec.descriptorSet!, 'base64')));
  assert.ok(unpacked.method('pets.v1.PetService/GetPet')?.isUnary);
  const tool = manifests.find(({ kind }) => kind === 'Tool')!.spec as ToolSpec;
  assert.deepEqual(tool.grpc, { service: 'pets', method: 'pets.v1.PetService/GetPet' });
});

test('a descriptor set is a file below its manifest that can be read, or there is reflection', () => {
  assert.match(
    resultOf(good, []).problems!.join('\n'),
    /pets\.yaml:\d+ GrpcService\/pets spec\.descriptorSet: there is no such file/,
  );
  assert.match(
    resultOf(good, [{ ...set, bytes: Buffer.from('x') }]).problems!.join('\n'),
    /descriptorSet: The descriptor set cannot/,
  );
  for (const path of ['/etc/passwd', '../pets.binpb', 'a/../../b.pb', 'http://x/y.pb'])
    assert.match(problemsOf('sets/pets.binpb', path), /descriptorSet: is not a path below/);
  assert.equal(problemsOf('descriptorSet: sets/pets.binpb', 'reflection: true'), '');
  assert.match(problemsOf('  descriptorSet: sets/pets.binpb\n', ''), /descriptorSet: is required without reflection/);
});

test('a method is in the set, and is no stream', () => {
  const method = 'pets.v1.PetService/GetPet';
  assert.match(problemsOf(method, 'pets.v1.PetService/Gone'), /grpc\.method: is not in the descriptor set/);
  assert.match(problemsOf(method, 'pets.v1.PetService/WatchPets'), /grpc\.method: is a stream/);
  assert.match(problemsOf(method, 'GetPet'), /grpc\.method: is not package\.Service\/Method/);
  assert.match(problemsOf('service: pets', 'service: dogs'), /there is no GrpcService "dogs"/);
  assert.match(problemsOf('driver: grpc', 'driver: http'), /spec\.grpc: does not belong to the driver http/);
});

test('its place and its credential keep the rules of every destination', () => {
  for (const address of ['pets', 'http://pets:1', 'pets:x', 'a b:1', 'user@pets:1'])
    assert.match(resultOf(good, [set], address).problems!.join('\n'), /spec\.address: is not host:port/);
  assert.equal(resultOf(good, [set], '[::1]:50051').problems, undefined);
  assert.match(problemsOf('{env:TOOLFLEET_CREDENTIAL_PETS}', '{env:PATH}'), /there is no \{env:PATH\}/);
  assert.match(problemsOf('authorization:', 'Idempotency-Key:'), /is set by the fleet itself/);
  for (const name of ['grpc-timeout', 'token-bin'])
    assert.match(
      problemsOf('authorization:', `${name}:`),
      /credential\.headers: has a name that is not one of metadata/,
    );
});
