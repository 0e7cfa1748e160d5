import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventStream } from './event-stream.js';

function eventsOf(text: string, pieceBytes: number, until = '[DONE]'): string[] {
  const events: string[] = [];
  const stream = new EventStream((data) => events.push(data) > 0 && data === until);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) stream.push(bytes.subarray(at, at + pieceBytes));
  stream.end();
  return events;
}

describe('EventStream', () => {
  it('gives the same events wherever the bytes are cut and however lines end', () => {
    const lines = [': comment', '', 'event: x', 'data: {"a":"ü😀"}', '', 'data:two', 'data: lines', 'id: 7', '', ''];
    for (const end of ['\n', '\r\n', '\r']) {
      for (let pieceBytes = 1; pieceBytes < 40; pieceBytes += 1) {
        assert.deepEqual(eventsOf(`\uFEFF${lines.join(end)}`, pieceBytes), ['{"a":"ü😀"}', 'two\nlines']);
      }
    }
  });

  it('reads nothing after the event that completes the answer', () => {
    for (const pieceBytes of [1, 5, 1_000]) {
      assert.deepEqual(eventsOf('data: a\n\ndata: [DONE]\n\ndata: late\n\n', pieceBytes), ['a', '[DONE]']);
    }
  });

  it('counts a last event that lacks its blank line', () => {
    assert.deepEqual(eventsOf('data: a\n\ndata: b', 3), ['a', 'b']);
  });
});
