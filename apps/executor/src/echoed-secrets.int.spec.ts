/** What a tool was sent with never comes back as what it answered: not to the model, not to a store. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Observation } from '@toolfleet/kernel';
import { callOf, upstreamOf } from './executor.fixture.js';
import { catalogue, read, run, shop, write } from './run-call.fixture.js';

const secret = 'planted/secret+0123456789"~';
process.env['TOOLFLEET_CREDENTIAL_ECHO'] = secret;

beforeEach(() => {
  const headers = { 'x-key': 'Key {env:TOOLFLEET_CREDENTIAL_ECHO}' };
  catalogue.put({ kind: 'Upstream', spec: upstreamOf(shop.url, { credential: { headers } }) });
});

const planted = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
const assertClean = (observation: Observation) => {
  const told = JSON.stringify(observation, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
  for (const form of planted) assert.ok(!told.includes(form), told);
};
const resultOf = ({ result }: Observation) => Buffer.from(result ?? []).toString('utf8');

describe('a tool that echoes what it was sent', () => {
  it('shows a mark in the place of the credential, in whatever form it writes it', async () => {
    for (const form of planted) {
      shop.answer = (_request, response) => response.end(`{"you sent":"${form}"}`);
      // oxlint-disable-next-line no-await-in-loop -- the shop answers one way after another
      const observation = await run(callOf(read));
      assertClean(observation);
      assert.match(resultOf(observation), /^\{"you sent":"\[secret\]/);
    }
  });

  it('shows none where it refuses or fails', async () => {
    for (const status of [400, 403, 404, 500, 503]) {
      shop.answer = (_request, response) =>
        response.writeHead(status, { 'content-type': `text/plain` }).end(`bad key ${secret}`);
      // oxlint-disable-next-line no-await-in-loop
      for (const tool of [read, write]) assertClean(await run(callOf(tool)));
    }
  });

  it('shows none in its content type', async () => {
    shop.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': `text/${encodeURIComponent(secret)}` }).end('x');
    assertClean(await run(callOf(read)));
  });
});
