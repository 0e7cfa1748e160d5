/**
 * A real Apache Kafka broker on this machine, as a child process. A directory is one broker's life: started again on the
 * same directory it has its topics, records and offsets; a directory without `data` is formatted first.
 */
import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { conflict, unreachable } from '@toolfleet/kernel';
import { ChildProcess, untilReady } from '../child-process.js';
import { freePort, isPortFree } from '../free-port.js';
import { runTool } from '../run-tool.js';
import { findJava, kafkaJars } from './jars.js';
import { probeBroker } from './probe-broker.js';
import { loggingProperties, serverProperties, type BrokerAddress, type SecuredListener } from './properties.js';

/** A start takes 2 s on an idle machine; a loaded one, or the recovery of a large log, must not fail for that. */
const readyDeadlineMs = 120_000;
const formatDeadlineMs = 60_000;
/** A clean stop flushes each log; without it the next start has to recover them. */
const stopGraceMs = 15_000;
const probeTimeoutMs = 2_000;
const suspendProbeMs = 300;
const suspendTriesMax = 20;

export interface LocalKafkaOptions {
  /** Holds the data and the generated configuration. */
  readonly directory: string;
  /** Absent: a free one. Taken: fault `conflict` PORT_TAKEN. */
  readonly port?: number;
  /** Java heap, at least 192. Default 1,024, as Kafka's own start script has it. */
  readonly heapMb?: number;
  /** Broker settings over the defaults. */
  readonly properties?: Readonly<Record<string, string>>;
  /** One more listener beside the plain one; its keys and users are among the properties. */
  readonly secured?: SecuredListener;
  /** Of the first format, such as `--add-scram`. */
  readonly formatArguments?: readonly string[];
  readonly log?: (line: string) => void;
  /** Called when a broker that was ready ends without being asked to by `stop` or `kill`. */
  readonly onCrash?: () => void;
  /** Ends the start, not the running broker. */
  readonly signal?: AbortSignal;
}

export interface LocalKafka {
  readonly brokers: readonly string[];
  readonly pid: number;
  readonly directory: string;
  stop(): Promise<void>;
  /** SIGKILL: what a crash of the broker looks like. */
  kill(): Promise<void>;
  /** Starts on the same port and data, after `stop` or `kill`; a running broker is stopped first. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, and once this has resolved nothing answers. */
  suspend(): Promise<void>;
  resume(): void;
}

export async function startKafka(options: LocalKafkaOptions): Promise<LocalKafka> {
  const [java, jars] = await Promise.all([findJava(options), kafkaJars(options)]);
  const port = options.port ?? (await freePort());
  await requireFree(port);
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const broker = new Broker({ ...options, directory }, java, jars, { port, controllerPort: await freePort() });
  await broker.format();
  await broker.start(options.signal);
  return broker;
}

class Broker implements LocalKafka {
  readonly brokers: readonly string[];
  readonly directory: string;
  readonly #dataDirectory: string;
  #child: ChildProcess | undefined;
  #endAsked = false;
  #ready = false;

  constructor(
    readonly options: LocalKafkaOptions,
    readonly java: string,
    readonly jars: string,
    readonly address: BrokerAddress,
  ) {
    this.directory = options.directory;
    this.#dataDirectory = join(options.directory, 'data');
    this.brokers = [`127.0.0.1:${address.port}`];
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Formats under another name, so that `data` exists only when formatting has come to its end. */
  async format(): Promise<void> {
    const formatted = await access(this.#dataDirectory).then(
      () => true,
      () => false,
    );
    await writeFile(this.#file('log4j2.properties'), loggingProperties);
    if (formatted) return;
    const temporary = `${this.#dataDirectory}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    const configuration = this.#file('format.properties');
    await writeFile(configuration, this.#properties(temporary));
    await runTool({
      name: 'kafka.tools.StorageTool',
      command: this.java,
      arguments: [
        ...this.#javaArguments('kafka.tools.StorageTool', ['-Xmx128m']),
        ...['format', '--config', configuration, '--cluster-id', newClusterId()],
        ...(this.options.formatArguments ?? []),
      ],
      deadlineMs: formatDeadlineMs,
      signal: this.options.signal,
    });
    await rename(temporary, this.#dataDirectory);
  }

  async start(signal?: AbortSignal): Promise<void> {
    const configuration = this.#file('server.properties');
    await writeFile(configuration, this.#properties(this.#dataDirectory));
    const { log } = this.options;
    const child = await ChildProcess.start({
      name: 'Kafka',
      command: this.java,
      arguments: [...this.#javaArguments('kafka.Kafka', brokerHeap(this.options.heapMb)), configuration],
      ...(log === undefined ? {} : { log }),
    });
    this.#child = child;
    this.#ready = false;
    try {
      const check = (): Promise<boolean> => probeBroker(this.address.port, probeTimeoutMs);
      await untilReady(child, { name: 'Kafka', deadlineMs: readyDeadlineMs, signal, check });
    } catch (error) {
      await child.kill();
      throw error;
    }
    this.#endAsked = false;
    this.#ready = true;
    void this.#watch(child);
  }

  async #watch(child: ChildProcess): Promise<void> {
    await child.exited;
    if (!this.#endAsked) this.options.onCrash?.();
  }

  async stop(): Promise<void> {
    this.#endAsked = true;
    // A broker that is still starting has nothing to flush, and it heeds SIGTERM only when it has started.
    await this.#child?.stop(this.#ready ? 'SIGTERM' : 'SIGKILL', stopGraceMs);
  }

  async kill(): Promise<void> {
    this.#endAsked = true;
    await this.#child?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await requireFree(this.address.port);
    await this.start();
  }

  /** A signal takes a while to reach every thread of a busy machine, and what is answered until then still is. */
  async suspend(): Promise<void> {
    this.#child?.signal('SIGSTOP');
    for (let tries = 0; tries < suspendTriesMax; tries += 1) {
      if (!(await probeBroker(this.address.port, suspendProbeMs))) return;
    }
    throw unreachable('NOT_SUSPENDED', 'Kafka still answers although it was told to stop.');
  }

  resume(): void {
    this.#child?.signal('SIGCONT');
  }

  #file(name: string): string {
    return join(this.directory, name);
  }

  #properties(dataDirectory: string): string {
    const { properties = {}, secured } = this.options;
    return serverProperties({ ...this.address, secured }, dataDirectory, properties);
  }

  /**
   * Both compiler tiers: the first alone starts no sooner and takes half as much CPU again, 12.9 against 8 to 11 ms for a
   * session that comes alone (`npm run bench`).
   */
  #javaArguments(mainClass: string, heap: readonly string[]): string[] {
    return [
      ...heap,
      ...collector,
      ...compiler,
      '-Xshare:auto',
      ...['-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${this.#file('log4j2.properties')}`],
      ...['-cp', join(this.jars, '*'), mainClass],
    ];
  }
}

/**
 * Whoever waits for the broker waits for its collector, too: 17 to 25 ms with two threads that copy what is new twice at most,
 * 30 to 60 ms with one thread that copies it up to fifteen times (`neighbour-poison`, `-Xlog:gc`).
 */
const collector = [
  '-XX:+UseParallelGC',
  '-XX:ParallelGCThreads=2',
  '-XX:-UseAdaptiveSizePolicy',
  '-XX:MaxTenuringThreshold=2',
];

/**
 * The compiler has work for minutes and takes a core whenever it gets one, so it stands behind everybody else: a nice value, for
 * which the first setting is the condition, and for which nobody needs the permission that Java warns of.
 */
const compiler = ['-XX:ThreadPriorityPolicy=1', '-XX:CompilerThreadPriority=10', '-XX:-PrintWarnings'];

/** Of the heap, for what a broker keeps: 60 to 80 MB. */
const lastingMb = 128;

/**
 * All the rest is for what is new: at 40 sessions a second beside a storm it is collected every 13 s with 512 MB of heap, every
 * 40 s with 1,024; the first two pauses of that, within a minute of its start under load, take 60 to 80 ms. The heap is whole
 * from the start, because its old part grows by a full collection.
 */
function brokerHeap(heapMb = 1_024): string[] {
  return [`-Xms${heapMb}m`, `-Xmx${heapMb}m`, `-Xmn${heapMb - lastingMb}m`];
}

/** Without its top bit, so that it never begins with a dash: the tool would take it for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f;
  return bytes.toString('base64url');
}

async function requireFree(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw conflict('PORT_TAKEN', `Port ${port} for Kafka is taken by another process.`, {
    details: { port: String(port), part: 'kafka' },
  });
}
