import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textForModel, unreachable } from '@toolfleet/kernel';
import type { ArtifactStore } from '@toolfleet/platform/postgres';
import type { ToolAnswer } from './drivers/driver.js';
import { callOf, toolOf } from './executor.fixture.js';
import { ObservationShaper } from './shape-observation.js';
import { tokensOf } from '@toolfleet/platform/tokens';

const kept: Uint8Array[] = [];
const keeping = { put: async (...[, , , bytes]) => (kept.push(bytes), 'h1') } as ArtifactStore;
const away = {
  put: async () => Promise.reject(unreachable('DATABASE_UNREACHABLE', 'Away.')),
} as unknown as ArtifactStore;

function shape(
  body: string | Buffer,
  bytesMax: number,
  options: { artifacts?: ArtifactStore; answer?: Partial<ToolAnswer> } = {},
) {
  const tool = toolOf({ observation: { bytesMax } });
  const answer = { ok: true, body: Buffer.from(body as string), contentType: 'text/plain', ...options.answer };
  return new ObservationShaper(options.artifacts ?? keeping).shape(callOf(tool), tool, answer);
}

const textOf = (result: Uint8Array | undefined): string => Buffer.from(result ?? []).toString('utf8');

describe('ObservationShaper', () => {
  it('hands on whole what fits', async () => {
    const { result, artifact, resultBytes, outcome, refusal } = await shape('12345', 5);
    assert.deepEqual(
      [textOf(result), artifact, resultBytes, outcome, refusal],
      ['12345', undefined, 5, 'ok', undefined],
    );
    assert.deepEqual(kept, []);
  });

  it('cuts what does not fit, keeps the whole behind a handle and says so', async () => {
    const observation = await shape('123456', 5);
    assert.equal(
      textForModel(observation),
      '12345\n[cut: 6 bytes in all; read_artifact reads the rest by the handle h1]',
    );
    assert.equal(textOf(kept.pop()), '123456');
  });

  it('never cuts inside a character', async () => {
    const text = 'aé€😀';
    const bytes = Buffer.byteLength(text);
    const seen = new Set<string>();
    for (let bytesMax = 0; bytesMax < bytes; bytesMax += 1) {
      const cut = textOf((await shape(text, bytesMax)).result);
      assert.ok(text.startsWith(cut), `${bytesMax}: ${cut}`);
      seen.add(cut);
    }
    assert.deepEqual([...seen], ['', 'a', 'aé', 'aé€']);
  });

  it('survives bytes that are no text at all', async () => {
    const { result } = await shape(Buffer.alloc(10, 0x80), 5);
    assert.ok((result?.byteLength ?? 0) <= 5);
  });

  it('keeps to the tokens that its tool may cost, and tells many rows by their columns', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({ order_id: `#W${index}`, total: index }));
    const tool = toolOf({ observation: { bytesMax: 60_000, tokensMax: 300 } });
    const answer = { ok: true, body: Buffer.from(JSON.stringify(rows)), contentType: 'application/json' };
    const { result, artifact } = await new ObservationShaper(keeping).shape(callOf(tool), tool, answer);
    const told = JSON.parse(textOf(result)) as Record<string, Record<string, unknown>>;
    assert.ok(tokensOf(textOf(result)) <= 300);
    assert.deepEqual(
      [told['rows'], told['columns']?.['total']],
      [500, { min: 0, max: 499, sum: 124_750, mean: 249.5 }],
    );
    assert.deepEqual([artifact, textOf(kept.pop())], ['h1', JSON.stringify(rows)]);
  });

  it('lets through what its manifest selects, and keeps no more than that', async () => {
    const tool = toolOf({ observation: { bytesMax: 30, select: '{id: id, text: text}' } });
    const body = Buffer.from(JSON.stringify({ id: 7, card: '4111', text: 'x'.repeat(50) }));
    const observation = await new ObservationShaper(keeping).shape(callOf(tool), tool, {
      ...{ ok: true, body, contentType: 'application/json' },
    });
    assert.equal(textOf(kept.pop()), JSON.stringify({ id: 7, text: 'x'.repeat(50) }));
    assert.doesNotMatch(textForModel(observation), /4111/);
  });

  it('does not turn what was done into a failure because the whole cannot be kept, and says what is missing', async () => {
    const observation = await shape('123456', 5, { artifacts: away });
    assert.equal(observation.outcome, 'ok');
    assert.equal(textForModel(observation), '12345\n[cut: 6 bytes in all; the rest was not kept]');
  });

  it("gives the tool's own words to the model when it refuses", async () => {
    const observation = await shape('{"error":"no such order"}', 100, {
      answer: { ok: false, reason: 'TOOL_REFUSED' },
    });
    const told = JSON.parse(textForModel(observation)) as Record<string, unknown>;
    assert.deepEqual([told['outcome'], told['reason'], told['retryable']], ['failed', 'TOOL_REFUSED', false]);
    assert.equal(told['result'], '{"error":"no such order"}');
  });
});
