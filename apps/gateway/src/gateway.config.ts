/** Settings of the gateway, besides those of every process. */
import { integerSetting } from '@toolfleet/platform/config';
import { z } from 'zod';

export const gatewaySettings = z.object({
  policyAddress: z
    .string()
    .min(1)
    .default('127.0.0.1:9090')
    .describe('host:port of the policy service, for approvals over HTTP.'),
  gatewayConcurrency: integerSetting(1, 10_000)
    .default(256)
    .describe('Session requests of the public topic that are handled at once; each waits for the bus.'),
  watchersMax: integerSetting(1, 100_000)
    .default(2_000)
    .describe('Open watches of one process. Each may hold up to 1 MiB of events its client has not read yet.'),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
