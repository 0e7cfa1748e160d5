import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { Secret } from '../config/secret.js';
import { EmbeddingsClient } from './embeddings.js';
import { ModelBench, quiet } from './model-client.fixture.js';

const bench = new ModelBench();
after(() => bench.close());

async function answering(body: unknown, status = 200): Promise<EmbeddingsClient> {
  const baseUrl = await bench.serve((request, response) => {
    request.resume();
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return new EmbeddingsClient({ http: bench.http, breakers: bench.breakers, route: { baseUrl, model: 'e1' } });
}

const inTime = () => Date.now() + 5_000;
const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (isFault(error) ? error.reason : String(error)),
  );

describe('EmbeddingsClient', () => {
  it('asks as OpenAI’s clients do, and gives vectors of length 1 in the order of the texts', async () => {
    let asked: unknown;
    const data = [
      { index: 1, embedding: [0, 2] },
      { index: 0, embedding: [3, 4] },
    ];
    const baseUrl = await bench.serve((request, response) => {
      const read = async (): Promise<void> => {
        asked = [request.url, request.headers.authorization, JSON.parse(await text(request))];
        response.end(JSON.stringify({ data }));
      };
      void read();
    });
    const route = { baseUrl: `${baseUrl}/`, model: 'e1', apiKey: new Secret('key-1') };
    const client = new EmbeddingsClient({ http: bench.http, breakers: bench.breakers, route });
    const vectors = await client.embed(['one', 'two'], inTime(), quiet);
    assert.deepEqual(asked, [
      '/v1/embeddings',
      'Bearer key-1',
      { model: 'e1', input: ['one', 'two'], encoding_format: 'float' },
    ]);
    assert.deepEqual(
      vectors.map((vector) => [...vector].map((part) => Number(part.toFixed(3)))),
      [
        [0.6, 0.8],
        [0, 1],
      ],
    );
  });

  it('takes nothing that is no whole answer', async () => {
    const wrong: unknown[] = [
      ...['<html>', 'null', '{}', { data: 'no' }, { data: [] }, { data: [null] }],
      ...[{ data: [{ embedding: [] }] }, { data: [{ embedding: ['x'] }] }, { data: [{ embedding: [1], index: 4 }] }],
      { data: [{ embedding: [1] }, { embedding: [1] }] },
    ];
    for (const body of wrong) {
      // oxlint-disable-next-line no-await-in-loop -- one server each
      const client = await answering(body);
      // oxlint-disable-next-line no-await-in-loop
      assert.equal(await reasonOf(client.embed(['one'], inTime(), quiet)), 'MODEL_ANSWER_UNREADABLE', String(body));
    }
  });

  it('says why it was refused', async () => {
    const refused = await answering({ error: { message: 'no such model' } }, 404);
    assert.equal(await reasonOf(refused.embed(['one'], inTime(), quiet)), 'MODEL_REFUSED_REQUEST');
    const busy = await answering('', 429);
    assert.equal(await reasonOf(busy.embed(['one'], inTime(), quiet)), 'MODEL_RATE_LIMITED');
  });
});
