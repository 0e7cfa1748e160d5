import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArgumentValidators } from '../toolcall/schema.js';
import type { ImportOptions, OpenApiImport, OperationTool } from './index.js';
import { importOpenApi, openApiDocument } from './index.js';

type Json = Readonly<Record<string, unknown>>;

interface Parts {
  readonly paths?: Json;
  readonly schemas?: Json;
  readonly more?: Json;
  readonly options?: ImportOptions;
}

function imported({ paths = {}, schemas = {}, more = {}, options = {} }: Parts): OpenApiImport {
  const info = { title: 'Pet Shop', version: '1' };
  const servers = [{ url: 'https://pets.example.org/v1/' }];
  const parsed = { openapi: '3.0.3', info, servers, paths, components: { schemas }, ...more };
  return importOpenApi(openApiDocument(parsed), options);
}

/** One operation, which must be imported. */
function toolOf(operation: Json, { path = '/pets', method = 'get', ...parts }: Parts & Record<string, unknown> = {}) {
  const result = imported({ ...parts, paths: { [String(path)]: { [String(method)]: operation } } });
  assert.deepEqual(result.reported, []);
  return result.tools[0]!;
}

const reasonOf = (operation: Json, parts: Parts & Record<string, unknown> = {}) => {
  const { path = '/pets', method = 'get' } = parts;
  const result = imported({ ...parts, paths: { [String(path)]: { [String(method)]: operation } } });
  assert.deepEqual(result.tools, []);
  return result.reported[0]?.reason;
};

const body = (schema: Json, required = true, type = 'application/json') => ({
  requestBody: { required, content: { [type]: { schema } } },
});
const query = (name: string, more: Json = {}) => ({ in: 'query', name, schema: { type: 'string' }, ...more });
const properties = (tool: OperationTool) => tool.parameters['properties'] as Json;
const bodyProperty = (schema: Json, parts: Parts = {}) =>
  properties(toolOf(body({ type: 'object', properties: { a: schema } }), { method: 'post', ...parts }))['a'];

describe('openApiDocument', () => {
  it('refuses what is no OpenAPI 3.0 or 3.1 document, and says what it found', () => {
    const cases: readonly [unknown, RegExp][] = [
      [null, /no field openapi/],
      ['text', /no field openapi/],
      [[], /no field openapi/],
      [{ swagger: '2.0' }, /Convert it to OpenAPI 3/],
      [{ openapi: '4.0.0' }, /"4\.0\.0"/],
      [{ openapi: 3 }, /"3"/],
    ];
    for (const [parsed, hint] of cases) {
      assert.throws(
        () => openApiDocument(parsed),
        (error: { kind: string; reason: string; hint: string }) => {
          assert.deepEqual([error.kind, error.reason], ['invalid', 'OPENAPI_UNKNOWN']);
          return hint.test(error.hint);
        },
      );
    }
    assert.throws(() => openApiDocument({ openapi: '3.0.0', paths: [] }), { reason: 'OPENAPI_UNKNOWN' });
  });

  it('refuses a document that holds itself, or is nested without reason', () => {
    const itself: Record<string, unknown> = { openapi: '3.0.0' };
    itself['paths'] = { '/a': itself };
    assert.throws(() => openApiDocument(itself), { kind: 'invalid', reason: 'OPENAPI_TOO_LARGE' });
    let bomb: unknown = [1];
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    assert.throws(() => openApiDocument({ openapi: '3.0.0', 'x-bomb': bomb }), { reason: 'OPENAPI_TOO_LARGE' });
  });
});

describe('names of tools', () => {
  const names = (paths: Json, options: ImportOptions = {}) =>
    imported({ paths, options }).tools.map(({ name }) => name);

  it('come from the operationId, else from method and path, made valid', () => {
    const paths = { '/a/{b}.x': { get: { operationId: 'meta/root' }, parameters: [{ ...query('b'), in: 'path' }] } };
    assert.deepEqual(names(paths), ['meta_root']);
    assert.deepEqual(names({ '/pets/all': { get: {}, post: { operationId: 'Größe' } } }), ['get_pets_all', 'Gr_e']);
    assert.deepEqual(names({ '/': { get: {} } }, { prefix: 'shop-' }), ['shop-get']);
  });

  it('are told apart by method and path, whatever stands between', () => {
    const twice = { '/a': { get: { operationId: 'x' } }, '/b': { get: { operationId: 'x' } } };
    const [first, second] = names(twice);
    assert.equal(first, 'x');
    assert.match(second!, /^x_[0-9a-f]{6}$/);
    const { '/a': a, '/b': b } = twice;
    assert.deepEqual(names({ '/a': a, '/new': { get: {} }, '/b': b }), ['x', 'get_new', second]);
  });

  it('are cut off where they are too long, and never that of the search for tools', () => {
    const operationId = 'a'.repeat(80);
    const found = names({
      '/a': { get: { operationId } },
      '/b': { get: { operationId } },
      '/c': { get: { operationId: 'find_tools' } },
    });
    assert.equal(new Set(found).size, 3);
    for (const name of found) assert.match(name, /^(a{57}|find_tools)_[0-9a-f]{6}$/);
  });
});

describe('arguments', () => {
  it('are flat, out of path, query, header and body, with clashing names told apart', () => {
    const parameters = [
      { in: 'path', name: 'pet-id', required: true, schema: { type: 'string' } },
      query('id'),
      query('tags[]', { schema: { type: 'array', items: { type: 'string' } } }),
      { in: 'header', name: 'X-Trace', schema: { type: 'string' } },
    ];
    const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, 'odd name': {} } };
    const tool = toolOf({ parameters, ...body(schema) }, { path: '/pets/{pet-id}', method: 'put' });
    assert.deepEqual(Object.keys(properties(tool)), ['pet_id', 'id', 'tags', 'X-Trace', 'id_body', 'odd_name']);
    assert.deepEqual(tool.parameters['required'], ['pet_id', 'id_body']);
    assert.deepEqual(tool.http, {
      upstream: 'pet-shop',
      method: 'PUT',
      path: '/pets/{pet_id}',
      query: ['id', 'tags'],
      headers: ['X-Trace'],
      body: 'arguments',
      names: { tags: 'tags[]', id_body: 'id', odd_name: 'odd name' },
    });
  });

  it('keep a body whole that is no plain object', () => {
    const list = toolOf(body({ type: 'array', items: { type: 'string' } }), { method: 'post' });
    assert.deepEqual([list.http.bodyArgument, list.parameters['required']], ['body', ['body']]);
    const either = toolOf(body({ oneOf: [{ type: 'object' }, { type: 'string' }] }, false), { method: 'post' });
    assert.deepEqual([either.http.bodyArgument, either.parameters['required']], ['body', undefined]);
    const free = toolOf(body({ type: 'object', properties: { a: {} }, additionalProperties: true }), {
      method: 'post',
    });
    assert.equal(free.http.bodyArgument, 'body');
  });

  it('merge the parts of a body that all have to hold', () => {
    const schemas = { Base: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } };
    const schema = { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { b: { type: 'number' } } }] };
    const tool = toolOf(body(schema), { method: 'post', schemas });
    assert.deepEqual([Object.keys(properties(tool)), tool.parameters['required']], [['a', 'b'], ['a']]);
  });

  it('of the operation replace those of its path', () => {
    const paths = {
      '/a': { parameters: [query('x'), query('y')], get: { parameters: [query('x', { required: true })] } },
    };
    const [tool] = imported({ paths }).tools;
    assert.deepEqual([Object.keys(properties(tool!)), tool!.parameters['required']], [['x', 'y'], ['x']]);
  });

  it('have the style that the document asks for', () => {
    const styleOf = (more: Json) => toolOf({ parameters: [query('q', more)] }).http.styles?.['q'];
    const [list, object] = [{ type: 'array', items: {} }, { type: 'object' }];
    assert.equal(styleOf({ schema: list }), undefined);
    assert.equal(styleOf({ schema: list, explode: false }), 'comma');
    assert.equal(styleOf({ schema: list, style: 'pipeDelimited' }), 'pipe');
    assert.equal(styleOf({ schema: object }), 'spread');
    assert.equal(styleOf({ schema: object, style: 'deepObject', explode: true }), 'deep');
    assert.equal(styleOf({ schema: undefined, content: { 'application/json': { schema: list } } }), 'json');
  });

  it('that cannot be sent are left out with a note, or keep the operation out when they are required', () => {
    const cookie = { in: 'cookie', name: 'debug', schema: {} };
    assert.match(toolOf({ parameters: [cookie] }).notes[0]!, /cookie parameter "debug" is left out/);
    assert.match(reasonOf({ parameters: [{ ...cookie, required: true }] })!, /needs the cookie parameter "debug"/);
    assert.match(reasonOf({}, { path: '/pets/{id}' })!, /names \{id\}, which no parameter declares/);
    assert.match(reasonOf({}, { method: 'trace' })!, /tools cannot use TRACE/);
    assert.equal(
      reasonOf(body({}, true, 'multipart/form-data'), { method: 'post' }),
      'its body is multipart/form-data',
    );
    assert.match(toolOf({ parameters: [{ in: 'header', name: 'Authorization' }] }).notes[0]!, /is not an argument/);
  });
});

describe('schemas', () => {
  it('keep circles as references, and expand nothing', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } };
    const tool = toolOf(body({ $ref: '#/components/schemas/Node' }), { method: 'post', schemas: { Node: node } });
    assert.deepEqual(tool.parameters['$defs'], {
      Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } },
    });
    assert.deepEqual(properties(tool), { next: { $ref: '#/$defs/Node' } });
    const args = { next: { next: { next: 1 } } };
    assert.throws(() => new ArgumentValidators().check(tool, args), { reason: 'ARGUMENTS_INVALID' });
  });

  it('may refer to each other in a chain of any length, while references that lead nowhere are reported', () => {
    const schemas: Record<string, unknown> = {};
    for (let at = 0; at < 3_000; at++) {
      schemas[`S${at}`] = { properties: { next: { $ref: `#/components/schemas/S${at + 1}` } } };
    }
    const asked = body({ $ref: '#/components/schemas/S0' });
    assert.match(reasonOf(asked, { method: 'post', schemas })!, /S3000" refers to nothing/);
    const same = { A: { $ref: '#/components/schemas/A' } };
    assert.match(reasonOf(body(same.A), { method: 'post', schemas: same })!, /leads only to other references/);
    for (const $ref of ['file:///etc/passwd', 'other.yaml#/A', 'https://example.org/a.json']) {
      assert.match(reasonOf(body({ $ref }), { method: 'post' })!, /refers to something outside of the document/);
    }
  });

  it('of 3.0 say the same in the words of draft 2020-12', () => {
    const limits = { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false };
    assert.deepEqual(bodyProperty(limits), { type: 'number', exclusiveMinimum: 1, maximum: 9 });
    assert.deepEqual(bodyProperty({ type: 'string', nullable: true, enum: ['a'] }), {
      type: ['string', 'null'],
      enum: ['a', null],
    });
    const schemas = { B: { type: 'string' } };
    assert.deepEqual(bodyProperty({ nullable: true, allOf: [{ $ref: '#/components/schemas/B' }] }, { schemas }), {
      anyOf: [{ allOf: [{ $ref: '#/$defs/B' }] }, { type: 'null' }],
    });
    assert.deepEqual(bodyProperty({ type: 'file', example: 'x', xml: {}, 'x-more': 1 }), { type: 'string' });
  });

  it('leave out what only answers hold and patterns that cannot be matched in linear time', () => {
    const schema = {
      type: 'object',
      required: ['id', 'a'],
      properties: { id: { readOnly: true }, a: { pattern: '(?=x)' } },
    };
    const tool = toolOf(body(schema), { method: 'post' });
    assert.deepEqual([properties(tool), tool.parameters['required']], [{ a: {} }, ['a']]);
  });

  it('keep names that every object has as names, all but the one that changes the object', () => {
    const named = (name: string) => JSON.parse(`{"type":"object","properties":{"${name}":{"type":"string"}}}`) as Json;
    const tool = toolOf(body(named('constructor')), { method: 'post' });
    assert.deepEqual(Object.keys(properties(tool)), ['constructor']);
    assert.throws(() => toolOf(body(named('__proto__')), { method: 'post' }), /which no object may have/);
  });
});

describe('what a tool is', () => {
  it('is guessed from the method, unless our annotations say it', () => {
    const guess = (method: string, more: Json = {}) => {
      const { effect, riskTier, guessedFrom } = toolOf(more, { method });
      return [effect, riskTier, guessedFrom].join(' ');
    };
    assert.equal(guess('get'), 'read low GET');
    assert.equal(guess('patch'), 'write medium PATCH');
    assert.equal(guess('delete'), 'write high DELETE');
    assert.equal(guess('post', { 'x-openai-isConsequential': true }), 'write high POST, x-openai-isConsequential');
    assert.equal(guess('post', { 'x-toolfleet-effect': 'read' }), 'read low POST, x-toolfleet-effect');
    assert.equal(guess('get', { 'x-toolfleet-effect': 'nonsense' }), 'read low GET');
  });

  it('is said in the words of the document, within bounds', () => {
    assert.equal(toolOf({ summary: ' Lists. ', description: 'All.' }).description, 'Lists.\n\nAll.');
    assert.equal(toolOf({ deprecated: true }).description, 'Deprecated. GET /pets');
    assert.equal(toolOf({ description: 'x'.repeat(9_000) }).description.length, 2_000);
  });
});

describe('upstreams', () => {
  const baseUrls = (servers: unknown, options: ImportOptions = {}) =>
    imported({ more: { servers }, options }).upstreams.map(({ baseUrl }) => baseUrl);

  it('take the first server, with the defaults of its variables', () => {
    const variables = { host: { default: 'eu' } };
    assert.deepEqual(baseUrls([{ url: 'https://{host}.example.org/v2/', variables }]), ['https://eu.example.org/v2']);
    assert.deepEqual(baseUrls([{ url: '/v2' }]), ['${TOOLFLEET_UPSTREAM_PET_SHOP_URL}/v2']);
    const sourceUrl = 'https://example.org/docs/api.json';
    assert.deepEqual(baseUrls([{ url: '../v2' }], { sourceUrl }), ['https://example.org/v2']);
    assert.deepEqual(baseUrls(undefined, { upstream: 'key-store' }), ['${TOOLFLEET_UPSTREAM_URL}']);
  });

  it('give the credential to the first alone', () => {
    const securitySchemes = {
      cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      token: { type: 'http', scheme: 'Bearer' },
    };
    const more = { components: { securitySchemes }, security: [{ token: [] }] };
    const paths = { '/a': { get: { servers: [{ url: 'https://evil.example.org' }] } } };
    const { upstreams, tools } = imported({ paths, more });
    assert.deepEqual(
      upstreams.map(({ name, headers }) => [name, headers]),
      [
        ['pet-shop', { Authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_PET_SHOP}' }],
        ['pet-shop-2', {}],
      ],
    );
    assert.equal(tools[0]!.http.upstream, 'pet-shop-2');
    assert.match(upstreams[0]!.notes[0]!, /cookie \(apiKey cookie\): no header can carry it/);
  });
});
