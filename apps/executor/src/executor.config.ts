/** Settings of an executor; its tool classes come from TOOL_CLASS, or from the role's name in a shared process. */
import { integerSetting, listSetting, receiptSettings, subjectTokenSettings } from '@toolfleet/platform/config';
import { limits } from '@toolfleet/kernel';
import { z } from 'zod';

const plainSettings = receiptSettings.extend({
  ...subjectTokenSettings.shape,
  credentialsDir: z
    .string()
    .min(1)
    .optional()
    .describe('Directory of files with credentials that manifests may name; read anew within a second of a change.'),
  executorConcurrency: integerSetting(1, 10_000)
    .default(64)
    .describe('Calls of one class run at once where the catalogue states no concurrencyMax for it.'),
  executorQueueAgeTargetMs: integerSetting(0, 600_000)
    .default(limits.queueAgeTargetMs)
    .describe('Age at which a waiting call is shed, once its queue stands that old for the interval; 0 sheds nothing.'),
  executorQueueAgeIntervalMs: integerSetting(100, 600_000)
    .default(limits.queueAgeIntervalMs)
    .describe('How long calls of one class and tenant must start above the target before they are shed.'),
  executorReconcileSweepMs: integerSetting(100, 600_000)
    .default(5_000)
    .describe('How often writes of unknown end are looked at whose time to be asked about has come.'),
  executorConnectionsMax: integerSetting(1, 10_000).default(128).describe('Connections to one upstream.'),
  executorMcpCommands: listSetting
    .default([])
    .describe('Commands, comma-separated, that an McpServer may name as its process; empty: none is started.'),
  executorMcpProcessesMax: integerSetting(1, 1_000)
    .default(limits.mcpProcessesMax)
    .describe('Processes of one MCP server that this executor starts, one for each tenant where its manifest says so.'),
  executorUpstreamLimit: z
    .enum(['adaptive', 'off'])
    .default('adaptive')
    .describe('Whether the calls at one upstream at once follow its latency and failures.'),
  executorUpstreamFloor: integerSetting(1, 10_000)
    .default(limits.upstreamFloor)
    .describe('Calls that one upstream is always given at once.'),
  executorUpstreamStart: integerSetting(1, 10_000)
    .default(limits.upstreamStart)
    .describe('Calls that an upstream is given at once before anything is known of it.'),
  executorUpstreamCeiling: integerSetting(1, 10_000)
    .default(limits.upstreamCeiling)
    .describe('Calls that one upstream is never given more of at once.'),
  executorUpstreamQueueMax: integerSetting(0, 100_000)
    .default(limits.upstreamQueueMax)
    .describe('Calls that wait for a place at one upstream; more are shed at once.'),
  executorUpstreamSharePercent: integerSetting(1, 100)
    .default(limits.upstreamSharePercent)
    .describe('Share of the calls of a class run at once that may be at one upstream, so that others keep theirs.'),
});

export const executorSettings = plainSettings.refine(
  ({ executorUpstreamFloor, executorUpstreamCeiling }) => executorUpstreamFloor <= executorUpstreamCeiling,
  { path: ['executorUpstreamFloor'], error: 'is above TOOLFLEET_EXECUTOR_UPSTREAM_CEILING' },
);

export type ExecutorSettings = z.infer<typeof executorSettings>;
