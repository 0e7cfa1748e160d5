import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentValidators } from '@toolfleet/kernel';
import { parseAllDocuments } from 'yaml';
import { findManifestFiles, readManifestFiles } from './catalogue-files.js';
import { manifestJsonSchema } from './json-schemas.js';
import { manifestKinds } from './manifest-schemas.js';

const validators = new ArgumentValidators();
/** The validators' patterns repeat a sign at most 1,000 times; editors know no such bound. */
const whole = {
  name: 'manifest',
  parameters: JSON.parse(JSON.stringify(manifestJsonSchema()).replaceAll('{0,4000}', '*')) as Record<string, unknown>,
};

function fits(document: object): boolean {
  try {
    validators.check(whole, document as Record<string, unknown>);
    return true;
  } catch (error) {
    assert.match(String(error), /do not fit/);
    return false;
  }
}

const upstream = (spec: object, metadata: object = { name: 'shop' }) => ({
  ...{ apiVersion: 'toolfleet.dev/v1', kind: 'Upstream' },
  ...{ metadata, spec },
});

test('a misspelt field, another version, a name or value that is refused, and a missing spec do not fit', () => {
  assert.ok(fits(upstream({ baseUrl: 'http://shop' })));
  const wrong = [
    upstream({ baseUrl: 'http://shop', baseURL: 'x' }),
    { ...upstream({ baseUrl: 'http://shop' }), apiVersion: 'toolfleet.dev/v2' },
    { ...upstream({ baseUrl: 'http://shop' }), kind: 'Upstreem' },
    upstream({ baseUrl: 'http://shop' }, { name: 'no name' }),
    upstream({ baseUrl: 'http://shop' }, {}),
    upstream({ baseUrl: 'http://shop', breaker: { volumeThreshold: 0 } }),
    { apiVersion: 'toolfleet.dev/v1', kind: 'Upstream', metadata: { name: 'shop' } },
    { ...upstream({ baseUrl: 'http://shop' }), extra: 1 },
  ];
  for (const document of wrong) assert.equal(fits(document), false, JSON.stringify(document));
});

test('what the shipped manifests say fits, in whatever kind', async () => {
  const directory = new URL('../../../../examples/retail/catalog/', import.meta.url).pathname;
  const files = await readManifestFiles(await findManifestFiles([directory]));
  const documents = files.flatMap(({ text }) => [...parseAllDocuments(text)].map((one) => one.toJS() as object | null));
  const some = documents.filter((document) => document !== null);
  assert.ok(some.length > 20);
  for (const document of some) assert.ok(fits(document), JSON.stringify(document));
});

test('each kind has a schema of its own that says what its fields are for, and takes no other kind', () => {
  for (const kind of manifestKinds) {
    const { properties } = manifestJsonSchema(kind) as { properties: Record<string, { const?: string }> };
    assert.equal(properties['kind']?.const, kind);
  }
  const { properties } = manifestJsonSchema('Tool') as never as {
    properties: { spec: { properties: Record<string, { description?: string }>; required: string[] } };
  };
  assert.deepEqual(properties.spec.required, ['description', 'class', 'effect']);
  assert.match(properties.spec.properties['description']!.description!, /as the model reads it/);
  const parameters = manifestJsonSchema('Tool');
  assert.throws(() => validators.check({ name: 'Tool', parameters }, upstream({ baseUrl: 'http://shop' })));
});
