/** The router's CatalogService for commands. The token goes to the address that is named and nowhere else. */
import type {
  GiveVersions,
  GivenVersions,
  SetChange,
  SetFile,
  SetFiles,
  SetOutcome,
  SetRevision,
  VersionHolders,
} from '@toolfleet/contracts';
import {
  decodeGivenVersions,
  decodeSetFiles,
  decodeSetOutcome,
  decodeSetRevisions,
  decodeVersionHolders,
  encodeApplySet,
  encodeCountHolders,
  encodeGetSet,
  encodeGiveVersions,
  encodeListSetRevisions,
  encodeRollbackSet,
} from '@toolfleet/contracts';
import { Fault, invalid, isFault } from '@toolfleet/kernel';
import { loadConfig } from '@toolfleet/platform/config';
import { z } from 'zod';
import { callerToken, stateDirectory } from './caller-token.js';
import { serviceClient } from './grpc-here.js';
import { findRunningFleet } from './local/index.js';

/** A catalogue of ten thousand tools is checked in seconds, and a broker that is slow to take it has 10 s. */
const answerWithinMs = 60_000;
const catalogService = 'toolfleet.catalog.v1.CatalogService';
const rolloutService = 'toolfleet.catalog.v1.RolloutService';

const settingsOfRouter = z.object({ routerAddress: z.string().optional() });

export class RouterApi {
  private constructor(
    private readonly address: string,
    private readonly token: string,
  ) {}

  /** What is named, then what the environment says, then the fleet that `fleetctl up` runs from this directory. */
  static async here(named: string | undefined): Promise<RouterApi> {
    const settings = loadConfig(settingsOfRouter);
    const told = named ?? settings.routerAddress;
    const local = told === undefined ? (await findRunningFleet(stateDirectory))?.addresses?.routerAddress : undefined;
    const address = told ?? local;
    if (address === undefined) {
      throw invalid('ROUTER_MISSING', 'No router is named.', {
        hint: 'Name it with --router host:port or TOOLFLEET_ROUTER_ADDRESS, as after `kubectl port-forward deploy/router 9090`.',
      });
    }
    if (!/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/.test(address))
      throw invalid('ADDRESS_INVALID', `${address} is not host:port.`);
    return new RouterApi(address, await callerToken(({ routerAddress }) => routerAddress === address));
  }

  async apply(change: SetChange, files: readonly SetFile[]): Promise<SetOutcome> {
    return decodeSetOutcome(await this.#call('ApplySet', encodeApplySet(change, files)));
  }

  async rollback(change: SetChange, toRevision: number): Promise<SetOutcome> {
    return decodeSetOutcome(await this.#call('RollbackSet', encodeRollbackSet(change, toRevision)));
  }

  async revisions(set: string, limit: number): Promise<SetRevision[]> {
    return decodeSetRevisions(await this.#call('ListSetRevisions', encodeListSetRevisions(set, limit)));
  }

  /** Its files as they are now. */
  async set(name: string): Promise<SetFiles> {
    return decodeSetFiles(await this.#call('GetSet', encodeGetSet(name)));
  }

  async giveVersions(question: GiveVersions): Promise<GivenVersions> {
    return decodeGivenVersions(await this.#call('GiveVersions', encodeGiveVersions(question), rolloutService));
  }

  async holders(tool: string, version: string): Promise<VersionHolders> {
    return decodeVersionHolders(await this.#call('CountHolders', encodeCountHolders(tool, version), rolloutService));
  }

  async #call(method: string, request: Uint8Array, service = catalogService): Promise<Uint8Array> {
    const authorization = this.token && `Bearer ${this.token}`;
    const client = serviceClient({ address: this.address, deadlineMs: answerWithinMs }, authorization);
    try {
      return await client.unary(`${service}/${method}`, request);
    } catch (error) {
      if (!isFault(error) || error.kind !== 'unreachable' || error.reason !== 'SERVICE_UNREACHABLE') throw error;
      throw new Fault('unreachable', 'ROUTER_UNREACHABLE', `The router at ${this.address} does not answer.`, {
        cause: error,
        hint: 'Name another with --router. What was sent may have been stored: look with `fleetctl catalog history`.',
      });
    } finally {
      client.close();
    }
  }
}
