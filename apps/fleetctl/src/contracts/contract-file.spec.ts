import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfProblem } from '@toolfleet/platform/catalog';
import { readContracts } from './contract-file.js';

const contract = (spec: string, name = 'c') =>
  `kind: Contract\nmetadata: { name: ${name} }\nspec:\n${spec
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
const asks = 'tools: [look]\nmessages: [{ user: Hi. }]';
const problemsIn = (text: string): string[] => readContracts([{ path: 'c.yaml', text }]).problems.map(textOfProblem);

const wrong: readonly [string, string, RegExp][] = [
  ['text that is no YAML', 'kind: [', /^c\.yaml:1 /],
  [
    'a field that no contract has',
    contract(`${asks}\nexpect: { noCall: true }\nsample: 3`),
    /^c\.yaml:7 .*not a field/,
  ],
  ['a kind that is none', `kind: Agent\n${contract(`${asks}\nexpect: { noCall: true }`).slice(15)}`, /^c\.yaml:1 kind/],
  [
    'a contract without agent and tools',
    contract('messages: [{ user: Hi. }]\nexpect: { noCall: true }'),
    /neither an agent/,
  ],
  ['an expectation of nothing', contract(`${asks}\nexpect: {}`), /^c\.yaml:6 .*expects nothing/],
  ['a condition that is no CEL', contract(`${asks}\nexpect: { arguments: ["args.id ==="] }`), /^c\.yaml:6 .*no CEL/],
  [
    'a pattern that needs backtracking',
    contract(`${asks}\nexpect: { text: "(a)\\\\1" }`),
    /^c\.yaml:6 .*no RE2 pattern/,
  ],
  ['arguments of no call', contract(`${asks}\nexpect: { noCall: true, arguments: ["true"] }`), /leaves no call/],
  ['a pass rate above all', contract(`${asks}\nexpect: { noCall: true }\npassRate: 1.5`), /^c\.yaml:7 .*passRate/],
  ['more calls at least than at most', contract(`${asks}\nexpect: { parallel: { min: 3, max: 2 } }`), /min above/],
  [
    'a message of two kinds',
    contract('tools: [look]\nmessages: [{ user: Hi., result: x }]\nexpect: { noCall: true }'),
    /one of user, assistant/,
  ],
  [
    'a result without a call',
    contract('tools: [look]\nmessages:\n  - user: Hi.\n  - result: x\nexpect: { noCall: true }'),
    /^c\.yaml:7 .*answers no call/,
  ],
  [
    'a call without a result',
    contract(
      'tools: [look]\nmessages:\n  - user: Hi.\n  - assistant: { calls: [{ tool: look }] }\nexpect: { noCall: true }',
    ),
    /^c\.yaml:7 .*without a result/,
  ],
  [
    'a conversation that the model has ended',
    contract('tools: [look]\nmessages:\n  - user: Hi.\n  - assistant: { text: Bye. }\nexpect: { noCall: true }'),
    /nothing to answer/,
  ],
  [
    'two contracts of one name',
    [1, 2].map(() => contract(`${asks}\nexpect: { noCall: true }`)).join('---\n'),
    /^c\.yaml:9 .*second contract c/,
  ],
];
for (const [what, text, problem] of wrong) {
  test(`${what} is refused with its file and line`, () => {
    const problems = problemsIn(text);
    assert.ok(
      problems.some((line) => problem.test(line)),
      JSON.stringify(problems),
    );
    assert.ok(problems.every((line) => /^c\.yaml:\d+ /.test(line)));
  });
}

test('a contract needs no more than a name, tools, a question and an expectation', () => {
  const text = `metadata: { name: short }\nspec: { tools: [look], messages: [{ user: Hi. }], expect: { noCall: true } }`;
  const { contracts, problems } = readContracts([{ path: 'c.yaml', text }]);
  assert.deepEqual(problems, []);
  assert.deepEqual([contracts[0]?.name, contracts[0]?.spec.samples, contracts[0]?.spec.passRate], ['short', 1, 1]);
});
