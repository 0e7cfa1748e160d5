/**
 * Connections to MCP servers, each shared by all calls that would make the same one: a credential or an argument that is
 * filled in with a tenant's name makes a connection of that tenant. What nobody used for a while is closed.
 */
import type { McpServerSpec } from '@toolfleet/kernel';
import { broken, hexDigestOf, limits, overloaded } from '@toolfleet/kernel';
import { programEnvironment } from '@toolfleet/platform/config';
import type { FetchClient } from '@toolfleet/platform/http';
import { createFetch } from '@toolfleet/platform/http';
import type { McpConnection, McpEndpoint } from '@toolfleet/platform/mcp';
import type { CredentialUse, ResolvedCredential } from '../credentials/credentials.js';
import { Credentials } from '../credentials/credentials.js';
import { Scrubber } from '../credentials/scrubber.js';
import { filled } from '../credentials/templates.js';

export interface McpConnectionsOptions {
  /** Commands that may be started. */
  readonly commands: readonly string[];
  /** Of one server. */
  readonly processesMax: number;
  readonly idleMs?: number;
  readonly onLost?: (server: string, lastWords: string) => void;
  /** Absent: variables only. */
  readonly credentials?: Credentials | undefined;
}

export interface OpenConnection {
  readonly connection: McpConnection;
  /** Undefined for a process. */
  readonly credential: ResolvedCredential | undefined;
}

interface Entry {
  readonly server: string;
  readonly connection: McpConnection;
}

const sweepMs = 10_000;

export class McpConnections {
  readonly #byKey = new Map<string, Entry>();
  readonly #fetch: FetchClient;
  readonly #sweep: NodeJS.Timeout;
  readonly #credentials: Credentials;
  readonly #scrubber = new Scrubber();

  constructor(private readonly options: McpConnectionsOptions) {
    this.#credentials = options.credentials ?? new Credentials();
    this.#fetch = createFetch({ connectionsMax: limits.mcpSocketsMax });
    this.#sweep = setInterval(() => this.#closeIdle(), sweepMs);
    this.#sweep.unref();
  }

  /** Faults, all of them before anything is sent: `broken` for what is not allowed or configured, `overloaded`. */
  async of(server: McpServerSpec, use: CredentialUse): Promise<OpenConnection> {
    const credential = server.http && (await this.#credentials.of(server.name, server.http.credential, use));
    return this.#to(server, use, credential);
  }

  /** After the server did not take the credential; undefined when there is no other. */
  async renewed(
    server: McpServerSpec,
    use: CredentialUse,
    { credential }: OpenConnection,
  ): Promise<OpenConnection | undefined> {
    if (!server.http || !credential) return undefined;
    const fresh = await this.#credentials.renewed(server.name, server.http.credential, use, credential);
    return fresh && this.#to(server, use, fresh);
  }

  async #to(
    server: McpServerSpec,
    use: CredentialUse,
    credential: OpenConnection['credential'],
  ): Promise<OpenConnection> {
    const secrets = new Set<string>();
    const endpoint = this.#endpointOf(server, { ...use, secrets }, credential);
    for (const secret of secrets) use.secrets?.add(secret);
    return { connection: await this.#connectionTo(server, endpoint, secrets), credential };
  }

  async #connectionTo(
    server: McpServerSpec,
    endpoint: McpEndpoint,
    secrets: ReadonlySet<string>,
  ): Promise<McpConnection> {
    const key = `${server.name}/${hexDigestOf(JSON.stringify(endpoint))}`;
    const known = this.#byKey.get(key);
    if (known) return known.connection;
    // Loaded with the first server, as most executors have none.
    const { McpConnection: Connection } = await import('@toolfleet/platform/mcp');
    const meanwhile = this.#byKey.get(key);
    if (meanwhile) return meanwhile.connection;
    this.#makeRoom(server);
    const connection = new Connection({
      endpoint,
      fetch: this.#fetch.fetch,
      messageBytesMax: limits.toolAnswerBytesMax,
      onLost: (lastWords) => this.options.onLost?.(server.name, this.#scrubber.text(lastWords, secrets)),
    });
    this.#byKey.set(key, { server: server.name, connection });
    return connection;
  }

  /** Faults as `of` does for what is not allowed or configured; nothing is started or connected. */
  async check(server: McpServerSpec, use: CredentialUse): Promise<void> {
    const credential = server.http && (await this.#credentials.of(server.name, server.http.credential, use));
    this.#endpointOf(server, use, credential);
  }

  /** What the catalogue no longer has ends with its calls. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const [key, { server }] of this.#byKey) if (!names.has(server)) this.#retire(key);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const open = [...this.#byKey.values()];
    this.#byKey.clear();
    // A connection that was lost already has nothing left to close.
    await Promise.allSettled(open.map(({ connection }) => connection.close()));
    await this.#fetch.close();
  }

  #endpointOf(
    { http, stdio }: McpServerSpec,
    { call: owner, secrets }: CredentialUse,
    credential: OpenConnection['credential'],
  ): McpEndpoint {
    if (http && credential) return { kind: 'http', url: http.url, headers: credential.headers };
    const { command, args, env, directory } = stdio!;
    if (!this.options.commands.includes(command)) {
      throw broken('COMMAND_NOT_ALLOWED', 'The tool server may not be started here.', {
        details: { sent: 'no' },
        hint: 'Operators allow a command with TOOLFLEET_EXECUTOR_MCP_COMMANDS.',
      });
    }
    const own = Object.entries(env).map(([name, template]) => [name, filled(template, owner, { secrets })] as const);
    const environment = { ...programEnvironment(), ...Object.fromEntries(own) };
    return { kind: 'stdio', command, args: args.map((text) => filled(text, owner)), environment, directory };
  }

  /** The one that was idle the longest goes, if there must be one. */
  #makeRoom({ name, stdio }: McpServerSpec): void {
    const own = [...this.#byKey].filter(([, { server }]) => server === name);
    if (own.length < (stdio ? this.options.processesMax : limits.mcpConnectionsMax)) return;
    const [idle] = own
      .filter(([, { connection }]) => connection.inFlight === 0)
      .toSorted(([, a], [, b]) => a.connection.usedAtMs - b.connection.usedAtMs);
    if (!idle) {
      throw overloaded('UPSTREAM_CONNECTIONS_MAX', 'The tool server has as many connections as it may have.', {
        details: { sent: 'no' },
        retryAfterMs: 1_000,
      });
    }
    this.#retire(idle[0]);
  }

  #closeIdle(): void {
    const before = Date.now() - (this.options.idleMs ?? limits.mcpIdleMs);
    for (const [key, { connection }] of this.#byKey) {
      if (connection.inFlight === 0 && connection.usedAtMs < before) this.#retire(key);
    }
  }

  #retire(key: string): void {
    this.#byKey.get(key)?.connection.retire();
    this.#byKey.delete(key);
  }
}
