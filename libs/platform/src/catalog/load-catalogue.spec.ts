import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from '@toolfleet/kernel';
import type { LoadOptions, LoadResult } from './load-catalogue.js';
import { ManifestReader } from './read-manifests.js';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const good = `
apiVersion: toolfleet.dev/v1
kind: Tenant
metadata: { name: acme }
spec: { agents: [shop] }
---
apiVersion: toolfleet.dev/v1
kind: Agent
metadata: { name: shop }
spec: { model: main, tools: ['get_*'], instructions: Help. }
---
apiVersion: toolfleet.dev/v1
kind: ModelRoute
metadata: { name: main }
spec: { provider: openai, model: m1, baseUrl: '\${TOOLFLEET_MODEL_BASE_URL}/v1' }
---
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: shop-api }
spec: { baseUrl: '\${SHOP_URL}', credential: { headers: { X-Copy: '{session}' } } }
---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: get_order, owner: shop-team, labels: { domain: shop } }
spec:
  description: Get an order.
  class: read
  effect: read
  parameters:
    type: object
    required: [order_id]
    properties: { order_id: { type: string } }
  http: { upstream: shop-api, method: GET, path: '/orders/{order_id}' }
---
apiVersion: toolfleet.dev/v1
kind: Policy
metadata: { name: rules }
spec:
  rules:
    - { name: reads, effect: allow, tools: ['get_*'], when: "effect == 'read'" }
`;

const variables: Record<string, string> = {
  TOOLFLEET_MODEL_BASE_URL: 'http://127.0.0.1:9000',
  SHOP_URL: 'http://127.0.0.1:9001',
  TOOLFLEET_RECEIPT_KEY: 'http://secret',
};
const options: LoadOptions = {
  toolClasses: ['read', 'write', 'export'],
  variable: (name) => variables[name],
  variablesAllowed: ['SHOP_URL', 'NOT_SET_URL'],
  ofOperators: (file) => file.startsWith('operators/'),
};

const load = (text: string) => loadCatalogue([{ path: 'shop.yaml', text }], options);

function manifestsOf(text: string): readonly Manifest[] {
  const result = load(text);
  assert.ok(result.ok, result.ok ? '' : result.problems.map(textOfProblem).join('\n'));
  return result.catalogue.manifests;
}

function problemsOf(text: string): string[] {
  const result = load(text);
  assert.ok(!result.ok, 'the catalogue is accepted');
  return result.problems.map(textOfProblem);
}

test('a good catalogue comes out in the order of its keys, with defaults filled in and variables replaced', () => {
  const manifests = manifestsOf(good);
  assert.deepEqual(
    manifests.map(({ kind, spec }) => `${kind}/${spec.name}`),
    [
      'Agent/shop',
      'ModelRoute/main',
      'Policy/rules',
      'Tenant/acme',
      'Tool/get_order',
      'ToolClass/export',
      'ToolClass/read',
      'ToolClass/write',
      'Upstream/shop-api',
    ],
  );
  const spec = (key: string) => manifests.find(({ kind, spec }) => `${kind}/${spec.name}` === key)?.spec as never;
  assert.deepEqual(spec('Tenant/acme'), {
    name: 'acme',
    displayName: '',
    concurrentSessionsMax: 64,
    waitingSessionsMax: 1000,
    agents: ['shop'],
    quotas: [],
  });
  assert.equal((spec('ModelRoute/main') as { baseUrl: string }).baseUrl, 'http://127.0.0.1:9000/v1');
  assert.equal((spec('ToolClass/write') as { timeoutMs: number }).timeoutMs, 20_000);
  assert.deepEqual(spec('Tool/get_order'), {
    name: 'get_order',
    owner: 'shop-team',
    description: 'Get an order.',
    parameters: { type: 'object', required: ['order_id'], properties: { order_id: { type: 'string' } } },
    effect: 'read',
    riskTier: 'low',
    idempotent: false,
    driver: 'http',
    http: { upstream: 'shop-api', method: 'GET', path: '/orders/{order_id}', query: [], body: 'none' },
    version: '1',
    observation: { bytesMax: 65536 },
    toolClass: 'read',
  });
});

test('a binding may rename arguments, style lists, use headers and send one argument as the body', () => {
  const http = `{ upstream: shop-api, method: POST, path: '/o', query: [a], headers: [b], body: arguments, bodyArgument: c,
    names: { a: 'a[]', b: X-B }, styles: { a: comma } }`;
  const tool = (binding: string) => `${good}---
{ apiVersion: toolfleet.dev/v1, kind: Tool, metadata: { name: more }, spec: { description: M., class: write, effect: write,
  parameters: { type: object, properties: { a: {}, b: {}, c: {} } }, http: ${binding} } }`;
  assert.equal(manifestsOf(tool(http)).length, 10);
  const said = (from: string, to: string) => problemsOf(tool(http.replace(from, to))).join('\n');
  assert.match(said('X-B', 'authorization'), /spec\.http\.headers\.0: authorization is not an argument's to set/);
  assert.match(said('X-B', "'x b'"), /spec\.http\.headers\.0: x b is not a header name/);
  assert.match(said('styles: { a:', 'styles: { d:'), /spec\.http\.styles\.d: there is no parameter d/);
  assert.match(said("names: { a: 'a[]',", "names: { d: 'a[]',"), /spec\.http\.names\.d: there is no parameter d/);
  assert.match(said('bodyArgument: c', 'bodyArgument: d'), /spec\.http\.bodyArgument: there is no parameter d/);
  assert.match(said('body: arguments', 'body: none'), /spec\.http\.bodyArgument: goes with body: arguments/);
});

test('a credential may name a variable that is meant for tools, and no other', () => {
  const templated = (template: string) => good.replace("'{session}'", `'${template}'`);
  assert.equal(manifestsOf(templated('Bearer {env:TOOLFLEET_CREDENTIAL_SHOP}')).length, 9);
  assert.match(problemsOf(templated('{env:TOOLFLEET_RECEIPT_KEY}'))[0]!, /there is no \{env:TOOLFLEET_RECEIPT_KEY\}/);
});

test('equal catalogues have an equal revision, whatever the order and number of their files', () => {
  const [first, ...rest] = good.split('---');
  const split = loadCatalogue(
    [
      { path: 'b.yaml', text: rest.toReversed().join('---') },
      { path: 'a.yaml', text: first! },
    ],
    options,
  );
  const whole = load(good);
  assert.ok(split.ok && whole.ok);
  assert.equal(split.catalogue.revision, whole.catalogue.revision);
});

test('a file that has not changed is not read again, and is still judged by what others hold', () => {
  const reader = new ManifestReader();
  const tool = (name: string, toolClass = 'read') =>
    `apiVersion: toolfleet.dev/v1\nkind: Tool\nmetadata: { name: ${name} }\nspec: { description: A tool., class: ${toolClass}, effect: read, http: { upstream: shop-api, method: GET, path: /a } }\n`;
  const loadAgain = (shop: string, more: string) =>
    loadCatalogue(
      [
        { path: 'shop.yaml', text: shop },
        { path: 'more.yaml', text: more },
      ],
      { ...options, reader },
    );
  const spec = (result: LoadResult, name: string) =>
    result.ok && result.catalogue.manifests.find((manifest) => manifest.spec.name === name)?.spec;
  const first = loadAgain(good, tool('extra'));
  const second = loadAgain(good, `${tool('extra')}---\n${tool('other')}`);
  assert.ok(spec(second, 'other'));
  assert.equal(spec(second, 'get_order'), spec(first, 'get_order'));
  assert.notEqual(spec(second, 'extra'), spec(first, 'extra'));
  const third = loadAgain(good.replaceAll('shop-api', 'store-api'), `${tool('extra')}---\n${tool('other')}`);
  const said = third.ok ? [] : third.problems.map(textOfProblem).filter((line) => line.startsWith('more.yaml'));
  assert.deepEqual(said, [
    'more.yaml:4 Tool/extra spec.http.upstream: there is no Upstream "shop-api"',
    'more.yaml:9 Tool/other spec.http.upstream: there is no Upstream "shop-api"',
  ]);
});

test('a manifest of a default class replaces it', () => {
  const own = `${good}---\n{ apiVersion: toolfleet.dev/v1, kind: ToolClass, metadata: { name: read }, spec: { timeoutMs: 7 } }`;
  const read = manifestsOf(own).find(({ kind, spec }) => kind === 'ToolClass' && spec.name === 'read');
  assert.equal((read!.spec as { timeoutMs: number }).timeoutMs, 7);
});

/** What is changed in the good catalogue, and what is said of it. */
const bad: readonly (readonly [title: string, from: string, to: string, said: RegExp])[] = [
  ['an unknown field', 'agents: [shop]', 'agentz: [shop]', /^shop\.yaml:5 Tenant\/acme spec\.agentz: is not a field/],
  ['a wrong type', 'class: read', 'class: 7', /^shop\.yaml:27 Tool\/get_order spec\.class: /],
  ['a missing field', '  effect: read\n', '', /^shop\.yaml:25 Tool\/get_order spec\.effect: /],
  ['an unknown kind', 'kind: Upstream', 'kind: Upstraem', /^shop\.yaml:18 kind: /],
  [
    'another apiVersion',
    'toolfleet.dev/v1\nkind: Agent',
    'toolfleet.dev/v2\nkind: Agent',
    /^shop\.yaml:7 apiVersion: /,
  ],
  ['broken YAML', 'metadata: { name: shop }', 'metadata: { name: shop', /^shop\.yaml:\d+ /],
  ['a doubled key', 'class: read', 'class: read\n  class: write', /^shop\.yaml:28 .*unique/],
  ['an agent that is not there', 'agents: [shop]', 'agents: [shap]', /spec\.agents\.0: there is no "shap"/],
  [
    'a model route that is not there',
    'model: main',
    'model: mian',
    /^shop\.yaml:10 Agent\/shop spec\.model: there is no/,
  ],
  [
    'a second attempt at a write',
    'effect: read\n',
    'effect: write\n  hedgeAfterMs: 50\n',
    /hedgeAfterMs: is for reads/,
  ],
  ['a tool class that is not there', 'class: read', 'class: slow', /spec\.class: there is no ToolClass "slow"/],
  [
    'an upstream that is not there',
    'upstream: shop-api',
    'upstream: shop',
    /spec\.http\.upstream: there is no Upstream/,
  ],
  [
    'a tool that a rule names and nobody has',
    "tools: ['get_*'], when",
    'tools: [get_ordr], when',
    /tools\.0: there is no Tool/,
  ],
  [
    'a path parameter that is not there',
    '/orders/{order_id}',
    '/orders/{id}',
    /spec\.http\.path: there is no parameter \{id\}/,
  ],
  ['a path parameter that may be left out', 'required: [order_id]', 'required: []', /\{order_id\} must be required/],
  [
    'a query parameter that is not there',
    'method: GET,',
    'method: GET, query: [page],',
    /query\.0: there is no parameter page/,
  ],
  [
    'a conflict key without its parameter',
    'effect: read\n',
    "effect: read\n  conflictKey: 'o:{id}'\n",
    /no parameter \{id\}/,
  ],
  [
    'a schema that could only be got wrong',
    'type: string',
    'unevaluatedItems: false',
    /spec\.parameters: .*unevaluatedItems: write prefixItems/,
  ],
  [
    'a check that is no CEL',
    'effect: read\n',
    "effect: read\n  checks: [{ condition: 'args.a >', message: m }]\n",
    /spec\.checks\.0\.condition: is not valid CEL/,
  ],
  [
    'a selection that is no JMESPath',
    'effect: read\n',
    "effect: read\n  observation: { select: 'a[' }\n",
    /spec\.observation\.select: The expression is not JMESPath/,
  ],
  [
    'a name that the fleet has itself',
    'metadata: { name: get_order,',
    'metadata: { name: read_artifact,',
    /metadata\.name: is reserved for the fleet/,
  ],
  [
    'a schema that does not compile',
    'type: string',
    'type: strnig',
    /spec\.parameters: The parameters of tool get_order/,
  ],
  ['a pattern outside of RE2', 'type: string', "type: string, pattern: '(a)\\1'", /spec\.parameters: /],
  [
    'a condition that is not CEL',
    "effect == 'read'",
    'effect ==',
    /rules\.0\.when: The condition of rule reads is not valid/,
  ],
  ['a reserved tool name', 'name: get_order,', 'name: find_tools,', /metadata\.name: is reserved/],
  ['a name that providers refuse', 'name: get_order,', 'name: get.order,', /metadata\.name: does not match/],
  ['a variable that is not set', '${SHOP_URL}', '${NOT_SET_URL}', /spec\.baseUrl: the variable NOT_SET_URL is not set/],
  ['a variable that is not allowed', '${SHOP_URL}', '${HOME}', /the variable HOME may not be named/],
  ['a variable that holds a secret', '${SHOP_URL}', '${TOOLFLEET_RECEIPT_KEY}', /may not be named/],
  ['an address that is no URL', "'${SHOP_URL}'", "'ftp://shop'", /is not an http or https URL/],
  ['a credential of an unknown field', "'{session}'", "'{secret}'", /there is no \{secret\}/],
  ['a credential over a header of the fleet', 'X-Copy:', 'Idempotency-Key:', /is set by the fleet itself/],
  [
    'a name that is taken',
    'kind: Upstream\nmetadata: { name: shop-api }',
    'kind: Agent\nmetadata: { name: shop }',
    /./,
  ],
];

for (const [title, from, to, said] of bad) {
  test(`${title} refuses the catalogue, with file, line and reason`, () => {
    assert.ok(good.includes(from), 'the good catalogue has what is replaced');
    const problems = problemsOf(good.replace(from, () => to));
    assert.ok(
      problems.some((problem) => said.test(problem)),
      problems.join('\n'),
    );
    assert.ok(
      problems.every((problem) => /^shop\.yaml:\d+ /.test(problem)),
      problems.join('\n'),
    );
  });
}

test('all problems are reported at once', () => {
  const problems = problemsOf(good.replace('model: main', 'model: mian').replace('agents: [shop]', 'agents: [shap]'));
  assert.equal(problems.length, 2);
});

test('a tool class without a topic is refused', () => {
  const result = loadCatalogue([{ path: 'a.yaml', text: good }], { ...options, toolClasses: ['write'] });
  assert.ok(!result.ok);
});

test('directories without a manifest are refused: an empty mount must not empty the catalogue', () => {
  assert.deepEqual(problemsOf('# nothing\n'), ['the catalogue directories hold no manifest']);
});

test('aliases that multiply are refused and cost no memory', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [at, name] of [...'bcdefgh'].entries()) {
    bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[at]}`).join(', ')}]`);
  }
  assert.ok(problemsOf(bomb.join('\n')).length > 0);
});

const quotas = `
---
apiVersion: toolfleet.dev/v1
kind: QuotaCeiling
metadata: { name: small }
spec: { tenants: ['ac*'], modelTokensPerMinute: 1000, quotas: [{ toolClass: '*', callsPerMinute: 60 }] }
`;
const asking = (own: string) => good.replace('agents: [shop]', `agents: [shop], ${own}`);

test('a quota above the ceiling of its tenant is refused where it stands, and one below or of another tenant is not', () => {
  const of = (own: string, ceiling = quotas) => {
    const files = [
      { path: 'shop.yaml', text: asking(own) },
      { path: 'operators/ceilings.yaml', text: ceiling },
    ];
    const result = loadCatalogue(files, options);
    return result.ok ? [] : result.problems.map(textOfProblem);
  };
  const own = 'quotas: [{ toolClass: read, callsPerMinute: 61 }], modelTokensPerMinute: 1001';
  assert.deepEqual(of(own).toSorted(), [
    'shop.yaml:5 Tenant/acme spec.modelTokensPerMinute: is above the 1000 that QuotaCeiling/small allows',
    'shop.yaml:5 Tenant/acme spec.quotas.0.callsPerMinute: is above the 60 that QuotaCeiling/small allows',
  ]);
  assert.deepEqual(of(own, quotas.replace('ac*', 'other')), []);
  assert.deepEqual(of('quotas: [{ toolClass: read, callsPerMinute: 60 }], modelTokensPerMinute: 1000'), []);
});

test('a tenant’s time limit is refused above the ceiling of its class, and that ceiling is the operators’', () => {
  const toolClass = (spec: string) =>
    `{ apiVersion: toolfleet.dev/v1, kind: ToolClass, metadata: { name: read }, spec: ${spec} }`;
  const of = (own: string, spec: string, path = 'operators/classes.yaml') => {
    const files = [
      { path: 'shop.yaml', text: asking(`timeouts: [${own}]`) },
      { path, text: toolClass(spec) },
    ];
    const result = loadCatalogue(files, options);
    return result.ok ? [] : result.problems.map(textOfProblem);
  };
  const ceiling = '{ timeoutMs: 10, timeoutMsMax: 50 }';
  assert.deepEqual(of('{ toolClass: read, timeoutMs: 50 }', ceiling), []);
  assert.deepEqual(of('{ toolClass: read, timeoutMs: 51 }', ceiling), [
    'shop.yaml:5 Tenant/acme spec.timeouts.0.timeoutMs: is above the 50 of ToolClass/read',
  ]);
  assert.deepEqual(of('{ toolClass: read, timeoutMs: 11 }', '{ timeoutMs: 10 }'), [
    'shop.yaml:5 Tenant/acme spec.timeouts.0.timeoutMs: is above the 10 of ToolClass/read',
  ]);
  assert.deepEqual(of('{ toolClass: slow, timeoutMs: 1 }', ceiling), [
    'shop.yaml:5 Tenant/acme spec.timeouts.0.toolClass: there is no ToolClass "slow"',
  ]);
  assert.deepEqual(of('{ toolClass: read, timeoutMs: 1 }', ceiling, 'classes.yaml'), [
    'classes.yaml:1 ToolClass/read spec.timeoutMsMax: belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR',
  ]);
});

test('only operators write ceilings', () => {
  const at = good.split('\n').length + 3;
  assert.deepEqual(problemsOf(good + quotas), [
    `shop.yaml:${at} QuotaCeiling/small kind: belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR`,
  ]);
});
