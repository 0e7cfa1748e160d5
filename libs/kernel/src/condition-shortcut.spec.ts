import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from '@bufbuild/cel';
import { CompiledCondition, ConditionInput, type HistoryReader } from './condition.js';
import { shortcutOf } from './condition-shortcut.js';

const historyOf = (count: number, sinceMs?: number): HistoryReader => ({
  count: (tool, outcome) => (tool === 'refund_order' ? count + (outcome === 'ok' ? 1 : 0) : 0),
  countClass: () => count,
  countEffect: () => count + 2,
  msSinceOk: () => sinceMs,
  userSaid: () => false,
  userAsked: () => false,
});

const holds = (text: string, history?: HistoryReader) =>
  new CompiledCondition(text).holds(new ConditionInput({ args: {} }, history));
/** The same in a form that no shortcut knows. */
const byCel = (text: string, history?: HistoryReader) => holds(`(${text}) || args.size() > 100`, history);
const isShort = (text: string) => shortcutOf(parse(text).expr!, () => 60_000) !== undefined;

const questions = ["count('refund_order')", "count('refund_order', 'ok')", "count_class('x')", "count_effect('write')"];
const comparisons = ['>', '>=', '<', '<=', '==', '!='].flatMap((sign) =>
  questions.map((question) => `session.${question} ${sign} 3`),
);

describe('a question to the history that needs no CEL', () => {
  it('says what CEL says, for every comparison of every count', () => {
    for (const text of comparisons) {
      assert.ok(isShort(text) && !isShort(`(${text}) || false`), text);
      for (let count = 0; count <= 5; count += 1)
        assert.equal(holds(text, historyOf(count)), byCel(text, historyOf(count)), `${text} at ${count}`);
    }
  });

  it('says what CEL says about what succeeded within a time, to the millisecond', () => {
    const text = "session.within('refund_order', duration('1m0.5s'))";
    assert.ok(isShort(text));
    const held = [undefined, 0, 60_499, 60_500, 60_501].map((ms) => holds(text, historyOf(0, ms)));
    assert.deepEqual(held, [false, true, true, true, false]);
    assert.deepEqual(
      held,
      [undefined, 0, 60_499, 60_500, 60_501].map((ms) => byCel(text, historyOf(0, ms))),
    );
  });

  it('cannot be answered without a history, or by one that fails', () => {
    const failing = { ...historyOf(0), count: () => assert.fail('gone') };
    assert.equal(holds(comparisons[0]!), undefined);
    assert.equal(byCel(comparisons[0]!), undefined);
    assert.equal(holds(comparisons[0]!, failing), undefined);
    assert.equal(byCel(comparisons[0]!, failing), undefined);
  });

  it('is left to CEL in any other form', () => {
    const others = [
      'session.count(tool) > 3',
      "session.count('a') > session.count('b')",
      "3 < session.count('a')",
      "session.count('a') > 3.0",
      "session.count('a') + 1 > 3",
      "session.within('a', duration(args.time))",
      "session.ms_since_ok('a') > 3",
      "session.user_said('a')",
      "size('a') > 3",
      'args.count > 3',
    ];
    assert.deepEqual(others.filter(isShort), []);
  });

  it('is no duration where CEL finds none', () => {
    const text = "session.within('a', duration('soon'))";
    assert.equal(holds(text, historyOf(0, 0)), undefined);
    assert.equal(byCel(text, historyOf(0, 0)), undefined);
  });
});
