/** Everything that a fleet has written: its topics, its tables, its files, its logs and metrics, as bytes with a place. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readCompacted, withAdmin } from '@toolfleet/platform/kafka';
import { Database } from '@toolfleet/platform/postgres';
import type { FleetUnderTest } from './fleet-under-test.js';

export interface Written {
  readonly place: string;
  readonly bytes: Buffer;
}

export async function writtenBy(fleet: FleetUnderTest): Promise<Written[]> {
  const parts = await Promise.all([
    recordsOf(fleet),
    rowsOf(fleet),
    filesOf(fleet.surroundings.directory),
    metricsOf(fleet),
  ]);
  const logs = fleet.surroundings.lines.map((text, at) => ({ place: `log line ${at}`, bytes: Buffer.from(text) }));
  return [...parts.flat(), ...logs];
}

async function recordsOf({ surroundings: { connection }, names }: FleetUnderTest): Promise<Written[]> {
  const prefix = names.of('session.requests').split('.')[0];
  const topics = await withAdmin(connection, async (admin) => {
    const own = (await admin.topics()).filter((topic) => topic.startsWith(`${prefix}.`));
    const filled = own.map(async (topic) => {
      const offsets = await admin.offsets(topic);
      return offsets.some(({ low, high }) => high > low) ? [topic] : [];
    });
    return (await Promise.all(filled)).flat();
  });
  const written: Written[] = [];
  await Promise.all(
    topics.map(async (topic) => {
      const reader = readCompacted({
        connection,
        topic,
        onRecord: ({ key, value, headers, offset }) => {
          const text = `${key}\n${JSON.stringify(headers)}\n`;
          written.push({ place: `${topic} at ${offset}`, bytes: Buffer.concat([Buffer.from(text), value]) });
        },
      });
      await reader.caughtUp;
      await reader.close();
    }),
  );
  return written;
}

async function rowsOf({ surroundings: { databaseUrl } }: FleetUnderTest): Promise<Written[]> {
  const database = new Database({ url: databaseUrl, applicationName: 'fleet-e2e' });
  const ask = (text: string) => database.query({ name: '', text }, []);
  try {
    const tables = await ask("select tablename from pg_tables where schemaname = 'public'");
    const rows = tables.map(async ({ tablename }) => {
      const found = await ask(`select * from "${String(tablename)}"`);
      return found.flatMap((row) =>
        Object.entries(row).map(([column, value]) => ({
          place: `${String(tablename)}.${column}`,
          bytes: bytesOf(value),
        })),
      );
    });
    return (await Promise.all(rows)).flat();
  } finally {
    await database.close();
  }
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

/** Keys are what a fleet's state holds in secret; all else must be fit to be read. */
async function filesOf(directory: string): Promise<Written[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && !/\.(?:key|token)$/.test(entry.name));
  return Promise.all(
    paths.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { place: path, bytes: await readFile(path) };
    }),
  );
}

async function metricsOf({ fleet }: FleetUnderTest): Promise<Written[]> {
  const urls = fleet.processes().flatMap(({ metricsUrl }) => metricsUrl ?? []);
  return Promise.all(
    urls.map(async (url) => ({ place: url, bytes: Buffer.from(await (await fetch(url)).arrayBuffer()) })),
  );
}
