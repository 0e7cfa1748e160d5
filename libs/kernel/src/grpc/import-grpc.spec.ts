import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ArgumentValidators } from '../toolcall/schema.js';
import { GrpcDescriptors } from './descriptors.js';
import type { MethodTool } from './import-grpc.js';
import { importGrpc } from './import-grpc.js';

const descriptors = GrpcDescriptors.ofSet(readFileSync(new URL('../../fixtures/grpc/pets.binpb', import.meta.url)));
const imported = importGrpc(descriptors, { service: 'pets' });
const toolOf = (name: string): MethodTool => imported.tools.find((tool) => tool.name === name)!;
const schemaOf = (name: string) => toolOf(name).parameters as { properties: Record<string, object>; $defs?: object };

describe('an import of gRPC methods', () => {
  it('makes a tool of every method of one request and one answer, and reports the streams', () => {
    assert.deepEqual(
      imported.tools.map(({ name }) => name),
      ['GetPet', 'ListPets', 'SellPet', 'DeletePet', 'MovePet', 'OldPet'],
    );
    const reason = 'it is a stream (server streaming)';
    assert.deepEqual(imported.reported, [{ operation: 'pets.v1.PetService/WatchPets', reason }]);
    assert.deepEqual(toolOf('GetPet').grpc, { service: 'pets', method: 'pets.v1.PetService/GetPet' });
  });

  it('guesses effect and risk from what is declared, else from the name, and says so', () => {
    const guessed = imported.tools.map(({ effect, riskTier, guessedFrom }) =>
      [effect, riskTier, guessedFrom].join(', '),
    );
    assert.deepEqual(guessed, [
      'read, low, the name GetPet',
      'read, low, NO_SIDE_EFFECTS',
      'write, medium, the name SellPet',
      'write, high, the name DeletePet',
      'write, medium, the name MovePet',
      'write, medium, the name OldPet',
    ]);
    assert.match(toolOf('MovePet').notes[0]!, /^declared IDEMPOTENT/);
  });

  it('describes tools and arguments by the comments, marks what is deprecated', () => {
    assert.equal(toolOf('SellPet').description, 'Sells a pet.\nIt cannot be taken back.');
    assert.equal(toolOf('DeletePet').description, 'pets.v1.PetService/DeletePet');
    assert.deepEqual(
      [toolOf('OldPet').deprecated, toolOf('OldPet').description.startsWith('Deprecated.')],
      [true, true],
    );
    const { petId } = schemaOf('GetPet').properties;
    assert.deepEqual(petId, { description: 'Id of the pet.', type: ['string', 'integer'], pattern: '^-?[0-9]{1,19}$' });
    assert.deepEqual(schemaOf('MovePet').properties['cageName'], { type: 'string' });
    assert.match(JSON.stringify(schemaOf('SellPet').properties['shop']), /Only one of customer, shop\./);
  });

  it('writes every kind of field as ProtoJSON does', () => {
    const { kind, pageSize, since, minimums } = schemaOf('ListPets').properties;
    assert.deepEqual(kind, { type: 'string', enum: ['KIND_UNSPECIFIED', 'KIND_CAT', 'KIND_DOG'] });
    assert.deepEqual(pageSize, { type: 'integer', minimum: 0, maximum: 4_294_967_295 });
    assert.deepEqual(since, { type: 'string', format: 'date-time' });
    const int32 = { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 };
    assert.deepEqual(minimums, { type: 'object', additionalProperties: int32 });
    const { warranty, mask, notes, coupon, anything, signature, gift, extra } = schemaOf('SellPet').properties;
    assert.equal((warranty as { type: string }).type, 'string');
    assert.deepEqual([mask, notes, coupon, anything], [{ type: 'string' }, { type: 'object' }, { type: 'string' }, {}]);
    assert.deepEqual([signature, gift], [{ type: 'string', contentEncoding: 'base64' }, { type: 'boolean' }]);
    assert.deepEqual(extra, {
      type: 'object',
      propertyNames: { pattern: '^-?[0-9]{1,20}$' },
      additionalProperties: { $ref: '#/$defs/Pet' },
    });
  });

  it('keeps a message that holds itself as a definition, and notes it', () => {
    assert.deepEqual(Object.keys(schemaOf('SellPet').$defs!), ['Shop', 'Pet']);
    assert.ok(toolOf('SellPet').notes.includes('pets.v1.Pet may hold itself'));
  });

  it('gives schemas that take what the method takes', () => {
    const validators = new ArgumentValidators();
    const taken = (name: string, args: Record<string, unknown>) => {
      const method = descriptors.method(`pets.v1.PetService/${name}`)!;
      const valid = validators.compile(toolOf(name))(args);
      if (valid) method.encode(args);
      return valid;
    };
    const whole = {
      ...{
        petId: '9007199254740993',
        shop: { name: 'x' },
        warranty: '1.5s',
        mask: 'name',
        notes: { a: 1 },
        coupon: 'c',
      },
      ...{ anything: [1], signature: 'AP8=', price: 0.5, gift: true, extra: { 1: { petId: 2, mother: { petId: 3 } } } },
    };
    assert.equal(taken('SellPet', whole), true);
    assert.equal(taken('ListPets', { kind: 'KIND_CAT', since: '2026-11-27T00:00:00Z', minimums: { a: 1 } }), true);
    assert.equal(taken('GetPet', { petId: 7 }), true);
    for (const args of [{ petId: 'x' }, { pet_id: 1 }, { petId: 1.5 }]) assert.equal(taken('GetPet', args), false);
    assert.equal(taken('ListPets', { kind: 'KIND_HORSE' }), false);
    assert.equal(taken('ListPets', { pageSize: -1 }), false);
  });

  it('gives the same every time', () => {
    assert.deepEqual(importGrpc(descriptors, { service: 'pets' }), imported);
    assert.equal(importGrpc(descriptors, { service: 'pets', prefix: 'p_' }).tools[0]!.name, 'p_GetPet');
  });
});
