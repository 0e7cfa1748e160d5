import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputOf, orderIdOf, planNames, plans, type PlanName } from './plans.js';
import { replyTo } from './stub-model.js';

interface Call {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Messages as the fleet sends them: an assistant's calls, then one result for each, with quotes inside. */
function bodyOf(plan: PlanName, order: string, turns: readonly (readonly Call[])[], stream = false): Buffer {
  const history = turns.flatMap((calls) => [
    { role: 'assistant', content: null, tool_calls: calls },
    ...calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '{"role":"assistant","bench":"x"}' })),
  ]);
  const messages = [{ role: 'user', content: inputOf(plan, order) }, ...history];
  return Buffer.from(JSON.stringify({ model: 'bench', ...(stream ? { stream } : {}), messages, tools: [] }));
}

describe('the stub model', () => {
  for (const name of planNames) {
    it(`plays the plan ${name} to its end, each call on the session's own order`, () => {
      const order = orderIdOf(4_711);
      const played: Call[][] = [];
      for (;;) {
        const { status, bytes, text } = replyTo(bodyOf(name, order, played));
        assert.equal(status, 200);
        assert.equal(Buffer.byteLength(text), bytes);
        const { message, finish_reason } = JSON.parse(text).choices[0];
        if (finish_reason === 'stop') {
          assert.match(message.content, new RegExp(order));
          break;
        }
        for (const call of message.tool_calls as Call[]) {
          assert.equal(JSON.parse(call.function.arguments).order_id, order);
        }
        played.push(message.tool_calls);
      }
      const names = played.map((calls) => calls.map((call) => call.function.name));
      assert.deepEqual(names, plans[name].toolTurns);
    });
  }

  it('calls the tools of the shop that the message names', () => {
    const messages = [{ role: 'user', content: inputOf('short', orderIdOf(1), 'calm') }];
    const { text } = replyTo(Buffer.from(JSON.stringify({ model: 'bench', messages, tools: [] })));
    const calls = JSON.parse(text).choices[0].message.tool_calls as Call[];
    assert.deepEqual(
      calls.map((call) => call.function.name),
      ['get_customer_calm', 'get_order_calm'],
    );
  });

  it('streams the same answer when it is asked to', () => {
    const { contentType, bytes, text } = replyTo(bodyOf('short', orderIdOf(1), [], true));
    assert.equal(contentType, 'text/event-stream');
    assert.equal(Buffer.byteLength(text), bytes);
    const data = text.split('\n\n').filter((line) => line !== '');
    assert.equal(data.pop(), 'data: [DONE]');
    const chunks = data.map((line) => JSON.parse(line.slice('data: '.length)));
    const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    assert.deepEqual(
      calls.map((call) => call.function.name),
      ['get_customer', 'get_order'],
    );
    assert.equal(chunks.at(-1).usage.prompt_tokens > 0, true);
  });

  it('finds where streaming is asked for also after the conversation', () => {
    const body = Buffer.from(
      `{"messages":[{"role":"user","content":"${inputOf('short', orderIdOf(1))}"}],"stream": true}`,
    );
    assert.equal(replyTo(body).contentType, 'text/event-stream');
  });

  it('refuses what belongs to no plan, and a turn after the last', () => {
    assert.equal(replyTo(Buffer.from('{"messages":[]}')).status, 400);
    const call = { id: 'c', function: { name: 'get_order', arguments: '{}' } };
    assert.equal(replyTo(bodyOf('short', orderIdOf(1), [[call], [call], [call]])).status, 400);
  });
});
