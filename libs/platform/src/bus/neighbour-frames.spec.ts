import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@toolfleet/kernel';
import * as fc from 'fast-check';
import { FrameReader, lengthOf } from './neighbour-frames.js';

const framed = (frame: Uint8Array) => Buffer.concat([lengthOf(frame), frame]);

describe('frames of a stream', () => {
  it('come whole and in order, wherever the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 30 }), (sent, cut) => {
        const bytes = Buffer.concat(sent.map(framed));
        const reader = new FrameReader();
        const got: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += cut) got.push(...reader.push(bytes.subarray(at, at + cut)));
        assert.deepEqual(
          got.map((frame) => [...frame]),
          sent.map((frame) => [...frame]),
        );
      }),
    );
  });

  it('larger than any that is sent are refused before they have come', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(limits.neighbourFrameBytesMax + 1);
    assert.throws(() => new FrameReader().push(length), { reason: 'FRAME_TOO_LARGE' });
  });
});
