/** Settings of the router, besides those of every process. */
import { integerSetting, listSetting } from '@toolfleet/platform/config';
import { z } from 'zod';

export const routerSettings = z.object({
  catalogDir: listSetting
    .pipe(z.array(z.string()).min(1))
    .describe('Directories with the manifests of the catalogue, comma-separated.'),
  catalogOperatorDir: listSetting
    .prefault('')
    .describe(
      'Those of the directories whose files may hold a QuotaCeiling, comma-separated. Empty: all, as no team writes any.',
    ),
  catalogVariables: listSetting
    .prefault('')
    .describe('Variables that a base URL may name besides those that begin with TOOLFLEET_, comma-separated.'),
  catalogPollMs: integerSetting(100, 600_000)
    .default(2_000)
    .describe('How often the manifests are looked at where changes are not reported by the file system.'),
});

export type RouterSettings = z.infer<typeof routerSettings>;
