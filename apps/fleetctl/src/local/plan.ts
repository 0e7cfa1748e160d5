/**
 * Which processes a fleet on one machine consists of, and what each is told by its environment. Pure: ports, keys and
 * addresses are chosen elsewhere, so that a plan can be read, compared and tested.
 */
import { defaultToolClasses } from '@toolfleet/contracts';

export interface Shape {
  readonly name: string;
  /** The folder under apps/ whose `dist/main.js` runs. */
  readonly app: string;
  readonly roles: readonly string[];
}

export interface ProcessPlan extends Shape {
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly httpPort: number;
}

/** Addresses and secrets that every process shares. */
export interface FleetFacts {
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly catalogDirectory: string;
  readonly receiptKey: string;
  readonly modelUrl?: string | undefined;
  /** Public ports: the gateway's. */
  readonly httpPort: number;
  readonly grpcPort: number;
}

/**
 * Two processes by default: one per role costs 1.5 times the CPU on 2 cores. The orchestrator is on its own because it
 * alone holds sessions and talks to models; everything else shares one event loop well.
 */
export function shapesOf(split: boolean): Shape[] {
  const executors = defaultToolClasses.map((toolClass) => `executor:${toolClass}`);
  if (!split) {
    return [
      { name: 'services', app: 'fleet', roles: ['gateway', 'policy', 'router', ...executors] },
      { name: 'orchestrator', app: 'fleet', roles: ['orchestrator'] },
    ];
  }
  return ['gateway', 'policy', 'router', 'orchestrator', ...executors].map((role) => ({
    name: role.replace(':', '-'),
    app: role.replace(/:.*/, ''),
    roles: [role],
  }));
}

/** `portOf` gives a port for the process and purpose named; the gateway's own are the public ones of `facts`. */
export function planFleet(
  facts: FleetFacts,
  split: boolean,
  portOf: (process: string, purpose: 'http' | 'grpc') => number,
): ProcessPlan[] {
  const shapes = shapesOf(split);
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
    TOOLFLEET_POLICY_ADDRESS: grpcAddressOf('policy'),
    TOOLFLEET_ROUTER_ADDRESS: grpcAddressOf('router'),
    TOOLFLEET_CATALOG_DIR: facts.catalogDirectory,
    ...(facts.modelUrl === undefined ? {} : { TOOLFLEET_MODEL_BASE_URL: facts.modelUrl }),
  };
  return shapes.map((shape) => {
    const toolClass = shape.roles[0]?.split(':')[1];
    const httpPort = isPublic(shape) ? facts.httpPort : portOf(shape.name, 'http');
    return {
      name: shape.name,
      roles: shape.roles,
      app: shape.app,
      arguments: split ? [] : ['--roles', shape.roles.join(',')],
      env: {
        ...shared,
        TOOLFLEET_HTTP_PORT: String(httpPort),
        TOOLFLEET_GRPC_PORT: String(grpcPortOf(shape)),
        ...(split && toolClass !== undefined ? { TOOL_CLASS: toolClass } : {}),
      },
      httpPort,
    };
  });
}
