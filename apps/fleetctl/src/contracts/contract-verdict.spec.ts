import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModelAnswer } from '@toolfleet/kernel';
import { ArgumentValidators, unreachable } from '@toolfleet/kernel';
import type { ModelClient, ModelRequest } from '@toolfleet/platform/model';
import type { Expectation } from './contract-file.js';
import { readContracts } from './contract-file.js';
import { problemsWith } from './contract-verdict.js';
import type { ContractResult } from './run-contracts.js';
import { runContracts } from './run-contracts.js';

const parameters = { type: 'object', properties: { id: { type: 'string', pattern: '^#W' } }, required: ['id'] };
const tools = ['look', 'cancel'].map((name) => ({ name, description: '', parameters }));
const validators = new ArgumentValidators();
const answerOf = (text: string, ...calls: readonly (readonly [string, string])[]): ModelAnswer => ({
  text,
  toolCalls: calls.map(([name, args], index) => ({ id: `c${index}`, name, arguments: args })),
  finishReason: calls.length > 0 ? 'tool_calls' : 'stop',
  usage: { inputTokens: 1, outputTokens: 1 },
});
const look = ['look', '{"id":"#W1"}'] as const;
const verdict = (answer: ModelAnswer, expect: Expectation) => problemsWith(answer, expect, { tools, validators });

describe('an answer breaks its contract', () => {
  const oneLook: Expectation = { call: { oneOf: ['look'] }, arguments: ['args.id == "#W1"'] };
  const broken: readonly [string, ModelAnswer, Expectation, RegExp][] = [
    ['without the call that is due', answerOf('Sure.'), oneLook, /^calls nothing, expected look$/],
    ['with another call', answerOf('', ['cancel', '{"id":"#W1"}']), oneLook, /^calls cancel, expected look$/],
    ['with a tool that it was not given', answerOf('', ['lok', '{}']), oneLook, /^calls lok, which it was not given$/],
    [
      'with arguments that are no JSON',
      answerOf('', ['look', '{"id":']),
      oneLook,
      /^arguments of look: .*not valid JSON/,
    ],
    ['with arguments beside the schema', answerOf('', ['look', '{"id":"1"}']), oneLook, /^arguments of look: .*id/],
    [
      'with arguments beside a condition',
      answerOf('', ['look', '{"id":"#W2"}']),
      oneLook,
      /do not satisfy args\.id == "#W1"$/,
    ],
    ['with a condition that cannot be asked', answerOf('', look), { arguments: ['args.none > 1'] }, /do not satisfy/],
    ['with a call where none is due', answerOf('', look), { noCall: true }, /^calls look where no call is due$/],
    [
      'with more calls than are due',
      answerOf('', look, look),
      { parallel: { min: 1, max: 1 } },
      /^makes 2 calls, at most 1/,
    ],
    ['with fewer calls than are due', answerOf('', look), { parallel: { min: 2 } }, /^makes 1 calls, at least 2/],
    ['with other words', answerOf('Done.'), { text: '(?i)cannot' }, /^its text does not match/],
  ];
  for (const [how, answer, expect, problem] of broken) {
    it(how, () => assert.match(verdict(answer, expect).join('\n'), problem));
  }

  it('in nothing when it is as due', () => {
    assert.deepEqual(verdict(answerOf('', look), { ...oneLook, parallel: { min: 1, max: 1 } }), []);
    assert.deepEqual(verdict(answerOf('I Cannot.'), { noCall: true, text: '(?i)cannot' }), []);
  });
});

describe('samples of a contract', () => {
  const text = `metadata: { name: c }
spec: { tools: [look], messages: [{ user: Hi. }], expect: { call: { oneOf: [look] } }, samples: 10, passRate: 0.8 }`;
  const { contracts } = readContracts([{ path: 'c.yaml', text }]);
  const question = {
    contract: contracts[0]!,
    messages: [{ role: 'user', text: 'Hi.' }],
    tools,
    route: undefined,
  } as const;
  const route = { name: 'r', provider: 'openai', baseUrl: 'http://m', model: 'm', stream: false } as const;

  async function run(answer: (sample: number) => ModelAnswer, samples?: number) {
    const requests: ModelRequest[] = [];
    let [open, mostOpen] = [0, 0];
    const client: ModelClient = {
      async answer(request) {
        const sample = requests.push(request) - 1;
        mostOpen = Math.max(mostOpen, (open += 1));
        await new Promise(setImmediate);
        open -= 1;
        return answer(sample);
      },
    };
    const told: ContractResult[] = [];
    const results = await runContracts([question], {
      ...{ client, concurrency: 3, deadlineMs: 1_000, samples, onResult: (result) => told.push(result) },
      routeOf: (_question, sample) => ({ ...route, timeoutMs: 1, concurrencyMax: 1, seed: 7 + sample }),
    });
    return { result: results[0]!, requests, mostOpen, told };
  }

  it('keep it when the share that is right reaches its rate', async () => {
    const { result, requests, mostOpen, told } = await run((sample) =>
      sample < 2 ? answerOf('No.') : answerOf('', look),
    );
    assert.deepEqual([result.passed, result.samples, result.ok], [8, 10, true]);
    assert.deepEqual(result.failures, [{ reason: 'calls nothing, expected look', count: 2 }]);
    assert.equal(mostOpen, 3, 'only so many questions at once');
    assert.deepEqual(
      requests.map(({ route: { seed } }) => seed),
      [7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    );
    const last = new Set(requests.map(({ messages }) => messages.at(-1)));
    assert.equal(last.size, 10, 'no two questions share what they are encoded to');
    assert.deepEqual(told, [result]);
  });

  it('break it below its rate, and count an answer that never came', async () => {
    const { result } = await run((sample) => {
      if (sample < 3) throw unreachable('MODEL_DOWN', 'The model is away.');
      return answerOf('', look);
    });
    assert.deepEqual([result.passed, result.ok], [7, false]);
    assert.deepEqual(result.failures, [{ reason: 'no answer: The model is away. (MODEL_DOWN)', count: 3 }]);
  });

  it('fail with the model when nothing was answered at all', async () => {
    const down = unreachable('MODEL_DOWN', 'The model is away.');
    const away = (): never => {
      throw down;
    };
    await assert.rejects(run(away, 2), down);
  });
});
