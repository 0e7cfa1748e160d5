/**
 * The supervisor behind `fleetctl up`: a whole fleet on this machine. Once `stop` has resolved, or once this process has
 * died in whatever way, none of the fleet's processes is left.
 */
import { access, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chainOf, limits, missing } from '@toolfleet/kernel';
import { readSettings } from '@toolfleet/platform/config';
import type { LocalIssuer } from '@toolfleet/platform/identity';
import { migrate } from '@toolfleet/platform/postgres';
import { freePort, type LocalKafka, type LocalPostgres } from '@toolfleet/local';
import { busSettings, setUpTopics, type BusSettings } from '../setup.js';
import { FleetState, type FleetAddresses } from './fleet-state.js';
import type { LogLine } from './log-line.js';
import { startParts, type Parts, type Preparation } from './parts.js';
import { planFleet, shapesOf, socketOf, type FleetFacts, type Layout, type ProcessPlan, type Shape } from './plan.js';
import { choosePort, type FleetPorts } from './ports.js';
import { RoleProcesses } from './role-processes.js';

export interface FleetOptions {
  /** State: data, keys, claim. Default `.toolfleet`. */
  readonly directory?: string | undefined;
  /** Numbers up to `processesMax`. */
  readonly layout?: Layout | undefined;
  readonly catalogDirectory: string;
  /** An OpenAI-compatible endpoint; default: TOOLFLEET_MODEL_BASE_URL. */
  readonly modelUrl?: string | undefined;
  readonly ports?: FleetPorts | undefined;
  /** A Kafka to use instead of starting one; default: TOOLFLEET_KAFKA_BROKERS. */
  readonly brokers?: readonly string[] | undefined;
  /** A PostgreSQL to use instead of starting one; default: TOOLFLEET_DATABASE_URL. */
  readonly databaseUrl?: string | undefined;
  /** Goes to every role, over everything else. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Before any role starts; default: the topics of the topic table and the tables of the migrations. */
  readonly prepare?: Preparation | undefined;
  /** Where an app's program is; default: its `dist/main.js`. */
  readonly programOf?: ((app: string) => string) | undefined;
  readonly log: (line: LogLine) => void;
  /** Ends the start, and later the fleet. */
  readonly signal?: AbortSignal | undefined;
}

export interface FleetProcess {
  readonly name: string;
  /** Empty for Kafka and PostgreSQL. */
  readonly roles: readonly string[];
  readonly pid: number;
  /** Absent for Kafka and PostgreSQL. */
  readonly metricsUrl?: string;
}

export interface RunningFleet extends FleetAddresses {
  /** Present when the fleet started its own. */
  readonly kafka: LocalKafka | undefined;
  readonly postgres: LocalPostgres | undefined;
  /** Makes tokens for callers of this fleet. */
  readonly issuer: LocalIssuer;
  /** Every living process of the fleet, its own Kafka and PostgreSQL included. */
  processes(): FleetProcess[];
  /** SIGKILL of the role process, `kafka` or `postgres`; the supervisor starts it again at once. */
  kill(name: string): Promise<void>;
  /** Resolves when every role answers that it is ready. */
  untilReady(options: { readonly withinMs: number }): Promise<void>;
  /** Roles first, so that they can drain, then PostgreSQL and Kafka. Calling it again gives the same promise. */
  stop(): Promise<void>;
}

/** Resolves when every role is ready; when it rejects, nothing is left running. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const programOf = options.programOf ?? builtProgramOf;
  const settings = readSettings(busSettings, { ...process.env, ...options.env }, noFiles);
  const layout = options.layout ?? 'default';
  const shapes = shapesOf(layout, settings.toolClasses);
  await requireFolders(shapes, programOf, options.catalogDirectory);
  const state = await FleetState.claim(resolve(options.directory ?? '.toolfleet'));
  options.log({ source: 'fleet', text: `Starting; data and keys are in ${state.directory}` });
  const undo = new UndoList();
  undo.add(() => state.release());
  try {
    const ports = options.ports ?? {};
    const parts = await startParts({
      directory: state.directory,
      ...outsideParts(options),
      ports,
      prepare: options.prepare ?? preparationFor(settings),
      log: options.log,
      signal,
    });
    undo.add(() => parts.stop());
    const issuer = await state.issuer();
    const keys = await keysOf(state, issuer);
    const haveSockets = layout !== 'split' && shapes.length > 1;
    const socketDirectory = haveSockets ? await socketDirectoryFor(shapes, state, options.log) : undefined;
    const { plans, addresses } = await planOn(parts, options, { shapes, keys, socketDirectory });
    const roles = new RoleProcesses({
      plans,
      programOf,
      env: options.env ?? {},
      log: options.log,
      onChange: () => record(),
    });
    undo.add(() => roles.stop());
    let reachable: FleetAddresses | undefined;
    // A claim that cannot be written only costs the next start its clean-up list.
    const record = (): void => void state.update(pidsOf(parts, roles), reachable).catch(() => undefined);
    await roles.start(signal);
    reachable = addresses;
    record();
    const fleet = new LocalFleet(parts, roles, addresses, issuer, undo);
    const stop = (): Promise<void> =>
      fleet.stop().catch((error: unknown) => options.log({ source: 'fleet', text: chainOf(error).join(' <- ') }));
    signal.addEventListener('abort', () => void stop(), { once: true });
    return fleet;
  } catch (error) {
    await undo.run();
    throw signal.aborted ? signal.reason : error;
  }
}

class LocalFleet implements RunningFleet {
  readonly gatewayUrl: string;
  readonly grpcAddress: string;
  readonly routerAddress: string;
  readonly policyAddress: string;
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly kafka: LocalKafka | undefined;
  readonly postgres: LocalPostgres | undefined;

  constructor(
    parts: Parts,
    readonly roles: RoleProcesses,
    addresses: FleetAddresses,
    readonly issuer: LocalIssuer,
    readonly undo: UndoList,
  ) {
    this.gatewayUrl = addresses.gatewayUrl;
    this.grpcAddress = addresses.grpcAddress;
    this.routerAddress = addresses.routerAddress;
    this.policyAddress = addresses.policyAddress;
    this.brokers = addresses.brokers;
    this.databaseUrl = addresses.databaseUrl;
    this.kafka = parts.kafka;
    this.postgres = parts.postgres;
  }

  processes(): FleetProcess[] {
    const own = { kafka: this.kafka, postgres: this.postgres };
    const parts = Object.entries(own).flatMap(([name, part]) =>
      part === undefined ? [] : [{ name, roles: [], pid: part.pid }],
    );
    const roles = this.roles.running().map(({ plan, pid }) => ({
      name: plan.name,
      roles: plan.roles,
      pid,
      metricsUrl: `http://127.0.0.1:${plan.httpPort}/metrics`,
    }));
    return [...parts, ...roles];
  }

  async kill(name: string): Promise<void> {
    const part = name === 'kafka' ? this.kafka : name === 'postgres' ? this.postgres : undefined;
    if (part === undefined) return this.roles.kill(name);
    // Not the part's own `kill`, which would count as asked for and leave it dead.
    process.kill(part.pid, 'SIGKILL');
  }

  untilReady(options: { readonly withinMs: number }): Promise<void> {
    return this.roles.untilReady(options.withinMs);
  }

  stop(): Promise<void> {
    return this.undo.run();
  }
}

/** What has been started, undone in reverse order, once, and to the end even when a step fails. */
class UndoList {
  readonly #steps: (() => Promise<void>)[] = [];
  #done: Promise<void> | undefined;

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  run(): Promise<void> {
    this.#done ??= this.#undo();
    return this.#done;
  }

  async #undo(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.toReversed()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

type FleetKeys = Pick<
  FleetFacts,
  'receiptKey' | 'subjectTokenKey' | 'identityIssuers' | 'auditSigningKey' | 'auditSubjectKey'
>;

const keysOf = async (state: FleetState, { setting }: LocalIssuer): Promise<FleetKeys> => ({
  receiptKey: await state.receiptKey(),
  subjectTokenKey: await state.subjectTokenKey(),
  identityIssuers: setting,
  auditSigningKey: await state.auditSigningKey(),
  auditSubjectKey: await state.auditSubjectKey(),
});

/** Its owner's alone, see `Neighbours`. */
async function socketDirectoryFor(
  shapes: readonly Shape[],
  { directory: stateDirectory }: FleetState,
  log: FleetOptions['log'],
): Promise<string | undefined> {
  const directory = join(stateDirectory, 'sockets');
  if (shapes.some((shape) => socketOf(directory, shape).length > limits.socketPathCharsMax)) {
    log({ source: 'fleet', text: `${stateDirectory} is too long for sockets: everything goes over the bus.` });
    return undefined;
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Parts the caller brings: by option first, then by environment. */
function outsideParts(options: FleetOptions): {
  brokers: readonly string[] | undefined;
  databaseUrl: string | undefined;
} {
  const brokers = process.env['TOOLFLEET_KAFKA_BROKERS'] || undefined;
  return {
    brokers: options.brokers ?? brokers?.split(',').map((broker) => broker.trim()),
    databaseUrl: options.databaseUrl ?? (process.env['TOOLFLEET_DATABASE_URL'] || undefined),
  };
}

/** None of these settings is a secret, so none comes from a file. */
function noFiles(path: string): string {
  throw missing('FILE_NOT_READ', `${path} is not read here.`);
}

function preparationFor(settings: BusSettings): Preparation {
  return {
    topics: async (brokers) => void (await setUpTopics(brokers, settings)),
    database: async (databaseUrl) => void (await migrate(databaseUrl)),
  };
}

interface PlanChoices extends Pick<FleetFacts, 'socketDirectory'> {
  readonly shapes: readonly Shape[];
  readonly keys: FleetKeys;
}

async function planOn(
  parts: Parts,
  options: FleetOptions,
  { shapes, keys, socketDirectory }: PlanChoices,
): Promise<{ plans: ProcessPlan[]; addresses: FleetAddresses }> {
  const ports = options.ports ?? {};
  const [httpPort, grpcPort] = await Promise.all([
    choosePort('http', ports, options.log),
    choosePort('grpc', ports, options.log),
  ]);
  const inner = await Promise.all(
    shapes.map(async ({ name }) => [name, { http: await freePort(), grpc: await freePort() }] as const),
  );
  const innerPorts = new Map(inner);
  const { brokers, databaseUrl } = parts;
  const catalogDirectory = resolve(options.catalogDirectory);
  const machine = hostname();
  const { modelUrl } = options;
  const facts = {
    brokers,
    databaseUrl,
    ...keys,
    catalogDirectory,
    modelUrl,
    machine,
    httpPort,
    grpcPort,
    socketDirectory,
  };
  const plans = planFleet(facts, shapes, (process, purpose) => innerPorts.get(process)?.[purpose] ?? 0);
  const grpcOf = (role: string): string => {
    const port = plans.find(({ roles }) => roles.includes(role))?.env['TOOLFLEET_GRPC_PORT'] ?? grpcPort;
    return `127.0.0.1:${port}`;
  };
  const addresses = {
    brokers,
    databaseUrl,
    gatewayUrl: `http://127.0.0.1:${httpPort}`,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    routerAddress: grpcOf('router'),
    policyAddress: grpcOf('policy'),
  };
  return { plans, addresses };
}

function builtProgramOf(app: string): string {
  return fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
}

/** Looked at first: Kafka takes seconds to start, and a forgotten build should not. */
async function requireFolders(
  shapes: readonly Shape[],
  programOf: (app: string) => string,
  catalogDirectory: string,
): Promise<void> {
  for (const program of new Set(shapes.map(({ app }) => programOf(app)))) {
    await access(program).catch((cause: unknown) => {
      throw missing('NOT_BUILT', `There is no program at ${program}.`, { hint: 'Run `npm run build`.', cause });
    });
  }
  await access(catalogDirectory).catch((cause: unknown) => {
    throw missing('CATALOG_MISSING', `There is no catalogue at ${resolve(catalogDirectory)}.`, {
      hint: 'Name a folder of catalogue manifests with `--catalog DIR`.',
      cause,
    });
  });
}

function pidsOf(parts: Parts, roles: RoleProcesses): number[] {
  const own = [parts.kafka?.pid, parts.postgres?.pid].filter((pid) => pid !== undefined);
  return [...own, ...roles.running().map(({ pid }) => pid)];
}
