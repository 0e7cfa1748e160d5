import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort, isPortFree } from './free-port.js';

test('a port is never handed out twice, even to calls that overlap', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  assert.equal(new Set(ports).size, ports.length);
});

test('a port that a server listens on is not free, whichever address it listens on', async () => {
  for (const host of ['127.0.0.1', undefined]) {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port, host }, resolve));
    assert.equal(await isPortFree(port), false);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isPortFree(port), true);
  }
});
