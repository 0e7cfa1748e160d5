/**
 * Cuts a stream into lines without ever holding more than one line's limit. Of a longer line only both ends are kept,
 * enough to tell whose answer it was.
 */
const endBytes = 256;
const newline = 0x0a;

export interface LineSink {
  line(text: string): void;
  /** The first and the last bytes of a line that was longer than allowed. */
  tooLong(head: string, tail: string): void;
}

export class LineReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Of a line that is too long already. */
  #head: Buffer | undefined;
  #tail = Buffer.alloc(0);

  constructor(
    private readonly lineBytesMax: number,
    private readonly sink: LineSink,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#add(chunk.subarray(from, at));
      this.#end();
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
  }

  #add(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#head) {
      this.#tail = Buffer.from(Buffer.concat([this.#tail, part]).subarray(-endBytes));
      return;
    }
    this.#parts.push(part);
    if (this.#bytes <= this.lineBytesMax) return;
    const whole = Buffer.concat(this.#parts);
    // Copies, so that nothing of the rest stays in memory.
    this.#head = Buffer.from(whole.subarray(0, endBytes));
    this.#tail = Buffer.from(whole.subarray(-endBytes));
    this.#parts = [];
  }

  #end(): void {
    const [head, tail, parts] = [this.#head, this.#tail, this.#parts];
    this.#parts = [];
    this.#bytes = 0;
    this.#head = undefined;
    if (head) return this.sink.tooLong(String(head), String(tail));
    const text = (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString('utf8').trimEnd();
    if (text !== '') this.sink.line(text);
  }
}

/** Of an answer, read at its very ends: there `"id"` can only be that of the message itself. Undefined: not to be told. */
export function idAtEnds(head: string, tail: string): number | undefined {
  const id =
    /^\{"jsonrpc":"2\.0","id":(\d{1,15})[,}]/.exec(head)?.[1] ??
    /^\{"id":(\d{1,15})[,}]/.exec(head)?.[1] ??
    /[,}\]]"id":(\d{1,15})\}\s*$/.exec(tail)?.[1] ??
    /,"id":(\d{1,15}),"jsonrpc":"2\.0"\}\s*$/.exec(tail)?.[1];
  return id === undefined ? undefined : Number(id);
}
