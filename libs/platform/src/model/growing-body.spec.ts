import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GrowingBody } from './growing-body.js';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('GrowingBody', () => {
  it('keeps what was added, and of a tail nothing', () => {
    const body = new GrowingBody();
    assert.equal(textOf(body.with(']}')), '{"messages":[]}');
    body.add('1');
    assert.equal(textOf(body.with('],"tools":["long"]}')), '{"messages":[1],"tools":["long"]}');
    body.add('2');
    assert.equal(textOf(body.with(']}')), '{"messages":[1,2]}');
  });

  it('counts bytes, not characters', () => {
    const body = new GrowingBody();
    for (const text of ['Ω漢🙂', 'é']) body.add(JSON.stringify(text));
    assert.equal(textOf(body.with('],"model":"ß"}')), '{"messages":["Ω漢🙂","é"],"model":"ß"}');
  });

  it('holds whatever comes, in small pieces or in one far larger than its room', () => {
    const body = new GrowingBody();
    const added: string[] = [];
    for (const text of ['x', 'é'.repeat(5_000), 'y'.repeat(100_000), 'z']) {
      body.add(JSON.stringify(text));
      added.push(text);
      const tail = 't'.repeat(9_000);
      assert.deepEqual(JSON.parse(textOf(body.with(`],"tail":"${tail}"}`))), { messages: added, tail });
    }
  });

  it('copies what is there only when the room doubles', () => {
    const body = new GrowingBody();
    const memories = new Set<ArrayBufferLike>();
    for (let turn = 0; turn < 1_000; turn += 1) {
      body.add('"a message of some forty bytes, as it is"');
      memories.add(body.with(']}').buffer);
    }
    assert.ok(memories.size <= 4, `${memories.size} pieces of memory for 41 KB`);
  });
});
