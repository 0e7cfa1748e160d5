/**
 * Server-sent events out of bytes cut anywhere: inside a character, a line end or an event. Only `data` is kept, since
 * every provider repeats the event's name inside it.
 */
import { StringDecoder } from 'node:string_decoder';

export class EventStream {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #data: string | undefined;
  #begun = false;
  #over = false;

  /** `onData` gets each event's data; once it returns true, nothing more is read. */
  constructor(private readonly onData: (data: string) => boolean) {}

  push(chunk: Buffer): boolean {
    return this.#read(this.#decoder.write(chunk));
  }

  /** A last event without its blank line counts. A half one is for the reader of its data to refuse. */
  end(): boolean {
    return this.#read(`${this.#decoder.end()}\n\n`);
  }

  #read(decoded: string): boolean {
    if (this.#over) return true;
    let text = this.#rest + decoded;
    if (!this.#begun && text !== '') {
      this.#begun = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    let held = '';
    if (text.includes('\r')) {
      // A carriage return at the end may be half of a line end.
      if (text.endsWith('\r')) [text, held] = [text.slice(0, -1), '\r'];
      text = text.replace(/\r\n?/g, '\n');
    }
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      this.#over = this.#line(text, from, to);
      if (this.#over) return true;
      from = to + 1;
    }
    this.#rest = text.slice(from) + held;
    return false;
  }

  #line(text: string, from: number, to: number): boolean {
    if (from === to) {
      const data = this.#data;
      this.#data = undefined;
      return data !== undefined && this.onData(data);
    }
    if (!text.startsWith('data:', from)) return false;
    const value = text.slice(text[from + 5] === ' ' ? from + 6 : from + 5, to);
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    return false;
  }
}
