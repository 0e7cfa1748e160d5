/**
 * The JSON body of a conversation's requests, as bytes in one piece of memory. The messages come first, because they only
 * ever grow; what may differ from turn to turn stands behind them. So a conversation of 20 turns, which is sent 20 times,
 * is encoded once, and copied only when the room doubles.
 */

/** A few turns with a handful of tools. */
const roomAtFirst = 8 * 1_024;

export class GrowingBody {
  #room = Buffer.allocUnsafeSlow(roomAtFirst);
  #length = 0;
  #empty = true;

  constructor() {
    this.append('{"messages":[');
  }

  /** One more member of the array of messages. */
  add(message: string): void {
    if (!this.#empty) this.append(',');
    this.#empty = false;
    this.append(message);
  }

  /** Text as it is, behind all that is there. */
  append(text: string): void {
    this.#length = this.#write(text, this.#length);
  }

  /**
   * All of it with `tail` behind it, as a view. What comes next overwrites the tail, so whoever was given the view must
   * have done with it by then: a turn is asked for when the one before it has ended.
   */
  with(tail: string): Uint8Array {
    const end = this.#write(tail, this.#length);
    return this.#room.subarray(0, end);
  }

  #write(text: string, from: number): number {
    const end = from + Buffer.byteLength(text);
    if (end > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#room.length));
      room.set(this.#room.subarray(0, from));
      this.#room = room;
    }
    this.#room.write(text, from);
    return end;
  }
}
