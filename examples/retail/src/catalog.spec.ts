/** The catalogue is kept by hand; these rules keep it equal to what was published and to what the shop serves. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ArgumentValidators, bundleOf, CompiledPolicy, type RuleSpec } from '@toolfleet/kernel';
import { parseAllDocuments } from 'yaml';
import { loadTasks, loadTools, packageDirectory } from './data.js';
import { methodOf, operations } from './shop/operations.js';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

interface ToolManifestSpec {
  readonly description: string;
  readonly parameters: Record<string, unknown> & { readonly properties: Record<string, unknown> };
  readonly class: string;
  readonly effect: 'read' | 'write';
  readonly idempotent?: boolean;
  readonly conflictKey?: string;
  readonly http: { method: string; path: string; query?: readonly string[]; body?: string; upstream: string };
}

const catalogDirectory = new URL('catalog/', packageDirectory);

async function manifests(): Promise<readonly Manifest[]> {
  const files = (await readdir(catalogDirectory)).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, catalogDirectory), 'utf8')));
  return texts.flatMap((text) =>
    [...parseAllDocuments(text)].map((document) => document.toJS() as Manifest | null).filter((each) => each !== null),
  );
}

const ofKind = async (kind: string) => (await manifests()).filter((manifest) => manifest.kind === kind);

test('every manifest names its version, kind and itself once', async () => {
  const all = await manifests();
  assert.deepEqual(new Set(all.map((manifest) => manifest.apiVersion)), new Set(['toolfleet.dev/v1']));
  const names = all.map((manifest) => `${manifest.kind}/${manifest.metadata.name}`);
  assert.equal(new Set(names).size, names.length);
});

test('the catalogue shows the tools exactly as they were published', async () => {
  const shown = await ofKind('Tool');
  const published = new Map((await loadTools()).map((tool) => [tool.function.name, tool.function] as const));
  assert.equal(shown.length, 16);
  for (const { metadata, spec } of shown) {
    const { description, parameters } = spec as unknown as ToolManifestSpec;
    const tool = published.get(metadata.name);
    assert.ok(tool, metadata.name);
    assert.equal(description, tool.description);
    assert.equal(parameters['additionalProperties'], false);
    assert.deepEqual(parameters['required'] ?? [], tool.parameters.required ?? []);
    const untitled = Object.entries(tool.parameters.properties).map(([name, property]) => {
      const { title: _title, ...rest } = property as typeof property & { readonly title?: string };
      return [name, rest] as const;
    });
    assert.deepEqual(parameters.properties, Object.fromEntries(untitled), metadata.name);
  }
});

test('the catalogue reaches every operation where the shop serves it', async () => {
  const operationOf = new Map(operations.map((operation) => [operation.name, operation] as const));
  for (const { metadata, spec } of await ofKind('Tool')) {
    const tool = spec as unknown as ToolManifestSpec;
    const operation = operationOf.get(metadata.name);
    assert.ok(operation, metadata.name);
    assert.equal(tool.effect, operation.effect);
    assert.equal(tool.class, operation.effect);
    assert.equal(tool.http.upstream, 'retail-shop');
    assert.equal(tool.http.method, methodOf[operation.effect]);
    assert.equal(tool.http.path, operation.path);
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    const others = Object.keys(tool.parameters.properties).filter((name) => !inPath.includes(name));
    assert.deepEqual(tool.http.query ?? [], operation.effect === 'read' ? others : []);
    assert.equal(tool.http.body, operation.effect === 'write' ? 'arguments' : undefined);
    assert.equal(tool.idempotent, operation.effect === 'write' ? true : undefined);
    const placeholders = [...(tool.conflictKey ?? '').matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    assert.deepEqual(placeholders, operation.effect === 'write' ? inPath : []);
  }
});

test('the agent is instructed by the published policy', async () => {
  const policy = await readFile(new URL('data/policy.md', packageDirectory), 'utf8');
  const [agent] = await ofKind('Agent');
  assert.equal(String(agent?.spec['instructions']).trim(), policy.trim());
});

test('what the manifests refer to is there', async () => {
  const namesOf = async (kind: string) => (await ofKind(kind)).map((manifest) => manifest.metadata.name);
  const [agents, models, classes, upstreams] = await Promise.all(
    ['Agent', 'ModelRoute', 'ToolClass', 'Upstream'].map((kind) => namesOf(kind)),
  );
  for (const { spec } of await ofKind('Tenant')) assert.deepEqual(spec['agents'], agents);
  for (const { spec } of await ofKind('Agent')) assert.ok(models?.includes(String(spec['model'])));
  for (const { spec } of await ofKind('Tool')) {
    assert.ok(classes?.includes(String(spec['class'])));
    assert.ok(upstreams?.includes((spec as unknown as ToolManifestSpec).http.upstream));
  }
});

async function compiledPolicy(): Promise<CompiledPolicy> {
  const policies = await ofKind('Policy');
  const rules = policies.flatMap((policy) => policy.spec['rules'] as readonly RuleSpec[]);
  return new CompiledPolicy(bundleOf(rules, 0));
}

const questionOf = (tool: string, effect: string, args: Readonly<Record<string, unknown>>) => ({
  ...{ tenant: 'acme', user: 'customer-1', roles: [], tool, toolClass: effect, effect, args },
});

test('every recorded call fits its tool and is allowed by the policies, those of many items by the returns desk', async () => {
  const policy = await compiledPolicy();
  const validators = new ArgumentValidators();
  const toolOf = new Map(
    (await ofKind('Tool')).map(({ metadata, spec }) => [metadata.name, spec as unknown as ToolManifestSpec] as const),
  );
  for (const action of (await loadTasks()).flatMap((task) => task.actions)) {
    const tool = toolOf.get(action.name);
    assert.ok(tool, action.name);
    validators.check({ name: action.name, parameters: tool.parameters }, action.arguments);
    const items = (action.arguments['item_ids'] as readonly string[] | undefined)?.length ?? 0;
    const reviewed = items > 2 && /^(exchange|return)_delivered_order_items$/.test(action.name);
    const { effect } = policy.evaluate(questionOf(action.name, tool.effect, action.arguments));
    assert.equal(effect, reviewed ? 'review' : 'allow', action.name);
  }
});

test('the policies deny an unknown reason to cancel and hold back large exchanges', async () => {
  const policy = await compiledPolicy();
  const cancel = { order_id: '#W1', reason: 'too expensive' };
  assert.equal(policy.evaluate(questionOf('cancel_pending_order', 'write', cancel)).rule, 'known-cancel-reasons');
  const exchange = { order_id: '#W1', item_ids: Array.from({ length: 11 }, () => '1'), new_item_ids: [] };
  assert.equal(policy.evaluate(questionOf('exchange_delivered_order_items', 'write', exchange)).effect, 'review');
  const other = { ...questionOf('get_order_details', 'read', {}), tenant: 'other' };
  assert.equal(policy.evaluate(other).effect, 'deny');
});
