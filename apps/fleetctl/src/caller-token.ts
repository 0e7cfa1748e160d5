/**
 * The token that commands send: the one they are given, or, to the fleet that `fleetctl up` runs from this directory and to
 * no other address, one of its own that may do anything there, in the name of whoever is logged in.
 */
import { allScopes } from '@toolfleet/kernel';
import { loadConfig, secretSetting } from '@toolfleet/platform/config';
import { findLocalIssuer } from '@toolfleet/platform/identity';
import { z } from 'zod';
import { findRunningFleet, type FleetAddresses } from './local/index.js';

export const stateDirectory = '.toolfleet';

/** A command takes seconds, a watch some minutes; after that it asks anew. */
const forMs = 15 * 60_000;
const nameCharsMax = 64;

const settingsOfCaller = z.object({ token: secretSetting.optional() });

/** `isOf`: whether the address that is called is one of the local fleet's. Empty: there is no token to send. */
export async function callerToken(isOf: (addresses: FleetAddresses) => boolean): Promise<string> {
  const { token } = loadConfig(settingsOfCaller);
  if (token) return token.reveal();
  const addresses = (await findRunningFleet(stateDirectory))?.addresses;
  if (addresses === undefined || !isOf(addresses)) return '';
  const issuer = await findLocalIssuer(stateDirectory);
  return (await issuer?.token({ tenant: '', user: userHere(), scopes: allScopes, forMs })) ?? '';
}

export const userHere = (): string => (process.env['USER'] || 'operator').slice(0, nameCharsMax);
