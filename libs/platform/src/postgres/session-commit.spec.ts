/** How a batch of commits is divided into statements. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commitOf, textOf } from './testing/index.js';
import { roundsOf } from './session-commit.js';
import { numberArray, textArray } from './stored-text.js';

const shapeOf = (rounds: ReturnType<typeof roundsOf>): unknown =>
  rounds.map((round) =>
    round.map(({ head, events, parts }) => [
      head.sessionId,
      events.map((e) => textOf(e.payload)).join(''),
      parts.length,
    ]),
  );

const commit = (sessionId: string, firstSeq: number, text: string, tenant = 't') =>
  commitOf({ tenant, sessionId, firstSeq, payloads: text.split('') });

describe('roundsOf', () => {
  test('commits that continue their session are joined to one write', () => {
    const rounds = roundsOf([commit('a', 1, 'xy'), commit('b', 1, 'q'), commit('a', 3, 'z')]);
    assert.deepEqual(shapeOf(rounds), [
      [
        ['a', 'xyz', 2],
        ['b', 'q', 1],
      ],
    ]);
    assert.deepEqual(
      rounds[0]?.[0]?.parts.map(({ at }) => at),
      [0, 2],
    );
    assert.deepEqual([rounds[0]?.[0]?.head.seq, rounds[0]?.[0]?.firstSeq], [3, 1]);
  });

  test('commits of one session that do not follow each other take a round each, in order', () => {
    const rounds = roundsOf([commit('a', 1, 'x'), commit('a', 1, 'y'), commit('a', 2, 'z'), commit('b', 1, 'q')]);
    assert.deepEqual(shapeOf(rounds), [
      [
        ['a', 'x', 1],
        ['b', 'q', 1],
      ],
      [['a', 'yz', 2]],
    ]);
  });

  test('equal session ids of two tenants are two sessions', () => {
    assert.equal(roundsOf([commit('a', 1, 'x', 't1'), commit('a', 1, 'x', 't2')])[0]?.length, 2);
  });
});

test('array literals keep every text and number apart', () => {
  assert.equal(textArray(['a"b', String.raw`c\d`, 'NULL', '', '{e,f}']), String.raw`{"a\"b","c\\d","NULL","","{e,f}"}`);
  assert.equal(numberArray([1, null, true, 2n ** 60n]), '{1,NULL,true,1152921504606846976}');
});
