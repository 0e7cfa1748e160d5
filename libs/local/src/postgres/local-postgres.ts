/**
 * A real PostgreSQL on this machine, as a child process, on 127.0.0.1 only. A directory is one cluster's life: started
 * again on the same directory it has its databases; a directory without `data` is initialised first.
 */
import { randomBytes } from 'node:crypto';
import { access, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { conflict, invalid, isFault } from '@toolfleet/kernel';
import { ChildProcess, untilReady } from '../child-process.js';
import { freePort, isPortFree } from '../free-port.js';
import { runTool } from '../run-tool.js';
import { postgresBinaries, postgresIdentity, type Identity, type PostgresBinaries } from './binaries.js';

const user = 'toolfleet';
const defaultDatabase = 'toolfleet';
const initDeadlineMs = 60_000;
/** A start takes under a second; recovery after a kill replays at most `max_wal_size`. */
const readyDeadlineMs = 60_000;
/** SIGINT is Postgres's fast shutdown: sessions are ended, a checkpoint is written. */
const stopGraceMs = 15_000;
const connectTimeoutMs = 2_000;
/** Backends of a killed server hold its shared memory until they notice, within a second. */
const startAttemptsMax = 5;
const startRetryDelayMs = 500;

/**
 * Durable (fsync and synchronous commit are on) and otherwise made for one machine: no replicas, no JIT, rare checkpoints.
 *
 * Both sizes are bounds that only load fills. After 90,000 short sessions the tables take 0.8 GB: in buffers of 128 MB an
 * autovacuum of them read the disk for 30 s and cost the fleet a twentieth of its sessions, in buffers of 1 GB it takes 3 s. What a
 * commit logs doubles after a checkpoint, because each page is logged whole when it is first touched after one; 4 GB are some
 * 170,000 sessions between two. Seen with `log_autovacuum_min_duration=0` and `log_checkpoints=on` during
 * `npm run bench -- --scenarios overload --seconds 60`.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  // Without ERROR: a fenced commit fails on purpose, and its caller reports it.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  // Whoever shows these lines says where they are from.
  log_line_prefix: '',
  max_logical_replication_workers: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface LocalPostgresOptions {
  /** Holds the data and the password. */
  readonly directory: string;
  /** Absent: a free one. Taken: fault `conflict` PORT_TAKEN. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** Called when a server that was ready ends without being asked to by `stop` or `kill`. */
  readonly onCrash?: () => void;
  /** Ends the start, not the running server. */
  readonly signal?: AbortSignal;
}

export interface LocalPostgres {
  /** Of the database `toolfleet`; holds the password. */
  readonly url: string;
  readonly pid: number;
  readonly directory: string;
  /** Creates the database if it is not there and resolves with its URL. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
  /** SIGKILL of the postmaster: what a crash looks like. */
  kill(): Promise<void>;
  /** Starts on the same port and data, after `stop` or `kill`; a running server is stopped first. */
  restart(): Promise<void>;
}

export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const [binaries, identity] = await Promise.all([postgresBinaries(), postgresIdentity()]);
  const port = options.port ?? (await freePort());
  await requireFree(port);
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const password = await keptPassword(directory);
  const server = new Server({ ...options, directory }, binaries, identity, port, password);
  await server.initialise();
  await server.start(options.signal);
  try {
    await server.createDatabase(defaultDatabase);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Server implements LocalPostgres {
  readonly url: string;
  readonly directory: string;
  readonly #dataDirectory: string;
  #child: ChildProcess | undefined;
  #endAsked = false;

  constructor(
    readonly options: LocalPostgresOptions,
    readonly binaries: PostgresBinaries,
    readonly identity: Identity,
    readonly port: number,
    readonly password: string,
  ) {
    this.directory = options.directory;
    this.#dataDirectory = join(options.directory, 'data');
    this.url = this.#urlOf(defaultDatabase);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Initialises under another name, so that `data` exists only when initdb has come to its end. */
  async initialise(): Promise<void> {
    if (await exists(this.#dataDirectory)) return;
    const temporary = `${this.#dataDirectory}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { mode: 0o700 });
    const { owner } = this.identity;
    if (owner !== undefined) await chown(temporary, owner.uid, owner.gid);
    const passwordFile = join(temporary, '..', 'initdb-password');
    await writeFile(passwordFile, this.password, { mode: 0o600 });
    if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
    try {
      await runTool({
        ...this.#commandOf(this.binaries.initdb, [
          ...[`--pgdata=${temporary}`, `--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
          ...['--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'],
        ]),
        name: 'initdb',
        deadlineMs: initDeadlineMs,
        signal: this.options.signal,
      });
    } finally {
      await rm(passwordFile, { force: true });
    }
    await rename(temporary, this.#dataDirectory);
  }

  async start(signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#startOnce(signal);
      } catch (error) {
        const endedEarly = isFault(error) && error.reason === 'NOT_READY' && this.#child?.running === false;
        if (!endedEarly || attempt === startAttemptsMax) throw error;
        await sleep(startRetryDelayMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
      }
    }
  }

  async #startOnce(signal: AbortSignal | undefined): Promise<void> {
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { log } = this.options;
    const child = await ChildProcess.start({
      ...this.#commandOf(this.binaries.postgres, ['-D', this.#dataDirectory, '-p', String(this.port), ...flags]),
      name: 'PostgreSQL',
      ...(log === undefined ? {} : { log }),
    });
    this.#child = child;
    try {
      const check = (): Promise<boolean> => this.#query('postgres', 'SELECT 1').then(() => true);
      await untilReady(child, { name: 'PostgreSQL', deadlineMs: readyDeadlineMs, signal, check });
    } catch (error) {
      await child.kill();
      throw error;
    }
    this.#endAsked = false;
    void this.#watch(child);
  }

  async #watch(child: ChildProcess): Promise<void> {
    await child.exited;
    if (!this.#endAsked) this.options.onCrash?.();
  }

  async createDatabase(name: string): Promise<string> {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
      throw invalid('DATABASE_NAME_INVALID', `A database name is a-z, 0-9 and _, at most 63; got "${name}".`);
    }
    const rows = await this.#query('postgres', 'SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rows === 0) await this.#query('postgres', `CREATE DATABASE "${name}"`);
    return this.#urlOf(name);
  }

  async stop(): Promise<void> {
    this.#endAsked = true;
    await this.#child?.stop('SIGINT', stopGraceMs);
  }

  async kill(): Promise<void> {
    this.#endAsked = true;
    await this.#child?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await requireFree(this.port);
    await this.start();
  }

  /** Never inherits the caller's PG* variables: they would change what initdb and the server do. */
  #commandOf(program: string, rest: readonly string[]): Parameters<typeof ChildProcess.start>[0] {
    const [command = program, ...before] = [...this.identity.wrapper, program];
    return {
      name: program,
      command,
      arguments: [...before, ...rest],
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      ...this.identity.spawnAs,
    };
  }

  async #query(database: string, text: string, values: readonly string[] = []): Promise<number> {
    const client = new Client({
      connectionString: this.#urlOf(database),
      connectionTimeoutMillis: connectTimeoutMs,
    });
    client.on('error', () => undefined); // a connection lost after the query changes nothing
    try {
      await client.connect();
      const { rowCount } = await client.query(text, [...values]);
      return rowCount ?? 0;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #urlOf(database: string): string {
    return `postgres://${user}:${this.password}@127.0.0.1:${this.port}/${database}`;
  }
}

/** One random password per directory: a port on 127.0.0.1 is open to every user of the machine. */
async function keptPassword(directory: string): Promise<string> {
  const file = join(directory, 'password');
  if (await exists(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.tmp`, password, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
  return password;
}

async function requireFree(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw conflict('PORT_TAKEN', `Port ${port} for PostgreSQL is taken by another process.`, {
    details: { port: String(port), part: 'postgres' },
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
