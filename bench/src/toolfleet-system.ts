/** Our fleet as one of the systems measured: started on this machine, its load on the public topics. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startFleet, type RunningFleet } from '@toolfleet/fleetctl/local';
import { BenchBus } from './bench-bus.js';
import { InFlight } from './in-flight.js';
import { Load } from './load.js';
import type { RunningSystem, StartContext, Way } from './systems.js';

const layouts = { default: 'default', one: 1, pair: 2, split: 'split' } as const satisfies Record<Way, unknown>;

export interface FleetChoices {
  readonly catalogDirectory: string;
  readonly profileDirectory?: string | undefined;
  /** Settings besides. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a pressure scenario needs of it besides. */
export interface ToolfleetSystem extends RunningSystem {
  readonly fleet: RunningFleet;
  readonly bus: BenchBus;
  readonly flights: InFlight;
}

export async function startToolfleet(way: Way, choices: FleetChoices, context: StartContext): Promise<ToolfleetSystem> {
  const { directory, modelUrl, signal, log, undo } = context;
  const fleet = await startFleet({
    ...{ directory, modelUrl, log, signal },
    layout: layouts[way],
    catalogDirectory: choices.catalogDirectory,
    env: await environmentOf(way, choices, context),
  });
  undo(() => fleet.stop());
  const authorization = (tenant: string): Promise<string> => fleet.issuer.authorization(tenant);
  const bus = new BenchBus(fleet.brokers, authorization, (text) => log({ source: 'bench', text }));
  undo(() => bus.close());
  const flights = await InFlight.open(bus);
  const load = new Load(flights, await bus.starters());
  undo(async () => load.close());
  const name = way === 'default' ? 'toolfleet' : (`toolfleet-${way}` as const);
  return { name, load, processes: () => fleet.processes(), fleet, bus, flights };
}

async function environmentOf(
  way: Way,
  { profileDirectory, env: more }: FleetChoices,
  { toolsUrl }: StartContext,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    TOOLFLEET_TOOLS_URL: toolsUrl,
    TOOLFLEET_MODEL_API_KEY: process.env['TOOLFLEET_MODEL_API_KEY'] ?? 'none-needed',
    ...more,
  };
  if (profileDirectory === undefined) return env;
  const directory = join(profileDirectory, way);
  await mkdir(directory, { recursive: true });
  return { ...env, NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --cpu-prof --cpu-prof-dir=${directory}`.trim() };
}
