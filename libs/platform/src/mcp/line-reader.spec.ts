import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { LineReader, idAtEnds } from './line-reader.js';

function read(chunks: readonly Buffer[], lineBytesMax: number) {
  const lines: string[] = [];
  const tooLong: [string, string][] = [];
  const sink = {
    line: (text: string) => void lines.push(text),
    tooLong: (...ends: [string, string]) => void tooLong.push(ends),
  };
  const reader = new LineReader(lineBytesMax, sink);
  for (const chunk of chunks) reader.push(chunk);
  return { lines, tooLong };
}

describe(LineReader.name, () => {
  it('gives the same lines however the stream is cut', () => {
    const lines = fc.array(
      fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() === text && !/[\r\n]/.test(text)),
    );
    fc.assert(
      fc.property(lines, fc.array(fc.nat(50)), (expected, cuts) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) chunks.push(bytes.subarray(at, (at += cut)));
        chunks.push(bytes.subarray(at));
        assert.deepEqual(
          read(chunks, 1_000_000).lines,
          expected.map((line) => Buffer.from(line).toString()),
        );
      }),
    );
  });

  it('keeps only both ends of a line that is too long, and reads on after it', () => {
    const chunks = ['a'.repeat(1_000), 'b'.repeat(5_000), 'c'.repeat(1_000), '\nnext\n'].map((text) =>
      Buffer.from(text),
    );
    const { lines, tooLong } = read(chunks, 2_000);
    assert.deepEqual(lines, ['next']);
    assert.deepEqual(tooLong, [['a'.repeat(256), 'c'.repeat(256)]]);
  });
});

describe(idAtEnds.name, () => {
  it('tells whose answer a message is by its first or its last field', () => {
    assert.equal(idAtEnds('{"jsonrpc":"2.0","id":7,"result":{', '}'), 7);
    assert.equal(idAtEnds('{"id":8,"jsonrpc"', '}'), 8);
    assert.equal(idAtEnds('{"result":{"content":[', 'x"}]},"jsonrpc":"2.0","id":9}'), 9);
    assert.equal(idAtEnds('{"result":{"content":[', 'x"}]},"id":10,"jsonrpc":"2.0"}'), 10);
  });

  it('does not take an id within the answer for its own', () => {
    assert.equal(idAtEnds('{"result":{"rows":[{"id":1},', '{"id":2}]}}'), undefined);
    assert.equal(idAtEnds('{"result":{"text":"{\\"id\\":1', ',\\"id\\":2}"}}'), undefined);
  });
});
