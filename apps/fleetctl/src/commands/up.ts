/** `fleetctl up`: runs a whole fleet on this machine in the foreground, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { InvalidArgumentError, Option, type Command } from 'commander';
import pc from 'picocolors';
import { invalid, isFault } from '@toolfleet/kernel';
import {
  findRunningFleet,
  formatLogLine,
  processesMax,
  startFleet,
  type LogLine,
  type RunningFleet,
} from '../local/index.js';

interface UpFlags {
  readonly split?: boolean;
  readonly processes?: number;
  readonly catalog: string;
  readonly modelUrl?: string;
  readonly state: string;
  readonly port?: number;
  readonly grpcPort?: number;
  readonly kafkaPort?: number;
  readonly postgresPort?: number;
  readonly json?: boolean;
}

type Print = (event: string, facts: Readonly<Record<string, unknown>>, text: string) => void;

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('start Kafka, PostgreSQL and every service on this machine, and keep them running')
    .addOption(new Option('--split', 'one process per service, only the bus between them').conflicts('processes'))
    .option(
      '--processes <number>',
      'so many processes of all roles (default: executors in one, the rest in another)',
      processesOf,
    )
    .option('--catalog <dir>', 'the catalogue: tools, tenants, policies', 'examples/retail/catalog')
    .option('--model-url <url>', 'an OpenAI-compatible endpoint (default: TOOLFLEET_MODEL_BASE_URL)')
    .option('--state <dir>', 'where data and keys are kept', '.toolfleet')
    .option('--port <number>', 'HTTP port of the gateway; 0 is any free one (default: 8080 if free)', portOf)
    .option('--grpc-port <number>', 'gRPC port of the gateway (default: 9090 if free)', portOf)
    .option('--kafka-port <number>', 'port of Kafka (default: 9092 if free)', portOf)
    .option('--postgres-port <number>', 'port of PostgreSQL (default: 5432 if free)', portOf)
    .option('--json', 'one JSON object per line')
    .action(up);
}

async function up(flags: UpFlags): Promise<void> {
  const print = printer(flags.json === true);
  const asked = new AbortController();
  const release = onEndSignal((signal) => {
    print('stopping', { signal }, `Got ${signal}: stopping. Once more ends everything at once.`);
    asked.abort(invalid('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  const beganAtMs = Date.now();
  try {
    const fleet = await startFleet({ ...optionsOf(flags, print), signal: asked.signal });
    announce(fleet, Date.now() - beganAtMs, print);
    if (!asked.signal.aborted) await once(asked.signal, 'abort');
    await fleet.stop();
    print('stopped', {}, 'Stopped; no process is left.');
  } catch (error) {
    if (asked.signal.aborted) return print('stopped', {}, 'Stopped before everything was up; no process is left.');
    if (!isFault(error) || error.reason !== 'FLEET_RUNNING') throw error;
    await announceOther(flags.state, error.message, print);
  } finally {
    release();
  }
}

function optionsOf(flags: UpFlags, print: Print): Parameters<typeof startFleet>[0] {
  const { port, grpcPort, kafkaPort, postgresPort } = flags;
  return {
    directory: flags.state,
    layout: flags.split ? 'split' : flags.processes,
    catalogDirectory: flags.catalog,
    modelUrl: flags.modelUrl,
    ports: {
      ...(port === undefined ? {} : { http: port }),
      ...(grpcPort === undefined ? {} : { grpc: grpcPort }),
      ...(kafkaPort === undefined ? {} : { kafka: kafkaPort }),
      ...(postgresPort === undefined ? {} : { postgres: postgresPort }),
    },
    log: (line) => print('log', { ...line }, line.text),
  };
}

function announce(fleet: RunningFleet, startMs: number, print: Print): void {
  const { gatewayUrl, grpcAddress, brokers, databaseUrl } = fleet;
  const processes = fleet.processes();
  const text = [
    `Up after ${(startMs / 1000).toFixed(1)} s, ${processes.length} processes. Ctrl-C stops them all.`,
    `  HTTP      ${gatewayUrl}`,
    `  gRPC      ${grpcAddress}`,
    `  Kafka     ${brokers.join(', ')}`,
    `  Postgres  ${withoutPassword(databaseUrl)}`,
  ].join('\n');
  print('ready', { gatewayUrl, grpcAddress, brokers, databaseUrl, processes, startMs }, text);
}

/** A second `up` on the same state is no failure: what was asked for is there. */
async function announceOther(directory: string, message: string, print: Print): Promise<void> {
  const running = await findRunningFleet(directory);
  const { pid } = running?.owner ?? {};
  const { gatewayUrl, grpcAddress, brokers, databaseUrl } = running?.addresses ?? {};
  const where =
    gatewayUrl === undefined
      ? ''
      : `\n  HTTP      ${gatewayUrl}\n  gRPC      ${grpcAddress}\n  Kafka     ${brokers?.join(', ')}`;
  print('alreadyRunning', { pid, gatewayUrl, grpcAddress, brokers, databaseUrl }, `${message}${where}`);
}

function printer(json: boolean): Print {
  if (json) return (event, facts) => process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
  return (_event, facts, text) => {
    const source = typeof facts['source'] === 'string' ? facts['source'] : 'fleet';
    for (const line of text.split('\n')) {
      const logLine: LogLine = { source, text: line };
      process.stdout.write(`${formatLogLine(logLine, pc.isColorSupported)}\n`);
    }
  };
}

/** The first signal asks; the second ends this process at once, and the children's sentinels end the rest. */
function onEndSignal(ask: (signal: string) => void): () => void {
  let asked = false;
  const listener = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    ask(signal);
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

const processesOf = (text: string): number => wholeNumber(text, 'Processes are', 1, processesMax);
const portOf = (text: string): number => wholeNumber(text, 'A port is', 0, 65_535);

function wholeNumber(text: string, subject: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`${subject} a whole number from ${min} to ${max}.`);
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
