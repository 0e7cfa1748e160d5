import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { isFault } from '../fault.js';
import { GrpcDescriptors } from './descriptors.js';

const bytes = readFileSync(new URL('../../fixtures/grpc/pets.binpb', import.meta.url));
const pets = GrpcDescriptors.ofSet(bytes);
const methodOf = (name: string, of = pets) => of.method(`pets.v1.PetService/${name}`)!;
const files = () => fromBinary(FileDescriptorSetSchema, bytes).file;

/** There and back, by the request's own type. */
function same(args: Record<string, unknown>, name = 'SellPet'): unknown {
  const method = methodOf(name);
  const echo = Object.assign(Object.create(Object.getPrototypeOf(method) as object), method, {
    desc: { ...method.desc, output: method.desc.input },
  }) as typeof method;
  return JSON.parse(echo.decode(method.encode(args)));
}

describe('descriptors', () => {
  it('know their methods, and which are streams', () => {
    assert.deepEqual(
      pets.methods.map(({ desc, isUnary }) => `${desc.name} ${isUnary}`),
      [
        'GetPet true',
        'ListPets true',
        'SellPet true',
        'DeletePet true',
        'MovePet true',
        'WatchPets false',
        'OldPet true',
      ],
    );
    assert.equal(pets.method('pets.v1.PetService/Nothing'), undefined);
  });

  it('take JSON as protobuf has it, and give it back', () => {
    const args = {
      ...{
        petId: '9007199254740993',
        customer: 'bob',
        warranty: '1.500s',
        mask: 'name,kind',
        coupon: 'x',
        gift: false,
      },
      ...{ notes: { a: [1, null, { b: true }] }, anything: [1], signature: 'AP8=', price: 1.5 },
      ...{ with: [{ petId: '1', name: 'Tom' }], extra: { 7: { petId: '2' } } },
    };
    const back = same(args) as Record<string, unknown>;
    for (const [name, value] of Object.entries(args)) {
      if (name === 'with' || name === 'extra') continue;
      assert.deepEqual(back[name], value, name);
    }
    assert.match(JSON.stringify(back['extra']), /^\{"7":\{"petId":"2"/);
    assert.deepEqual(same({ cageName: 'a' }, 'MovePet'), { petId: '0', cageName: 'a' });
    assert.deepEqual(same({ cage: 'a' }, 'MovePet'), { petId: '0', cageName: 'a' });
  });

  it('say zeros and empty lists of an answer', () => {
    const empty = methodOf('ListPets').decode(new Uint8Array());
    assert.equal(empty, '{"pets":[],"nextPageToken":""}');
  });

  it('refuse arguments that do not fit, and say why', () => {
    const wrong: Record<string, unknown>[] = [
      { petId: 'seven' },
      { petId: 1.5 },
      { petId: true },
      { unknown: 1 },
      { customer: 'a', shop: { name: 'b' } },
      { warranty: 'long' },
      { with: { petId: 1 } },
      { extra: { x: {} } },
    ];
    for (const args of wrong) {
      assert.throws(
        () => methodOf('SellPet').encode(args),
        (error) => isFault(error) && error.reason === 'GRPC_ARGUMENTS_INVALID' && error.details['sent'] === 'no',
        JSON.stringify(args),
      );
    }
    assert.throws(() => methodOf('ListPets').encode({ kind: 'KIND_HORSE' }), { reason: 'GRPC_ARGUMENTS_INVALID' });
  });

  it('do not take an answer that is none', () => {
    assert.throws(() => methodOf('GetPet').decode(Buffer.from([0xff, 0xff])), { reason: 'GRPC_ANSWER_UNREADABLE' });
  });

  it('come in any order, without well-known types, imports, roots of names or names in JSON', () => {
    const own = files().find(({ name }) => name === 'pets.proto')!;
    const names = pets.methods.map(({ name }) => name);
    const of = (...some: ReturnType<typeof files>) =>
      GrpcDescriptors.ofFiles(some.map((file) => toBinary(FileDescriptorProtoSchema, file)));
    assert.deepEqual(
      of(...files().toReversed()).methods.map(({ name }) => name),
      names,
    );
    own.dependency = [];
    for (const field of own.messageType.flatMap(({ field }) => field))
      field.typeName = field.typeName.replace('.pets.v1.', '');
    for (const field of own.messageType.flatMap(({ field }) => field)) {
      if (field.name !== 'cage') field.jsonName = '';
    }
    const relative = of(own);
    assert.deepEqual(
      relative.methods.map(({ name }) => name),
      names,
    );
    const args = { petId: '7', shop: { name: 'x' }, warranty: '2s', extra: { 1: { petId: '8' } } };
    const request = methodOf('SellPet', relative).encode(args);
    assert.deepEqual(request, methodOf('SellPet').encode(args));
    const pet = methodOf('GetPet').decode(new Uint8Array());
    assert.equal(methodOf('GetPet', relative).decode(new Uint8Array()), pet);
  });

  it('are slim for executors: what services need, without comments', () => {
    const lonely = create(FileDescriptorProtoSchema, { name: 'lonely.proto', package: 'lonely', syntax: 'proto3' });
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files(), lonely] }));
    const slim = GrpcDescriptors.ofSet(set).slimSet();
    assert.deepEqual(
      fromBinary(FileDescriptorSetSchema, slim).file.map(({ name }) => name),
      ['pets.proto'],
    );
    assert.ok(slim.byteLength < bytes.byteLength / 10);
    assert.equal(GrpcDescriptors.ofSet(slim).methods.length, pets.methods.length);
  });

  it('that cannot be used are refused, however they are broken', () => {
    const broken = [
      Buffer.from('no set'),
      toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [{ name: 'a', dependency: ['b'] }] })),
      toBinary(
        FileDescriptorSetSchema,
        create(FileDescriptorSetSchema, {
          file: [
            { name: 'a', dependency: ['b'] },
            { name: 'b', dependency: ['a'] },
          ],
        }),
      ),
      bytes.subarray(0, 20_000),
    ];
    for (const set of broken) assert.throws(() => GrpcDescriptors.ofSet(set), { reason: 'GRPC_DESCRIPTORS_INVALID' });
  });
});
