/**
 * All that the demo runs on, on this machine: a model that replays the recorded conversations, the fleet on a real Kafka
 * and Postgres, and the shop on the fleet's Postgres. Closing undoes it in the reverse order, also after half a start.
 */
import { fileURLToPath } from 'node:url';
import { chainOf } from '@toolfleet/kernel';
import { startFleet, type LogLine, type PolicyService, type RunningFleet } from '@toolfleet/fleetctl/local';
import { freePort } from '@toolfleet/local';
import { startReplayModel } from '@toolfleet/platform/model-replay';
import { conversationsFile } from '../conversations-file.js';
import { packageDirectory } from '../data.js';
import { ShopClient } from '../shop/client.js';
import { startShop } from '../shop/start.js';
import type { FleetProcesses, SessionBus } from './fleet.js';
import { demoTenant } from './run-demo.js';
import { KafkaBus } from './kafka-bus.js';
import { ReturnsDesk } from './returns-desk.js';

export interface StageOptions {
  readonly split: boolean;
  readonly log: (line: LogLine) => void;
  readonly signal: AbortSignal;
}

export interface Stage {
  readonly bus: SessionBus;
  readonly fleet: FleetProcesses;
  readonly shop: ShopClient;
  readonly returnsDesk: Pick<ReturnsDesk, 'approved'>;
  /** The policy service, as whoever may read the audit calls it. */
  readonly auditor: () => Promise<PolicyService>;
  /** How many processes run, Kafka and Postgres included. */
  readonly processCount: number;
  close(): Promise<void>;
}

/** Beside what `fleetctl up` uses, so that both can run at the same time. */
const stateDirectory = fileURLToPath(new URL('../../.toolfleet/demo', packageDirectory));
const catalogDirectory = fileURLToPath(new URL('catalog', packageDirectory));

export async function openStage(options: StageOptions): Promise<Stage> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      // A part that does not stop must not keep the others running.
      // oxlint-disable-next-line no-await-in-loop
      await step().catch((error: unknown) => options.log({ source: 'demo', text: chainOf(error).join(' <- ') }));
    }
  };
  try {
    const model = await startReplayModel({ conversationFiles: [fileURLToPath(conversationsFile)] });
    undo.push(() => model.close());
    // The services are told where the shop is before the database it needs is up: so its port is chosen first.
    const shopPort = await freePort();
    const fleet = await startFleet({
      directory: stateDirectory,
      layout: options.split ? 'split' : 'default',
      catalogDirectory,
      modelUrl: model.url,
      env: {
        TOOLFLEET_CATALOG_VARIABLES: 'RETAIL_SHOP_URL',
        RETAIL_SHOP_URL: `http://127.0.0.1:${shopPort}`,
        TOOLFLEET_MODEL_API_KEY: 'none-needed',
      },
      log: options.log,
      signal: options.signal,
    });
    undo.push(() => fleet.stop());
    const onError = (error: unknown): void => options.log({ source: 'shop', text: chainOf(error).join(' <- ') });
    const shop = await startShop({ databaseUrl: fleet.databaseUrl, port: shopPort, onError });
    undo.push(() => shop.close());
    const shared = { brokers: fleet.brokers, log: (text: string) => options.log({ source: 'demo', text }) };
    const { issuer } = fleet;
    const bus = new KafkaBus({ ...shared, authorization: (tenant) => issuer.authorization(tenant) });
    undo.push(() => bus.close());
    const returnsDesk = new ReturnsDesk({
      ...shared,
      authorization: (tenant, person) => issuer.authorization(tenant, person),
    });
    undo.push(() => returnsDesk.close());
    await returnsDesk.open();
    const processCount = fleet.processes().length;
    const auditor = async (): Promise<PolicyService> => ({
      address: fleet.policyAddress,
      authorization: await issuer.authorization(demoTenant, { scopes: ['audit:read'] }),
    });
    const shopClient = new ShopClient(shop.url);
    return { bus, fleet: servicesOf(fleet), shop: shopClient, auditor, returnsDesk, processCount, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The services, not Kafka and Postgres: those come back too, but not every two seconds. */
function servicesOf(fleet: RunningFleet): FleetProcesses {
  return {
    processes: () =>
      fleet
        .processes()
        .filter(({ roles }) => roles.length > 0)
        .map(({ name }) => name),
    kill: (name) => fleet.kill(name),
  };
}
