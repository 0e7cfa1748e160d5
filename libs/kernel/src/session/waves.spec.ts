import assert from 'node:assert/strict';
import { it } from 'node:test';
import { limits } from '../limits.js';
import { answer, given, review, start, tick } from './given.fixture.js';

it('a call under review waits as long as its rule gives people, and is denied then', () => {
  const story = given(start(), answer(1, [review({ approvalMs: 2_000 })]));
  assert.deepEqual(story.then.effects, ['review 1:0 until 2000']);
  assert.deepEqual(story.at(2_000 + limits.observationGraceMs - 1).when(tick).then.events, []);
  assert.deepEqual(story.at(2_000 + limits.observationGraceMs).when(tick).then.events, ['settled 1:0 denied']);
});
