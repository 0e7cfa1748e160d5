/**
 * An MCP server as a child process, one JSON-RPC message a line. It differs from the library's own in what it guards: the
 * server sees the environment it was given and no other, a message has a limit and one that is longer fails its own call
 * only, a server that talks junk is ended, and with it everything that it started.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { parseJSONRPCMessage, serializeMessage } from '@modelcontextprotocol/client';
import { unreachable } from '@toolfleet/kernel';
import { LineReader, idAtEnds } from './line-reader.js';
import { localError } from './local-errors.js';

export interface StdioEndpoint {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** All that the server sees of the environment, besides where programs and a home are. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: that of this process. */
  readonly directory?: string | undefined;
}

export interface StdioTransportOptions {
  readonly endpoint: StdioEndpoint;
  readonly messageBytesMax: number;
}

/** Lines that are no message, before the server counts as broken; a banner or a stray print is forgiven. */
const junkLinesMax = 100;
/** A server that is asked to end may end its work; then it is ended. */
const graceMs = 2_000;
const lastWordsChars = 2_000;

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  #child: ChildProcess | undefined;
  #ended = false;
  #junkLines = 0;
  #lastWords = '';
  readonly #lines: LineReader;

  constructor(private readonly options: StdioTransportOptions) {
    this.#lines = new LineReader(options.messageBytesMax, {
      line: (text) => this.#take(text),
      tooLong: (head, tail) => this.#refuse(head, tail),
    });
  }

  /** The library takes what has `stderr` and `pid` for a process, where silence means an older server, not an outage. */
  get stderr(): Readable | null {
    return this.#child?.stderr ?? null;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** The end of what the server wrote for people. It may hold anything: not for the model. */
  get lastWords(): string {
    return this.#lastWords;
  }

  async start(): Promise<void> {
    const { command, args, environment, directory } = this.options.endpoint;
    const child = spawn(command, args, {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: directory,
      // A group of its own, so that what a launcher starts can be ended with it.
      detached: true,
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#lines.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-lastWordsChars);
    });
    for (const stream of [child.stdin, child.stdout, child.stderr])
      stream.on('error', (error) => this.onerror?.(error));
    child.once('exit', () => {
      this.#signal('SIGKILL');
      // What it had written before is read first; a pipe that somebody else holds open is not waited for.
      const late = setTimeout(() => this.#end(), 500);
      child.once('close', () => {
        clearTimeout(late);
        this.#end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.on('error', (error) => this.onerror?.(error));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable || this.#ended) {
      throw unreachable('UPSTREAM_CONNECTION_LOST', 'The server has ended.', { details: { sent: 'no' } });
    }
    // Not waited for: a server that reads nothing is found out by the deadline of its calls.
    stdin.write(serializeMessage(message));
  }

  /** Resolves when the process has ended. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return this.#end();
    const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.stdin?.end();
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
    this.#end();
  }

  #take(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line));
    } catch (error) {
      this.#junkLines++;
      this.onerror?.(error as Error);
      if (this.#junkLines > junkLinesMax) void this.close();
      return;
    }
    this.onmessage?.(message);
  }

  /** Where the call cannot be told, none of them can be trusted to be answered. */
  #refuse(head: string, tail: string): void {
    const id = idAtEnds(head, tail);
    if (id === undefined) void this.close();
    else this.onmessage?.(localError(id, 'answerTooLarge'));
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left.
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onclose?.();
  }
}
