/**
 * One connection to an MCP server, made when it is first needed and made again when it was lost. Many calls share it. It
 * speaks the revision of 2026-07-28 and those of 2025, whichever the server does; it offers the server nothing in return:
 * no files, no model, no questions to people.
 */
import type { CallToolResult, Tool, Transport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/client';
import { expired, isFault, unreachable } from '@toolfleet/kernel';
import { endsWithin, waitFor } from '../waits.js';
import type { HttpEndpoint } from './http-transport.js';
import { HttpTransport } from './http-transport.js';
import { connectFault, refusalOf, requestFault } from './mcp-fault.js';
import type { StdioEndpoint } from './stdio-transport.js';
import { StdioTransport } from './stdio-transport.js';

export type McpEndpoint = HttpEndpoint | StdioEndpoint;

export interface McpConnectionOptions {
  readonly endpoint: McpEndpoint;
  /** For `http`. */
  readonly fetch: typeof globalThis.fetch;
  /** Of one message of the server; the arguments of a call are bounded long before. */
  readonly messageBytesMax: number;
  /** From the start of the process or the first byte to a connection that takes calls. */
  readonly connectTimeoutMs?: number;
  /** Ended by nobody here; with the end of what a process wrote for people. */
  readonly onLost?: (lastWords: string) => void;
}

export interface McpCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Of the request; keys as the protocol wants them. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
}

export interface McpWait {
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
}

/** A package that is started through a launcher may take many seconds. */
const connectTimeoutMs = 20_000;
/** A process that does not know the question may keep silent. */
const probeTimeoutMs = 5_000;
/** After a connection could not be made: calls in between learn the reason at once, and no process is started in a loop. */
const reconnectAfterMs = 1_000;
const toolPagesMax = 50;
const goodbyeMs = 500;
/** Calls to a tool that is gone ask for the list no more often. */
const listedForMs = 5_000;

interface Connected {
  readonly client: Client;
  readonly transport: Transport;
}

export class McpConnection {
  #connecting: Promise<Connected> | undefined;
  #connected: Connected | undefined;
  #listed: { readonly names: ReadonlySet<string>; readonly atMs: number } | undefined;
  #failed: { readonly error: unknown; readonly atMs: number } | undefined;
  #opening: Transport | undefined;
  #closed = false;
  #retired = false;
  #inFlight = 0;
  #usedAtMs = Date.now();
  /** A process that ended at the probe is spoken to in the older way from then on. */
  #legacyOnly = false;

  constructor(private readonly options: McpConnectionOptions) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  get usedAtMs(): number {
    return this.#usedAtMs;
  }

  /**
   * Arguments that the server does not take are a result that says so, as most servers do it. Throws faults only;
   * `details.sent` says whether the server can have seen the call.
   */
  async call({ tool, args, meta, signal, deadlineAtMs }: McpCall): Promise<CallToolResult> {
    return this.#using({ signal, deadlineAtMs }, async (client, options) => {
      try {
        return await client.callTool({ name: tool, arguments: { ...args }, _meta: { ...meta } }, options);
      } catch (error) {
        const text = refusalOf(error);
        if (text === undefined) throw error;
        return { isError: true, content: [{ type: 'text', text }] };
      }
    });
  }

  async tools(wait: McpWait): Promise<readonly Tool[]> {
    return this.#using(wait, async (client, options) => {
      const { tools } = await client.listTools(undefined, { ...options, cacheMode: 'refresh' });
      this.#listed = { names: namesOf(tools), atMs: Date.now() };
      return tools;
    });
  }

  /** As the server said it in the last seconds. */
  async hasTool(name: string, wait: McpWait): Promise<boolean> {
    if (!this.#listed || Date.now() - this.#listed.atMs > listedForMs) await this.tools(wait);
    return this.#listed?.names.has(name) ?? false;
  }

  /** What the server says of itself; undefined before the first connection. */
  get server() {
    const client = this.#connected?.client;
    const [version, protocol] = [client?.getServerVersion(), client?.getNegotiatedProtocolVersion()];
    return version && { name: version.name, version: version.version, protocol };
  }

  /** Calls under way end as if the server had gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const { transport } = this.#connected ?? {};
    if (transport instanceof HttpTransport) await told(transport);
    await Promise.all([this.#connected?.client.close(), this.#opening?.close()]);
  }

  /** Closes when the last of the calls under way has ended; it takes no more. */
  retire(): void {
    this.#retired = true;
    if (this.#inFlight === 0) void this.close();
  }

  async #using<T>(
    { signal, deadlineAtMs }: McpWait,
    work: (client: Client, options: { signal: AbortSignal; timeout: number }) => Promise<T>,
  ): Promise<T> {
    this.#inFlight++;
    try {
      return await this.#once({ signal, deadlineAtMs }, work);
    } catch (error) {
      // The server was started anew and took nothing of the call.
      if (!isFault(error) || error.reason !== 'UPSTREAM_SESSION_LOST') throw error;
      return await this.#once({ signal, deadlineAtMs }, work);
    } finally {
      this.#inFlight--;
      this.#usedAtMs = Date.now();
      if (this.#retired && this.#inFlight === 0) void this.close();
    }
  }

  async #once<T>(
    { signal, deadlineAtMs }: McpWait,
    work: (client: Client, options: { signal: AbortSignal; timeout: number }) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) throw closed();
    const { client } = this.#connected ?? (await connected(this.#connect(), { signal, deadlineAtMs }));
    const timeout = deadlineAtMs - Date.now();
    if (timeout <= 0) throw late('no');
    try {
      return await work(client, { signal, timeout });
    } catch (error) {
      const fault = requestFault(error);
      if (fault.reason === 'UPSTREAM_SESSION_LOST') this.#drop(client);
      throw fault;
    }
  }

  #connect(): Promise<Connected> {
    if (this.#failed && Date.now() - this.#failed.atMs < reconnectAfterMs) throw connectFault(this.#failed.error);
    this.#connecting ??= this.#open().then(
      (connected) => {
        this.#connecting = undefined;
        this.#failed = undefined;
        return connected;
      },
      (error: unknown) => {
        this.#connecting = undefined;
        this.#failed = { error, atMs: Date.now() };
        throw connectFault(error);
      },
    );
    return this.#connecting;
  }

  async #open(): Promise<Connected> {
    try {
      return await this.#openOnce();
    } catch (error) {
      // Some servers of the older revisions end when they are asked what they do not know.
      if (this.options.endpoint.kind !== 'stdio' || this.#legacyOnly || this.#closed) throw error;
      this.#legacyOnly = true;
      try {
        return await this.#openOnce();
      } catch (second) {
        this.#legacyOnly = false;
        throw second;
      }
    }
  }

  async #openOnce(): Promise<Connected> {
    const transport = (this.#opening = this.#transport());
    const client = new Client(
      { name: 'toolfleet', version: '1' },
      {
        capabilities: {},
        versionNegotiation: { mode: 'auto', probe: { timeoutMs: probeTimeoutMs } },
        inputRequired: { autoFulfill: false },
        listMaxPages: toolPagesMax,
        // What a tool answers is for the model to read; a schema of the server's making is not run here.
        jsonSchemaValidator: {
          getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
        },
      },
    );
    const connected: Connected = { client, transport };
    client.onclose = () => this.#lost(connected);
    const timeout = this.options.connectTimeoutMs ?? connectTimeoutMs;
    const signal = AbortSignal.timeout(timeout);
    try {
      await client.connect(transport, { signal, timeout, ...(this.#legacyOnly ? { prior: { kind: 'legacy' } } : {}) });
      // Known to the client from here on: parameters that the server wants as headers, too.
      const { tools } = await client.listTools(undefined, { signal, timeout });
      this.#listed = { names: namesOf(tools), atMs: Date.now() };
    } catch (error) {
      await transport.close();
      throw error;
    } finally {
      this.#opening = undefined;
    }
    this.#connected = connected;
    return connected;
  }

  #transport(): Transport {
    const { endpoint, messageBytesMax, fetch } = this.options;
    return endpoint.kind === 'stdio'
      ? new StdioTransport({ endpoint, messageBytesMax })
      : new HttpTransport({ endpoint, messageBytesMax, fetch });
  }

  #lost(connected: Connected): void {
    if (this.#connected !== connected) return;
    this.#connected = undefined;
    if (this.#closed) return;
    this.options.onLost?.(connected.transport instanceof StdioTransport ? connected.transport.lastWords : '');
  }

  #drop(client: Client): void {
    if (this.#connected?.client === client) this.#connected = undefined;
    void client.close();
  }
}

/** So that the server forgets the connection, too; one that does not answer forgets it by itself some day. */
async function told(transport: HttpTransport): Promise<void> {
  await endsWithin(
    transport.terminateSession().catch(() => undefined),
    goodbyeMs,
  );
}

/** The wait of one call for a connection that others wait for as well. */
const connected = <T>(connecting: Promise<T>, { signal, deadlineAtMs }: McpWait): Promise<T> =>
  waitFor(connecting, {
    withinMs: Math.max(0, deadlineAtMs - Date.now()),
    late: () => late('no'),
    signal,
    aborted: () => expired('CANCELLED', 'The call was cancelled.', { details: { sent: 'no' } }),
  });

const namesOf = (tools: readonly Tool[]) => new Set(tools.map(({ name }) => name));

const closed = () =>
  unreachable('UPSTREAM_CONNECT_FAILED', 'The connection was given up.', { details: { sent: 'no' } });

const late = (sent: string) => expired('DEADLINE_PASSED', 'The tool did not answer in time.', { details: { sent } });
