/** Settings of the router, besides those of every process. */
import { integerSetting, listSetting, secretSetting } from '@toolfleet/platform/config';
import { z } from 'zod';

const plainSettings = z.object({
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
  archiveUnusedDays: integerSetting(0, 3_650)
    .default(0)
    .describe(
      'Archives tools that nobody called for so many days, as long as all of them are recorded. 0: none, and those that were archived so are as their manifests say.',
    ),
  embeddingsBaseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Server that speaks OpenAI’s /embeddings, with the version part of its path; it is sent the texts of tools and what users ask. Absent: tools are chosen by words alone.',
    ),
  embeddingsModel: z.string().min(1).max(200).optional().describe('Model that the server of embeddings is asked for.'),
  embeddingsApiKey: secretSetting.optional().describe('Sent as a bearer token to the server of embeddings.'),
  embeddingsTimeoutMs: integerSetting(10, 10_000)
    .default(300)
    .describe('How long a session’s start waits for the embedding of its question before tools are chosen by words.'),
  embeddingsCacheSize: integerSetting(0, 1_000_000)
    .default(10_000)
    .describe('Questions whose embeddings are remembered, at 4 bytes a dimension each.'),
});

export const routerSettings = plainSettings.refine(
  ({ embeddingsBaseUrl, embeddingsModel }) => (embeddingsBaseUrl === undefined) === (embeddingsModel === undefined),
  { path: ['embeddingsModel'], error: 'and TOOLFLEET_EMBEDDINGS_BASE_URL are set together' },
);

export type RouterSettings = z.infer<typeof routerSettings>;
