/**
 * Which processes a fleet on one machine consists of, and what each is told by its environment. Pure: ports, keys and
 * addresses are chosen elsewhere, so that a plan can be read, compared and tested.
 */
import { join } from 'node:path';
import { asClientId } from '@toolfleet/platform/kafka';

export interface Shape {
  readonly name: string;
  /** The folder under apps/ whose `dist/main.js` runs. */
  readonly app: string;
  readonly roles: readonly string[];
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessPlan extends Shape {
  readonly httpPort: number;
}

/** Addresses and secrets that every process shares. */
export interface FleetFacts {
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly catalogDirectory: string;
  readonly receiptKey: string;
  readonly subjectTokenKey: string;
  readonly auditSigningKey: string;
  readonly auditSubjectKey: string;
  /** Whose tokens count, as TOOLFLEET_IDENTITY_ISSUERS says it. */
  readonly identityIssuers: string;
  readonly modelUrl?: string | undefined;
  /** Where the processes of this fleet meet; absent: only the bus is between them. */
  readonly socketDirectory?: string | undefined;
  /** Names this machine among those whose fleets may share a Kafka. */
  readonly machine: string;
  /** Public ports: the gateway's. */
  readonly httpPort: number;
  readonly grpcPort: number;
}

/**
 * How Node runs every service, here and in the image. One helper thread for V8 instead of four: those mark the heap beside a
 * process that has a core at most, and while they do it everything else waits. A quiet tenant's p99 is 52 to 64 ms with one
 * and 92 to 105 ms with four (`npm run bench -- --scenarios neighbour-storm`).
 *
 * The heap is collected whole when it has to be: it may grow to five times what lives in it, buffers outside it count as part of
 * it, and a process that does little is not tidied up for that reason. By itself V8 lets such a process grow by 8 MB, collects it
 * whole for every 64 MB of buffers, and once more some seconds after it has. At 40 sessions a second beside a storm the services
 * then did so every 8 s, each time 0.3 s at half speed, and took an eighth more of the CPU; with these three not once in four
 * minutes, and the quiet tenant's p99 was 1.1 to 1.2 instead of 1.8 times its p99 alone (`neighbour-poison`, collections told by a
 * `PerformanceObserver`). At 800 sessions a second the services keep 1,000 MB and are collected every 25 s; with room for three
 * times what lives it is 760 MB, and every 10 s. In a container of 512 MiB V8 gives the heap 270 MB with either.
 */
export const nodeArguments = [
  '--enable-source-maps',
  '--v8-pool-size=1',
  '--heap-growing-percent=400',
  '--external-memory-accounted-in-global-limit',
  '--no-memory-reducer',
] as const;

/** Most processes of all roles on one machine. */
export const processesMax = 16;

/**
 * `default`: the executors, which speak to tools, in a process of their own, and the rest of the fleet in another; what goes
 * from one to the other is handed over past the bus. `split`: one process per service, with nothing but the bus between them. A
 * number: so many processes of all roles, of which only the first has the gateway, whose ports are the public ones.
 */
export type Layout = 'default' | 'split' | number;

export function shapesOf(layout: Layout, toolClasses: readonly string[]): Shape[] {
  const executors = toolClasses.map((toolClass) => `executor:${toolClass}`);
  const inner = ['policy', 'router', 'orchestrator'];
  const all = ['gateway', ...inner, ...executors];
  if (layout === 'split') return all.map(alone);
  if (layout === 'default') return [hosted('services', ['gateway', ...inner]), hosted('executors', executors)];
  if (layout === 1) return [hosted('services', all)];
  return Array.from({ length: layout }, (_, index) =>
    hosted(`services-${index + 1}`, index === 0 ? all : [...inner, ...executors]),
  );
}

/** Several roles, or one, in the host of `apps/fleet`. */
function hosted(name: string, roles: readonly string[]): Shape {
  return { name, app: 'fleet', roles, arguments: ['--roles', roles.join(',')], env: {} };
}

/** One role as its own app; there is one executor program, and its class comes by environment. */
function alone(role: string): Shape {
  const [app = role, toolClass] = role.split(':');
  const env: Record<string, string> = toolClass === undefined ? {} : { TOOL_CLASS: toolClass };
  return { name: role.replace(':', '-'), app, roles: [role], arguments: [], env };
}

/** Long enough for the calls and model turns under way on a laptop; Ctrl-C should not feel stuck. */
const drainMs = 10_000;

/** `portOf` gives a port for the process and purpose named; the gateway's own are the public ones of `facts`. */
export function planFleet(
  facts: FleetFacts,
  shapes: readonly Shape[],
  portOf: (process: string, purpose: 'http' | 'grpc') => number,
): ProcessPlan[] {
  const isPublic = (shape: Shape): boolean => shape.roles.includes('gateway');
  const grpcPortOf = (shape: Shape): number => (isPublic(shape) ? facts.grpcPort : portOf(shape.name, 'grpc'));
  const grpcAddressOf = (role: string): string => {
    const shape = shapes.find(({ roles }) => roles.includes(role));
    return shape === undefined ? '' : `127.0.0.1:${grpcPortOf(shape)}`;
  };
  const shared: Record<string, string> = {
    TOOLFLEET_KAFKA_BROKERS: facts.brokers.join(','),
    TOOLFLEET_DATABASE_URL: facts.databaseUrl,
    TOOLFLEET_RECEIPT_KEY: facts.receiptKey,
    TOOLFLEET_AUDIT_SIGNING_KEY: facts.auditSigningKey,
    TOOLFLEET_AUDIT_SUBJECT_KEY: facts.auditSubjectKey,
    TOOLFLEET_SUBJECT_TOKEN_KEY: facts.subjectTokenKey,
    TOOLFLEET_POLICY_ADDRESS: grpcAddressOf('policy'),
    TOOLFLEET_CATALOG_DIR: facts.catalogDirectory,
    TOOLFLEET_IDENTITY_ISSUERS: facts.identityIssuers,
    TOOLFLEET_HOST: '127.0.0.1',
    TOOLFLEET_DRAIN_MS: String(drainMs),
    ...(facts.modelUrl === undefined ? {} : { TOOLFLEET_MODEL_BASE_URL: facts.modelUrl }),
  };
  return shapes.map((shape, index) => {
    const httpPort = isPublic(shape) ? facts.httpPort : portOf(shape.name, 'http');
    const ports = { TOOLFLEET_HTTP_PORT: String(httpPort), TOOLFLEET_GRPC_PORT: String(grpcPortOf(shape)) };
    const replica = asClientId(`${facts.machine}.${shape.name}`).slice(-100);
    const links = linksOf(facts.socketDirectory, shape, shapes.slice(0, index));
    return { ...shape, env: { ...shared, TOOLFLEET_REPLICA: replica, ...links, ...shape.env, ...ports }, httpPort };
  });
}

/** Each names those before it: every two of them have one connection. */
function linksOf(directory: string | undefined, own: Shape, before: readonly Shape[]): Record<string, string> {
  if (directory === undefined) return {};
  const neighbours = before.map((shape) => socketOf(directory, shape)).join(',');
  return { TOOLFLEET_NEIGHBOUR_SOCKET: socketOf(directory, own), TOOLFLEET_NEIGHBOURS: neighbours };
}

/** Where others of the fleet meet this process. */
export const socketOf = (directory: string, { name }: Shape): string => join(directory, `${name}.sock`);
