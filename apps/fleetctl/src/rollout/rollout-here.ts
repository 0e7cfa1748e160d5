/** What a rollout is about, from a file or from what is live: its tool's versions, and the set that they are in. */
import { readFile } from 'node:fs/promises';
import type { SetFiles } from '@toolfleet/contracts';
import type { RolloutSpec, ToolSpec } from '@toolfleet/kernel';
import { Catalogue, conflict, missing, nearNames, toolVersionOf } from '@toolfleet/kernel';
import { isManifestPath } from '@toolfleet/platform/catalog';
import { readLiveCatalogue } from '../live-catalogue.js';
import type { RouterApi } from '../router-api.js';
import { readRollout } from './set-edit.js';

export interface RolloutHere {
  readonly spec: RolloutSpec;
  /** YAML; of a live one as its set has it. */
  readonly text: string;
  readonly isLive: boolean;
  readonly catalogue: Catalogue;
  readonly current: ToolSpec;
  readonly canary: ToolSpec;
  /** Empty: the versions are in the router's directories. */
  readonly set: string;
}

/** `named`: a file, or the name of a rollout that is live. */
export async function rolloutHere(named: string, json?: boolean): Promise<RolloutHere> {
  const live = await readLiveCatalogue();
  const catalogue = new Catalogue();
  for (const { manifest } of live) catalogue.put(manifest);
  const file = isManifestPath(named) ? readRollout(named, await textOf(named), json) : undefined;
  const spec = file?.spec ?? catalogue.get('Rollout', named);
  if (!spec) {
    const names = catalogue.all('Rollout').map(({ name }) => name);
    throw missing('ROLLOUT_UNKNOWN', `No rollout ${named} is live.`, { alternatives: nearNames(named, names) });
  }
  const [current, canary] = [catalogue.get('Tool', spec.tool), toolVersionOf(catalogue, spec.tool, spec.version)];
  if (!current || !canary) {
    throw missing('VERSION_UNKNOWN', `Version ${spec.version} of ${spec.tool} is not live.`, {
      hint: 'Apply it first, beside the current version and with `visibility: hidden`.',
    });
  }
  const set = live.find(({ manifest }) => manifest.spec === canary)?.appliedSet ?? '';
  const { name: metadataName, ...fields } = spec;
  const { startsAtMs, ...others } = fields;
  const document = { apiVersion: 'toolfleet.dev/v1', kind: 'Rollout', metadata: { name: metadataName } };
  const text = file?.text ?? JSON.stringify({ ...document, spec: { ...others, startsAt: timeOf(startsAtMs) } });
  return { spec, text, isLive: catalogue.get('Rollout', spec.name) !== undefined, catalogue, current, canary, set };
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw missing('FILE_MISSING', `There is no ${path}.`, { cause });
  });
}

/** The set's files as they are. Throws `conflict` where there is no set to change. */
export async function setOfRollout({ spec, set }: RolloutHere, router: RouterApi): Promise<SetFiles> {
  if (set === '') {
    throw conflict(
      'ROLLOUT_OF_DIRECTORY',
      `${spec.tool} is in the directories of the routers, not in an applied set.`,
      {
        hint: `Change its files there; \`fleetctl kill tool ${spec.tool}\` stops its calls meanwhile.`,
      },
    );
  }
  return router.set(set);
}
