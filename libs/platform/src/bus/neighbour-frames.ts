/** Frames of a stream of bytes, each after its length: 32 bits, big endian. */
import { invalid, limits } from '@toolfleet/kernel';

const lengthBytes = 4;

export function lengthOf(frame: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(frame.byteLength);
  return length;
}

export class FrameReader {
  /** What has come of a frame that is not whole. */
  #begun: Buffer = nothing;

  /** The frames that have become whole. Throws `invalid` FRAME_TOO_LARGE; nothing after that can be read. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk]);
    const frames: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= lengthBytes) {
      const length = bytes.readUInt32BE(at);
      if (length > limits.neighbourFrameBytesMax) {
        throw invalid('FRAME_TOO_LARGE', `A neighbour's frame has ${length} bytes.`);
      }
      if (bytes.length - at - lengthBytes < length) break;
      frames.push(bytes.subarray(at + lengthBytes, at + lengthBytes + length));
      at += lengthBytes + length;
    }
    this.#begun = at === bytes.length ? nothing : bytes.subarray(at);
    return frames;
  }
}

const nothing = Buffer.alloc(0);
