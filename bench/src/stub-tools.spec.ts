import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startStubs } from './stubs.js';
import { toolAnswers } from './stub-tools.js';

describe('the stub tools', () => {
  it('answer about 600 bytes of JSON', () => {
    for (const { body } of Object.values(toolAnswers)) {
      assert.equal(body.length >= 500 && body.length <= 800, true, `${body.length} bytes`);
      JSON.parse(body.toString());
    }
  });

  it('serve reads and the write from a process of their own, and refuse what they do not know', async () => {
    const stubs = await startStubs(new AbortController().signal);
    try {
      const status = async (path: string, init: RequestInit = {}): Promise<number> => {
        const answer = await fetch(stubs.toolsUrl + path, { ...init, signal: AbortSignal.timeout(5_000) });
        await answer.json();
        return answer.status;
      };
      assert.equal(await status('/customers/by-order/o1?fields=name'), 200);
      assert.equal(await status('/orders/o1'), 200);
      assert.equal(await status('/orders/o1/notes', { method: 'POST', body: '{"note":"x"}' }), 200);
      assert.equal(await status('/orders/o1', { method: 'DELETE' }), 404);
    } finally {
      await stubs.stop();
    }
  });
});
