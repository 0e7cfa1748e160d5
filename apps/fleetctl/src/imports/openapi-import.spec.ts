/** Every operation of 42 documents becomes a tool that the catalogue accepts, or is reported with a reason. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { ArgumentValidators } from '@toolfleet/kernel';
import { openApiImport } from './openapi-import.js';
import { readSource } from './read-source.js';

const folder = fileURLToPath(new URL('../../fixtures/openapi/', import.meta.url));

interface Expected {
  readonly spec: string;
  readonly operations: number;
  readonly deprecated: number;
}

const expected = readFileSync(`${folder}expected.jsonl`, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Expected);

const importOf = async (spec: string) => openApiImport(await readSource(`${folder}${spec}.gz`), `${spec}.gz`, {});

/** Operations that are not imported, by document; of all the others, none. */
const reportedOf: Readonly<Record<string, number>> = {
  'discourse.json': 1,
  'gitea.json': 4,
  'github.json': 2,
  'cases/3.0-parameters-style.json': 15,
  'cases/3.0-petstore.json': 1,
  'cases/3.0-schema-circular.json': 1,
  'cases/3.1-parameters-style.json': 15,
  'cases/3.1-petstore.json': 1,
};

const reasons = [
  /^its body is (multipart\/form-data|application\/octet-stream|text\/plain( or text\/x-markdown)?)$/,
  /^the style (matrix|label) of \{\w+\} cannot be written$/,
  /^\{\w+\} is no single value$/,
  /^its path has a query, a fragment or spaces$/,
];

describe('importing documents of real APIs', () => {
  for (const { spec, operations, deprecated } of expected) {
    it(`gives every operation of ${spec} a tool or a reason`, async () => {
      const { tools, reported, byReference } = await importOf(spec);
      assert.equal(tools.length + reported.length - byReference, operations);
      assert.equal(reported.length, reportedOf[spec] ?? 0);
      for (const { operation, reason } of reported)
        assert.ok(
          reasons.some((one) => one.test(reason)),
          operation + reason,
        );
      assert.ok(tools.filter((tool) => tool.deprecated).length <= deprecated);
      const names = tools.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      const validators = new ArgumentValidators();
      for (const tool of tools) {
        assert.match(tool.name, /^[A-Za-z0-9_-]{1,64}$/);
        validators.compile(tool);
      }
    });
  }

  it('gives the same bytes every time', async () => {
    const [first, second] = [await importOf('gitea.json'), await importOf('gitea.json')];
    assert.deepEqual(first.files, second.files);
  });
});
