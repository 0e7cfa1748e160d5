import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '@toolfleet/kernel';
import { Grown, joined } from './provider.js';

const said = (text: string): Message => ({ role: 'user', text });
const textOf = (message: Message): string => ('text' in message ? message.text : '');

function counted(): { grown: Grown<string>; added: string[] } {
  const added: string[] = [];
  const grown = new Grown('', (made: string, message) => {
    added.push(textOf(message));
    return joined(made, textOf(message));
  });
  return { grown, added };
}

describe('what grows with a conversation', () => {
  it('takes up only the messages that are new since the turn before', () => {
    const { grown, added } = counted();
    const first = [said('a'), said('b')];
    assert.equal(grown.of(first), 'a,b');
    assert.equal(grown.of([...first, said('c'), said('d')]), 'a,b,c,d');
    assert.deepEqual(added, ['a', 'b', 'c', 'd']);
  });

  it('is the same for a turn that is asked again, and for an earlier one', () => {
    const { grown, added } = counted();
    const first = [said('a')];
    const second = [...first, said('b')];
    assert.deepEqual([grown.of(second), grown.of([...second])], ['a,b', 'a,b']);
    assert.deepEqual(added, ['a', 'b']);
    assert.deepEqual([grown.of(first), grown.of(second), grown.of([])], ['a', 'a,b', '']);
  });

  it('never lends one conversation what another one said before the same message', () => {
    const { grown } = counted();
    const shared = said('shared');
    assert.equal(grown.of([said('mine'), shared]), 'mine,shared');
    assert.equal(grown.of([said('yours'), shared]), 'yours,shared');
    assert.equal(grown.of([shared, said('more')]), 'shared,more');
    assert.equal(grown.of([said('one'), said('two'), shared]), 'one,two,shared');
  });
});
