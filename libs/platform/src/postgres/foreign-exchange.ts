/**
 * One transaction's statement in one round trip: what opens it, the statement and, for a read, what ends it go to the
 * server together, and it answers all of them at the first Sync. When one of them fails the server skips the rest, so a
 * statement never runs outside of the transaction that was to hold it. Rows become JSON text as they come, as many and as
 * long as allowed; the rest is let pass, and a server that goes on for too long is hung up on.
 */
import type { Connection, Submittable } from 'pg';
import { toJsonOf } from './foreign-values.js';

/** Whether a change may have been committed. */
export type Sent = 'no' | 'maybe';

export interface Step {
  readonly text: string;
  readonly values?: readonly (string | null)[];
}

export interface ExchangeOptions {
  /** Before the statement, in the same transaction. */
  readonly opening: readonly Step[];
  readonly statement: Step;
  readonly ending: readonly Step[];
  /** At most so many are kept. */
  readonly rowsMax: number;
  /** Of the rows as JSON. */
  readonly bytesMax: number;
  /** False: the server is asked for no more rows than are kept. True: whatever the statement does, it does to the end. */
  readonly toTheEnd: boolean;
}

export interface ForeignAnswer {
  /** Each a JSON object. */
  readonly rows: readonly string[];
  /** Of rows changed, or found where nothing was cut. */
  readonly rowCount: number;
  readonly truncated: boolean;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** What a server may send for what is kept, before its connection is cut: bytes on the wire are half as long again as in JSON. */
const wireFactorMax = 2;

/** Parts of the client's connection that its types do not describe as they are. */
interface Wire {
  readonly stream: NodeJS.ReadableStream & { cork(): void; uncork(): void; destroy(): void };
  parse(message: { text: string; name: string; types: readonly number[] }): void;
  bind(message: { portal: string; statement: string; values: readonly (string | null)[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
  sendCopyFail(message: string): void;
}

/** The client calls it as it does its own queries, with each message of the server until it is ready for the next. */
export class ForeignExchange implements Submittable {
  readonly #done = Promise.withResolvers<ForeignAnswer>();
  readonly #rows: string[] = [];
  #columns: readonly { readonly key: string; readonly toJson: (text: string) => string }[] = [];
  #at = 0;
  #bytes = 0;
  #wireBytes = 0;
  #rowCount = 0;
  #truncated = false;
  #outgrown = false;
  #wire: Wire | undefined;
  readonly #count = (chunk: Buffer): void => {
    this.#wireBytes += chunk.length;
    if (this.#wireBytes <= this.options.bytesMax * wireFactorMax) return;
    this.#outgrown = true;
    this.#wire?.stream.destroy();
  };

  constructor(private readonly options: ExchangeOptions) {}

  /** Rejects with the server's error, or whatever ended the connection. */
  get answer(): Promise<ForeignAnswer> {
    return this.#done.promise;
  }

  /** The server sent more than may be read, and the connection is gone: of a read, what was kept is an answer. */
  get outgrown(): ForeignAnswer | undefined {
    return this.#outgrown ? { rows: this.#rows, rowCount: this.#rows.length, truncated: true } : undefined;
  }

  /** What opens the transaction did not end well, or has not yet. */
  get isOpening(): boolean {
    return this.#at < this.options.opening.length;
  }

  readonly submit = (connection: Connection): void => {
    const wire = (this.#wire = connection as unknown as Wire);
    const { opening, statement, ending, rowsMax, toTheEnd } = this.options;
    wire.stream.on('data', this.#count);
    wire.stream.cork();
    for (const step of [...opening, statement, ...ending]) {
      wire.parse({ text: step.text, name: '', types: [] });
      wire.bind({ portal: '', statement: '', values: step.values ?? [] });
      if (step === statement) wire.describe({ type: 'P', name: '' });
      wire.execute({ portal: '', rows: step === statement && !toTheEnd ? rowsMax + 1 : 0 });
    }
    wire.sync();
    wire.stream.uncork();
  };

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    const names = new Map<string, number>();
    this.#columns = fields.map(({ name, dataTypeID }) => {
      const before = names.get(name) ?? 0;
      names.set(name, before + 1);
      // Two columns of one name would be one member of an object.
      const key = JSON.stringify(before === 0 ? name : `${name}_${before + 1}`);
      return { key, toJson: toJsonOf(dataTypeID) };
    });
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (!this.#isStatement || this.#truncated) return;
    if (this.#rows.length >= this.options.rowsMax) return void (this.#truncated = true);
    const members = this.#columns.map(({ key, toJson }, at) => {
      const text = fields[at];
      return `${key}:${text === null || text === undefined ? 'null' : toJson(text)}`;
    });
    const row = `{${members.join(',')}}`;
    this.#bytes += Buffer.byteLength(row) + 1;
    if (this.#bytes > this.options.bytesMax) this.#truncated = true;
    else this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    // "INSERT 0 3", "SELECT 12": the last word is the number of rows, where there is one.
    if (this.#isStatement) this.#rowCount = Number(/ (\d+)$/.exec(text)?.[1] ?? 0);
    this.#at += 1;
  }

  handlePortalSuspended(): void {
    if (this.#isStatement) this.#truncated = true;
    this.#at += 1;
  }

  handleEmptyQuery(): void {
    this.#at += 1;
  }

  handleReadyForQuery(): void {
    this.#release();
    const rowCount = this.#truncated && !this.options.toTheEnd ? this.#rows.length : this.#rowCount;
    this.#done.resolve({ rows: this.#rows, rowCount, truncated: this.#truncated });
  }

  handleError(error: unknown): void {
    this.#release();
    this.#done.reject(error);
  }

  handleCopyInResponse(connection: Pick<Wire, 'sendCopyFail'>): void {
    connection.sendCopyFail('There is nothing to copy.');
  }

  handleCopyData(): void {}

  get #isStatement(): boolean {
    return this.#at === this.options.opening.length;
  }

  #release(): void {
    this.#wire?.stream.removeListener('data', this.#count);
  }
}
