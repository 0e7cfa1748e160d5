/**
 * Kafka and PostgreSQL below a local fleet: own child processes, restarted when they crash, or the ones the caller
 * points at, which are left alone.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chainOf } from '@toolfleet/kernel';
import { startKafka, startPostgres, type LocalKafka, type LocalPostgres } from '@toolfleet/local';
import type { LogLine } from './log-line.js';
import { choosePort, type FleetPorts } from './ports.js';

const restartPauseMsMax = 10_000;

/** Makes the parts usable once they run: topics and tables. */
export interface Preparation {
  topics?(brokers: readonly string[], signal: AbortSignal): Promise<void>;
  database?(databaseUrl: string, signal: AbortSignal): Promise<void>;
}

export interface PartsOptions {
  readonly directory: string;
  readonly brokers?: readonly string[] | undefined;
  readonly databaseUrl?: string | undefined;
  readonly ports: FleetPorts;
  readonly prepare: Preparation;
  readonly log: (line: LogLine) => void;
  readonly signal: AbortSignal;
}

export interface Parts {
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  /** Absent when the caller brought its own. */
  readonly kafka: LocalKafka | undefined;
  readonly postgres: LocalPostgres | undefined;
  stop(): Promise<void>;
}

/** Both start side by side; when one fails the other is stopped before the fault is handed on. */
export async function startParts(options: PartsOptions): Promise<Parts> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const abortOther = (error: unknown): never => {
    failed.abort(error);
    throw error;
  };
  const [bus, database] = await Promise.allSettled([
    startBus({ ...options, signal }).catch(abortOther),
    startDatabase({ ...options, signal }).catch(abortOther),
  ]);
  const stop = async (): Promise<void> => {
    const started = [bus, database].flatMap((part) => (part.status === 'fulfilled' ? [part.value.stop()] : []));
    await Promise.all(started);
  };
  if (bus.status === 'fulfilled' && database.status === 'fulfilled') {
    return { ...bus.value, ...database.value, stop };
  }
  await stop();
  throw failed.signal.reason;
}

async function startBus(options: PartsOptions): Promise<Pick<Parts, 'brokers' | 'kafka' | 'stop'>> {
  if (options.brokers !== undefined) {
    options.log({ source: 'fleet', text: `Using Kafka at ${options.brokers.join(', ')}` });
    await options.prepare.topics?.(options.brokers, options.signal);
    return { brokers: options.brokers, kafka: undefined, stop: async () => undefined };
  }
  const log = (text: string): void => options.log({ source: 'kafka', text });
  const keeper = new Keeper('Kafka', log);
  const kafka = await startKafka({
    directory: join(options.directory, 'kafka'),
    port: await choosePort('kafka', options.ports, options.log),
    log,
    onCrash: () => keeper.restart(kafka),
    signal: options.signal,
  });
  const stop = (): Promise<void> => keeper.stop(kafka);
  await stopUnless(() => options.prepare.topics?.(kafka.brokers, options.signal), stop);
  return { brokers: kafka.brokers, kafka, stop };
}

async function startDatabase(options: PartsOptions): Promise<Pick<Parts, 'databaseUrl' | 'postgres' | 'stop'>> {
  if (options.databaseUrl !== undefined) {
    options.log({ source: 'fleet', text: `Using PostgreSQL at ${new URL(options.databaseUrl).host}` });
    await options.prepare.database?.(options.databaseUrl, options.signal);
    return { databaseUrl: options.databaseUrl, postgres: undefined, stop: async () => undefined };
  }
  const log = (text: string): void => options.log({ source: 'postgres', text });
  const keeper = new Keeper('PostgreSQL', log);
  const postgres = await startPostgres({
    directory: join(options.directory, 'postgres'),
    port: await choosePort('postgres', options.ports, options.log),
    log,
    onCrash: () => keeper.restart(postgres),
    signal: options.signal,
  });
  const stop = (): Promise<void> => keeper.stop(postgres);
  await stopUnless(() => options.prepare.database?.(postgres.url, options.signal), stop);
  return { databaseUrl: postgres.url, postgres, stop };
}

async function stopUnless(step: () => Promise<void> | undefined, stop: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Brings a crashed part back until the fleet stops. */
class Keeper {
  readonly #ended = new AbortController();
  #restarting: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly log: (text: string) => void,
  ) {}

  restart(part: LocalKafka | LocalPostgres): void {
    this.#restarting = this.#restartUntilUp(part);
  }

  /** Stops twice: a restart under way may start the part once more after the first stop. */
  async stop(part: LocalKafka | LocalPostgres): Promise<void> {
    this.#ended.abort();
    await part.stop();
    await this.#restarting;
    await part.stop();
  }

  async #restartUntilUp(part: LocalKafka | LocalPostgres): Promise<void> {
    const { signal } = this.#ended;
    for (let pauseMs = 0; !signal.aborted; pauseMs = Math.min(restartPauseMsMax, 2 * pauseMs + 250)) {
      this.log(`${this.name} ended unexpectedly; restarting it${pauseMs === 0 ? '' : ` in ${pauseMs} ms`}.`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        return await part.restart();
      } catch (error) {
        this.log(chainOf(error).join(' <- '));
      }
    }
  }
}
