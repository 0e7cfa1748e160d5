import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { faultOf } from '@toolfleet/kernel';
import { HttpClient } from './http-client.js';

/** A small linear congruential generator, so that a failing run can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

describe('HttpClient under 600 calls to an upstream that misbehaves in every way', () => {
  it('settles each by its deadline, answers the sound ones right, and holds nothing afterwards', async () => {
    const server = createServer((request, response) => {
      const [, kind, id] = (request.url ?? '').split('/');
      response.on('error', () => {});
      if (kind === 'reset') return void request.socket.resetAndDestroy();
      if (kind === 'hang') return;
      if (kind === 'half') {
        response.writeHead(200, { 'content-length': '100' });
        return void response.write('half', () => response.destroy());
      }
      if (kind === 'huge') return void response.end(Buffer.alloc(300_000));
      setTimeout(() => response.end(`${id}`), kind === 'slow' ? 40 : 0);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new HttpClient({ connectionsMax: 16 });
    const random = randomFrom(7);
    const kinds = ['ok', 'ok', 'ok', 'slow', 'reset', 'hang', 'half', 'huge', 'abort'];
    const allowed: Readonly<Record<string, readonly string[]>> = {
      ok: ['right', 'expired'],
      slow: ['right', 'expired'],
      reset: ['unreachable', 'expired'],
      half: ['unreachable', 'expired'],
      hang: ['expired'],
      huge: ['invalid', 'expired'],
      abort: ['aborted', 'right', 'expired'],
    };
    const ends: Record<string, number> = {};
    const one = async (id: number): Promise<void> => {
      const kind = kinds[Math.floor(random() * kinds.length)] ?? 'ok';
      const abort = new AbortController();
      const deadlineAtMs = Date.now() + 100 + Math.floor(random() * 1_500);
      const timer = setTimeout(() => kind === 'abort' && abort.abort('aborted'), random() * 60);
      const end = await client
        .request({
          method: 'POST',
          url: `${url}/${kind === 'abort' ? 'slow' : kind}/${id}`,
          body: 'x'.repeat(random() * 20_000),
          signal: abort.signal,
          deadlineAtMs,
          responseBytesMax: 100_000,
        })
        .then(
          ({ body }) => (body.toString() === String(id) ? 'right' : 'wrong'),
          (error: unknown) => (error === 'aborted' ? 'aborted' : faultOf(error).kind),
        );
      clearTimeout(timer);
      assert.ok(allowed[kind]?.includes(end), `${kind} ended ${end}`);
      // Generous, for a busy machine; without its own timer a queued call would wait for the ones that hang.
      assert.ok(Date.now() < deadlineAtMs + 2_000, `${kind} ended late`);
      ends[end] = (ends[end] ?? 0) + 1;
    };
    await Promise.all(Array.from({ length: 600 }, (_, id) => one(id)));
    assert.ok((ends['right'] ?? 0) > 50, JSON.stringify(ends));
    const untilMs = Date.now() + 5_000;
    while (client.inFlight > 0 && Date.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(client.inFlight, 0);
    await client.close();
    server.close();
    server.closeAllConnections();
  });
});
