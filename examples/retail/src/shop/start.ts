/**
 * Starts the shop: schema and published data first, then the port. What it opens it closes, in the reverse order.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Pool } from 'pg';
import { loadShopRecords, loadTools } from '../data.js';
import { FaultPlan } from './faults.js';
import { openApiOf } from './openapi.js';
import { setUpSchema } from './schema.js';
import { createShopServer } from './server.js';
import { ShopStore } from './store.js';

export interface ShopOptions {
  readonly databaseUrl: string;
  /** Absent or 0: a free port. */
  readonly port?: number;
  readonly host?: string;
  /** Whether `/faults` may spoil requests, for tests. Off by default. */
  readonly faults?: boolean;
  readonly onError?: (error: unknown) => void;
}

export interface Shop {
  readonly url: string;
  close(): Promise<void>;
}

/** A write takes a few milliseconds; 10 connections are some 2,000 writes a second, more than two cores give. */
const connectionsMax = 10;
const connectTimeoutMs = 5_000;
/** Longer than any wait for another write's row locks, shorter than a caller's deadline. */
const statementTimeoutMs = 10_000;
const closeTimeoutMs = 5_000;

export async function startShop(options: ShopOptions): Promise<Shop> {
  const onError = options.onError ?? (() => undefined);
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: statementTimeoutMs / 2,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    application_name: 'retail-shop',
  });
  // An idle connection that the server closes is replaced at its next use; without a listener it would end the process.
  pool.on('error', onError);
  try {
    await setUp(pool);
    const tools = await loadTools();
    const server = createShopServer({
      store: new ShopStore(pool),
      parametersOf: new Map(tools.map((tool) => [tool.function.name, tool.function.parameters])),
      openApi: openApiOf(tools),
      faults: options.faults === true ? new FaultPlan() : undefined,
      onError,
    });
    const host = options.host ?? '127.0.0.1';
    server.listen(options.port ?? 0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://${host}:${port}`,
      close: async () => {
        const closed = once(server, 'close');
        server.close();
        server.closeIdleConnections();
        const overdue = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
        await closed;
        clearTimeout(overdue);
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function setUp(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await setUpSchema(client, loadShopRecords);
  } finally {
    client.release();
  }
}
