/** Frames of a stream of bytes, each after its length: 32 bits, big endian. */
import { invalid, limits } from '@toolfleet/kernel';

const lengthBytes = 4;

export function lengthOf(frame: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(frame.byteLength);
  return length;
}

export class FrameReader {
  /** What has come of a frame that is not whole; joined once, when it is. */
  #begun: Buffer[] = [];
  #bytes = 0;
  /** As many as the frame, or its length, takes. */
  #wanted = lengthBytes;

  /** The frames that have become whole. Throws `invalid` FRAME_TOO_LARGE; nothing after that can be read. */
  push(chunk: Buffer): Buffer[] {
    this.#begun.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return [];
    const bytes = this.#begun.length === 1 ? chunk : Buffer.concat(this.#begun);
    const frames: Buffer[] = [];
    this.#wanted = lengthBytes;
    let at = 0;
    while (bytes.length - at >= lengthBytes) {
      const length = bytes.readUInt32BE(at);
      if (length > limits.neighbourFrameBytesMax) {
        throw invalid('FRAME_TOO_LARGE', `A neighbour's frame has ${length} bytes.`);
      }
      if (bytes.length - at - lengthBytes < length) {
        this.#wanted = lengthBytes + length;
        break;
      }
      frames.push(bytes.subarray(at + lengthBytes, at + lengthBytes + length));
      at += lengthBytes + length;
    }
    this.#bytes = bytes.length - at;
    this.#begun = this.#bytes === 0 ? [] : [bytes.subarray(at)];
    return frames;
  }
}
