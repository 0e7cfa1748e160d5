/** Dates and versions of tools, from their manifests to the catalogue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolSpec } from '@toolfleet/kernel';
import type { LoadOptions } from './load-catalogue.js';
import { keyOf, loadCatalogue, textOfProblem } from './load-catalogue.js';

const options: LoadOptions = {
  toolClasses: ['read'],
  variable: () => undefined,
  variablesAllowed: [],
  ofOperators: () => true,
};

function problemsOf(text: string): string[] {
  const result = loadCatalogue([{ path: 'shop.yaml', text }], options);
  return result.ok ? [] : result.problems.map(textOfProblem);
}

const toolDocument = (fields: string, name = 'get_order') => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name}, owner: shop-team }
spec: { description: Get., class: read, effect: read, driver: builtin, builtin: echo, ${fields} }
`;

test('dates of a tool become times, and a sunset needs an earlier deprecation', () => {
  const result = loadCatalogue(
    [
      {
        path: 'tools.yaml',
        text: toolDocument('deprecatedAt: 2027-01-31, sunsetAt: "2027-03-01T12:00:00+02:00", onCall: "#orders"'),
      },
    ],
    options,
  );
  assert.ok(result.ok);
  const tool = result.catalogue.manifests.find(({ kind }) => kind === 'Tool')?.spec as ToolSpec;
  assert.deepEqual(
    [tool.deprecatedAtMs, tool.sunsetAtMs, tool.onCall],
    [Date.UTC(2027, 0, 31), Date.UTC(2027, 2, 1, 10), '#orders'],
  );
  for (const fields of [
    'sunsetAt: 2027-01-31',
    'deprecatedAt: 2027-01-31, sunsetAt: 2027-01-31',
    'deprecatedAt: soon',
  ]) {
    const [problem] = problemsOf(toolDocument(fields));
    assert.match(
      problem ?? '',
      /^shop\.yaml:\d+ Tool\/get_order spec\.(sunsetAt: needs a|deprecatedAt: is not a date)/,
    );
  }
});

test('what the fleet archived is archived, by version, unless its manifest says that it stays', () => {
  const documents = [
    toolDocument('version: 1'),
    toolDocument('version: 2'),
    toolDocument('archiveUnused: false', 'keep'),
  ];
  const archived = new Set(['get_order@2', 'keep@1', 'gone@1']);
  const load = (more: Partial<LoadOptions>) =>
    loadCatalogue([{ path: 'tools.yaml', text: documents.join('') }], { ...options, ...more });
  const [as, before] = [load({ archived }), load({})];
  assert.ok(as.ok && before.ok);
  const standing = as.catalogue.manifests.flatMap(({ kind, spec }) =>
    kind === 'Tool' ? [`${spec.name}@${spec.version} ${spec.visibility ?? 'offered'}`] : [],
  );
  assert.deepEqual(standing.toSorted(), ['get_order@1 offered', 'get_order@2 archived', 'keep@1 offered']);
  assert.notEqual(as.catalogue.revision, before.catalogue.revision);
});

test('versions of one tool stand side by side, the highest offered one under its name', () => {
  const load = (...documents: readonly string[]) => {
    const result = loadCatalogue([{ path: 'tools.yaml', text: documents.join('') }], options);
    return result.ok ? result.catalogue.manifests.map(keyOf).filter((key) => key.startsWith('Tool/')) : result.problems;
  };
  const [one, two] = [toolDocument('version: 1'), toolDocument('version: 2')];
  assert.deepEqual(load(two, one), ['Tool/get_order', 'Tool/get_order@1']);
  assert.deepEqual(load(one, toolDocument('version: 2, visibility: hidden')), ['Tool/get_order', 'Tool/get_order@2']);
  assert.deepEqual(load(one, two, two), [
    {
      file: 'tools.yaml',
      line: 14,
      reason: 'Tool/get_order metadata.name: is taken by an earlier manifest, tools.yaml:9',
    },
  ]);
});

test('a version of somebody else’s tool is refused, and more of them than a tool may have', () => {
  const [one, two] = [toolDocument('version: 1'), toolDocument('version: 2')];
  const files = [
    { path: 'a/tools.yaml', text: one },
    { path: 'b/tools.yaml', text: two },
  ];
  const of = (handOf?: LoadOptions['handOf']) => {
    const result = loadCatalogue(files, { ...options, handOf });
    return result.ok ? [] : result.problems.map(textOfProblem);
  };
  assert.deepEqual(of(), []);
  assert.deepEqual(
    of((file) => file.split('/')[0]!),
    ['b/tools.yaml:4 Tool/get_order metadata.name: is taken by an earlier manifest, a/tools.yaml:4'],
  );
  const many = Array.from({ length: 9 }, (_, at) => toolDocument(`version: ${at}`)).join('');
  assert.match(problemsOf(many)[0] ?? '', /spec\.version: a tool has at most 8 versions at once$/);
});

test('a rollout names a hidden version beside the current one, of its own hand, and is the only one of its tool', () => {
  const rollout = (name: string, fields = 'version: 2') => `---
apiVersion: toolfleet.dev/v1
kind: Rollout
metadata: { name: ${name} }
spec: { tool: get_order, startsAt: 2027-01-31, steps: [{ percent: 5, minutes: 10 }, { percent: 100 }], ${fields} }
`;
  const [one, two] = [toolDocument('version: 1'), toolDocument('version: 2, visibility: hidden')];
  assert.deepEqual(problemsOf(one + two + rollout('r')), []);
  const wrong: [string, RegExp][] = [
    [one + toolDocument('version: 2') + rollout('r'), /spec\.version: is given to all/],
    [one + two + rollout('r', 'version: 3'), /spec\.version: the tool has no such version/],
    [two + rollout('r'), /spec\.version: is the only one of its tool/],
    [one + two + rollout('r') + rollout('s'), /spec\.tool: has an earlier rollout/],
    [rollout('r'), /spec\.tool: there is no Tool "get_order"/],
  ];
  for (const [text, reason] of wrong) assert.match(problemsOf(text)[0] ?? '', reason);
  const files = [
    { path: 'a/tools.yaml', text: one + two },
    { path: 'b/rollout.yaml', text: rollout('r') },
  ];
  const result = loadCatalogue(files, { ...options, handOf: (file) => file.split('/')[0]! });
  assert.match(result.ok ? '' : textOfProblem(result.problems[0]!), /is another set’s to roll out/);
});
