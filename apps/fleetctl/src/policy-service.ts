/** The policy service: as named, as the environment says, or that of the fleet that runs from this directory. */
import { invalid } from '@toolfleet/kernel';
import { loadConfig } from '@toolfleet/platform/config';
import { z } from 'zod';
import { callerToken, stateDirectory } from './caller-token.js';
import { findRunningFleet, type PolicyService } from './local/index.js';

const settings = z.object({ policyAddress: z.string().optional() });

/** The token goes to that address and nowhere else. */
export async function policyService(named: string | undefined): Promise<PolicyService> {
  const address = await addressOf(named);
  const token = await callerToken(({ policyAddress }) => policyAddress === address);
  return { address, authorization: token && `Bearer ${token}` };
}

async function addressOf(named: string | undefined): Promise<string> {
  const told = named ?? loadConfig(settings).policyAddress;
  const address = told ?? (await findRunningFleet(stateDirectory))?.addresses?.policyAddress;
  if (address === undefined) {
    throw invalid('POLICY_MISSING', 'No policy service is named.', {
      hint: 'Name it with --policy host:port or TOOLFLEET_POLICY_ADDRESS, as after `kubectl port-forward deploy/policy 9090`.',
    });
  }
  if (/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/.test(address)) return address;
  throw invalid('ADDRESS_INVALID', `${address} is not host:port.`);
}
