import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as holds, constantFrom, integer, json as jsonTexts, oneof, property, string } from 'fast-check';
import { isFault } from '../fault.js';
import type { Budget } from './budget.js';
import { checkSelect, selected, shaped, type ShapingPolicy } from './shape.js';

/** Four characters a token, as in English. */
const tokensOf = (text: string): number => Math.ceil(text.length / 4);
const budgetOf = (bytesMax: number, tokensMax = bytesMax): Budget => ({ bytesMax, tokensMax, tokensOf });
const json = (value: unknown) => ({ body: Buffer.from(JSON.stringify(value)), contentType: 'application/json' });
const text = (body: string) => ({ body: Buffer.from(body), contentType: 'text/plain' });

const orders = Array.from({ length: 400 }, (_, index) => ({
  order_id: `#W${1_000_000 + index}`,
  status: index % 4 === 0 ? 'pending' : 'delivered',
  price: index + 0.1,
  note: `A remark about order ${index}. `.repeat(10),
}));

function shapedJson(value: unknown, budget: Budget, policy: ShapingPolicy = {}): Record<string, unknown> {
  const made = shaped(json(value), policy, budget);
  assert.ok(made !== undefined && Buffer.byteLength(made) <= budget.bytesMax && tokensOf(made) <= budget.tokensMax);
  return JSON.parse(made) as Record<string, unknown>;
}

describe('the shape of an answer', () => {
  it('is the answer itself when it fits', () => {
    assert.equal(shaped(json({ a: 1 }), {}, budgetOf(100)), undefined);
    assert.equal(shaped(text('x'.repeat(400)), {}, budgetOf(400, 100)), undefined);
  });

  it('is cut for its tokens as well as for its bytes', () => {
    assert.notEqual(shaped(text('x'.repeat(404)), {}, budgetOf(1_000, 100)), undefined);
    assert.notEqual(shaped(text('x'.repeat(404)), {}, budgetOf(400)), undefined);
  });

  it('keeps of a text the beginning and the end, and says how much is missing between them', () => {
    const made = shaped(text(`first ${'.'.repeat(10_000)} last`), {}, budgetOf(1_000)) ?? '';
    assert.match(made, /^first \.+\n\[\.\.\. \d+ characters left out \.\.\.\]\n\.+ last$/);
    const left = Number(/\d+/.exec(made)?.[0]);
    assert.equal(made.replaceAll(/\n.*\n/g, '').length + left, 10_011);
  });

  it('keeps of a log the newest lines, whole, and says how many are missing', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `12:00:00 line ${index}`);
    const made = (shaped(text(`${lines.join('\n')}\n`), { shape: 'log' }, budgetOf(500)) ?? '').split('\n');
    const kept = made.slice(1);
    assert.equal(made[0], `[${1_000 - kept.length} earlier lines left out]`);
    assert.ok(kept.length > 10);
    assert.deepEqual(kept, lines.slice(-kept.length));
  });

  it('tells of a table how many rows there are, what its columns hold, and the ids of its records', () => {
    const made = shapedJson(orders, budgetOf(4_000));
    assert.equal(made['rows'], 400);
    const columns = made['columns'] as Record<string, Record<string, unknown>>;
    assert.deepEqual(columns['price'], { min: 0.1, max: 399.1, sum: 79_840, mean: 199.6 });
    assert.deepEqual(columns['status'], { distinct: 2, most: { delivered: 300, pending: 100 } });
    const ids = Object.entries(made).find(([key]) => key.startsWith('order_id of'))?.[1] as string[];
    assert.ok(ids.length > 20);
    const known = orders.map(({ order_id: id }) => id);
    assert.deepEqual(ids, known.slice(0, ids.length));
  });

  it('finds the rows in a property, and keeps what stands beside them', () => {
    const made = shapedJson({ total: 9_000, next: 'cursor-7', data: orders }, budgetOf(4_000));
    assert.deepEqual([made['total'], made['next'], made['rowsOf'], made['rows']], [9_000, 'cursor-7', 'data', 400]);
  });

  it('names gaps in a column, and does not add up what is no number', () => {
    const rows = Array.from({ length: 200 }, (_, index) => ({ id: index, size: index < 50 ? null : 'large' }));
    const columns = shapedJson(rows, budgetOf(1_500))['columns'] as Record<string, unknown>;
    assert.deepEqual(columns['size'], { missing: 50, distinct: 1, most: { large: 150 } });
  });

  it('keeps the form of other JSON: long texts and lists are shortened, ids are not', () => {
    const id = 'r'.repeat(100);
    const made = shapedJson(
      { record_id: id, text: 'long '.repeat(5_000), list: [...Array(500).keys()] },
      budgetOf(900),
    );
    assert.equal(made['record_id'], id);
    assert.match(String(made['text']), /^(?:long )+.*\[\+\d+ characters\]$/);
    assert.match(String((made['list'] as unknown[]).at(-1)), /^\[\+\d+ items\]$/);
  });

  it('keeps the field whole that the manifest calls the id of a record', () => {
    const sku = 's'.repeat(90);
    const made = shapedJson({ sku, other_id: 'o'.repeat(90), text: 'x'.repeat(9_000) }, budgetOf(400), {
      recordId: 'sku',
    });
    assert.equal(made['sku'], sku);
    assert.notEqual(made['other_id'], 'o'.repeat(90));
  });

  it('treats as a text what calls itself JSON and is none', () => {
    const made = shaped({ ...text(`{"a": ${'x'.repeat(5_000)}`), contentType: 'application/json' }, {}, budgetOf(600));
    assert.match(made ?? '', /^\{"a": x+\n\[\.\.\. /);
  });

  it('always fits its budget, whatever the answer', () => {
    const bodies = oneof(
      jsonTexts().map((one) => one.repeat(3)),
      jsonTexts({ maxDepth: 6 }),
      string({ unit: 'binary', maxLength: 3_000 }),
    );
    holds(
      property(bodies, integer({ min: 0, max: 2_000 }), constantFrom('auto', 'log'), (body, max, shape) => {
        const made = shaped(text(body), { shape }, budgetOf(max, Math.ceil(max / 2))) ?? '';
        assert.ok(Buffer.byteLength(made) <= max);
        assert.ok(made.isWellFormed());
      }),
    );
  });
});

describe('what a manifest selects', () => {
  it('is all that anybody sees of an answer', () => {
    const answer = json({ id: 'u1', email: 'a@b.test', orders: [{ id: 1, card: '4111' }] });
    const { body } = selected(answer, { select: '{id: id, orders: orders[].{id: id}}' });
    assert.deepEqual(JSON.parse(Buffer.from(body).toString()), { id: 'u1', orders: [{ id: 1 }] });
  });

  it('is nothing of an answer that it cannot be applied to', () => {
    const secret = 'the card is 4111';
    for (const answer of [text(secret), json({ list: secret }), { ...text(`"${'4111'.repeat(1_000_000)}"`) }]) {
      const { body } = selected(answer, { select: 'sum(list)' });
      const told = Buffer.from(body).toString();
      assert.doesNotMatch(told, /4111/);
      assert.match(told, /withheld/);
    }
  });

  it('is refused when it is no JMESPath', () => {
    checkSelect('items[?price > `10`].{id: id}');
    assert.throws(
      () => checkSelect('items[?'),
      (error) => isFault(error) && error.reason === 'SELECT_INVALID',
    );
  });
});
