/** The catalogue that recorded calls are judged against again: what is live, or a directory, with other policies in it. */
import { stat } from 'node:fs/promises';
import type { JudgeContext, Manifest } from '@toolfleet/kernel';
import {
  ArgumentValidators,
  Catalogue,
  CompiledPolicy,
  bundleOf,
  missing,
  withVersionsMarked,
} from '@toolfleet/kernel';
import { defaultClasses, findManifestFiles, readManifestFiles, readManifests } from '@toolfleet/platform/catalog';
import { refuse } from '../catalog-problems.js';
import { readLiveCatalogue } from '../live-catalogue.js';

export interface ChangeOptions {
  /** A file or directory whose policies take the place of all others. */
  readonly policy?: string | undefined;
  /** In place of what is live. */
  readonly catalog?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Throws `invalid` CATALOG_REFUSED naming each place, as the router would. */
export async function changedContext({ policy, catalog, json }: ChangeOptions): Promise<Omit<JudgeContext, 'nowMs'>> {
  const base =
    catalog === undefined ? await liveManifests() : [...defaultClasses, ...(await manifestsAt(catalog, json))];
  const changed = policy === undefined ? [] : (await manifestsAt(policy, json)).filter(isPolicy);
  if (policy !== undefined && changed.length === 0) {
    throw missing('POLICY_MISSING', `${policy} holds no Policy.`);
  }
  const manifests = policy === undefined ? base : [...base.filter((one) => !isPolicy(one)), ...changed];
  const catalogue = new Catalogue();
  for (const manifest of manifests) catalogue.put(manifest);
  const rules = catalogue
    .all('Policy')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((spec) => spec.rules);
  return { catalogue, policy: new CompiledPolicy(bundleOf(rules, 0)), validators: new ArgumentValidators() };
}

const isPolicy = ({ kind }: Manifest): boolean => kind === 'Policy';

const liveManifests = async (): Promise<Manifest[]> => (await readLiveCatalogue()).map(({ manifest }) => manifest);

/** Their form is checked; whether names fit each other is the router's to say, as half of a catalogue may be what is asked. */
async function manifestsAt(path: string, json: boolean | undefined): Promise<Manifest[]> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw missing('FILE_MISSING', `There is no ${path}.`, { cause });
  });
  const found = stats.isDirectory() ? await findManifestFiles([path]) : [{ path, bytes: stats.size, mark: '' }];
  const { manifests, problems } = readManifests(await readManifestFiles(found));
  refuse(problems, json);
  return withVersionsMarked(manifests.map(({ manifest }) => manifest));
}
