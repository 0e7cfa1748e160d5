/** Settings of the gateway, besides those of every process. */
import { limits } from '@toolfleet/kernel';
import { integerSetting, subjectTokenSettings } from '@toolfleet/platform/config';
import { z } from 'zod';

export const gatewaySettings = subjectTokenSettings.extend({
  policyAddress: z
    .string()
    .min(1)
    .default('127.0.0.1:9090')
    .describe('host:port of the policy service, for approvals over HTTP.'),
  gatewayConcurrency: integerSetting(1, 10_000)
    .default(256)
    .describe(
      'Decisions of approvals, and requests that were held or come again, handled at once. Others wait for nothing.',
    ),
  watchersMax: integerSetting(1, 100_000)
    .default(2_000)
    .describe('Open watches of one process. Each may hold up to 1 MiB of events its client has not read yet.'),
  gatewayLookUpTimeoutMs: integerSetting(50, 60_000)
    .default(limits.lookUpMs)
    .describe('How long a client waits for the database before it is told that the fleet is degraded.'),
  gatewayBusTimeoutMs: integerSetting(100, 60_000)
    .default(limits.interactiveSendMs)
    .describe('How long a client of HTTP or gRPC waits for the bus before it is told that the fleet is degraded.'),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
