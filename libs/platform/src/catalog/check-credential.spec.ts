import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manifest, UpstreamSpec } from '@toolfleet/kernel';
import type { LoadResult } from './load-catalogue.js';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const bearer = "headers: { Authorization: 'Bearer {credential}' }";
const idp = 'client: { id: fleet, secret: { file: idp/secret } }';
const exchange = `exchange: { tokenEndpoint: '\${TOOLFLEET_IDP_URL}/token', ${idp}, audience: crm }`;

const upstream = (credential: string) => `
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: crm }
spec: { baseUrl: 'http://127.0.0.1:9001', credential: { ${credential} } }
`;

function load(text: string, path = 'operators/crm.yaml'): LoadResult {
  return loadCatalogue([{ path, text }], {
    toolClasses: [],
    variable: (name) => (name === 'TOOLFLEET_IDP_URL' ? 'https://idp.example/realm' : undefined),
    variablesAllowed: [],
    ofOperators: (file) => file.startsWith('operators/'),
  });
}

function credentialIn(text: string): UpstreamSpec['credential'] {
  const result = load(text);
  assert.ok(result.ok, result.ok ? '' : result.problems.map(textOfProblem).join('\n'));
  const manifest = result.catalogue.manifests.find(
    (one): one is Extract<Manifest, { kind: 'Upstream' }> => one.kind === 'Upstream',
  );
  return manifest!.spec.credential;
}

function problemsOf(text: string, path?: string): string {
  const result = load(text, path);
  return result.ok ? 'no problem' : result.problems.map(textOfProblem).join('\n');
}

describe('a credential of a destination', () => {
  it('is a service account, a file of each tenant or an exchange, with its place filled in', () => {
    assert.deepEqual(credentialIn(upstream(`${bearer}, static: { file: crm/token }`)).static, { file: 'crm/token' });
    assert.deepEqual(credentialIn(upstream(`${bearer}, static: { env: TOOLFLEET_CREDENTIAL_CRM }`)).static, {
      env: 'TOOLFLEET_CREDENTIAL_CRM',
    });
    assert.deepEqual(credentialIn(upstream(`${bearer}, perTenant: { directory: crm }`)).perTenant, {
      directory: 'crm',
    });
    assert.deepEqual(credentialIn(upstream(`${bearer}, ${exchange}`)).exchange, {
      tokenEndpoint: 'https://idp.example/realm/token',
      client: { id: 'fleet', secret: { file: 'idp/secret' }, authentication: 'basic' },
      audience: 'crm',
      subjectTokenType: 'access_token',
      timeoutMs: 5_000,
    });
  });

  it('is one of them, and stands in a header', () => {
    const both = `${bearer}, static: { file: a }, perTenant: { directory: b }`;
    assert.match(problemsOf(upstream(both)), /takes one of static, perTenant and exchange/);
    assert.match(problemsOf(upstream('static: { file: a }')), /spec\.credential\.static: is in no header/);
    assert.match(problemsOf(upstream(bearer)), /there is no \{credential\}/);
    assert.match(
      problemsOf(upstream(`${bearer}, static: { file: a, env: TOOLFLEET_CREDENTIAL_A }`)),
      /one of file and env/,
    );
    assert.match(problemsOf(upstream(`${bearer}, static: {}`)), /one of file and env/);
  });

  it('is a file below the directory of credentials, and no hidden one', () => {
    for (const path of ['../idp', '/etc/passwd', 'a/../../b', '.hidden', 'a/.b', 'a//b', "''", 'a\\b', 'a/b/c/d/e']) {
      assert.match(problemsOf(upstream(`${bearer}, static: { file: ${path} }`)), /static\.file/, path);
      assert.match(problemsOf(upstream(`${bearer}, perTenant: { directory: ${path} }`)), /perTenant\.directory/, path);
    }
  });

  it('is exchanged only where operators say: users send their tokens to nobody else', () => {
    const text = upstream(`${bearer}, ${exchange}`);
    assert.match(
      problemsOf(text, 'teams/crm.yaml'),
      /credential\.exchange: belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR/,
    );
    const elsewhere = upstream(`${bearer}, exchange: { tokenEndpoint: 'ftp://idp', ${idp} }`);
    assert.match(problemsOf(elsewhere), /exchange\.tokenEndpoint: is not an http or https URL/);
  });
});

describe('the connection string of a database', () => {
  const database = (fields: string) => `
apiVersion: toolfleet.dev/v1
kind: Database
metadata: { name: music }
spec: { ${fields} }
`;

  it('is a variable or a file, and not both', () => {
    assert.equal(problemsOf(database('connectionFile: music/url')), 'no problem');
    assert.equal(problemsOf(database('connectionEnv: TOOLFLEET_CREDENTIAL_MUSIC')), 'no problem');
    for (const fields of ['', 'connectionEnv: TOOLFLEET_CREDENTIAL_MUSIC, connectionFile: music/url']) {
      assert.match(problemsOf(database(fields)), /spec\.connectionEnv: is required without connectionFile/);
    }
    assert.match(problemsOf(database('connectionFile: ../url')), /spec\.connectionFile: is not a path/);
  });
});
