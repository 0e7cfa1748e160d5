/**
 * From the text of manifest files to a catalogue, or to everything that is wrong with them. A catalogue is accepted whole
 * or not at all: half of one could hide a rule that denies.
 */
import type { Manifest } from '@toolfleet/kernel';
import { hexDigestOf } from '@toolfleet/kernel';
import { catalogKeyOf } from '@toolfleet/contracts';
import type { CheckOptions } from './check-catalogue.js';
import { checkCatalogue } from './check-catalogue.js';
import { toolClassOf } from './manifest-schemas.js';
import type { ManifestFile, PlacedManifest, Problem } from './read-manifests.js';
import { ManifestReader } from './read-manifests.js';

export interface LoadOptions extends Omit<CheckOptions, 'implicitClasses'> {
  /** The value of a variable that a base URL names; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** Variables that manifests may name besides those of the fleet itself. */
  readonly variablesAllowed: readonly string[];
  /** Of whoever loads the same files again and again. */
  readonly reader?: ManifestReader | undefined;
}

export interface LoadedCatalogue {
  /** Digest of everything in it: equal catalogues have an equal revision. */
  readonly revision: string;
  /** In the order of their keys. */
  readonly manifests: readonly Manifest[];
}

export type LoadResult =
  | { readonly ok: true; readonly catalogue: LoadedCatalogue }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Ten seconds for a look-up, twenty for a change that may wait for its turn, ten minutes for an export. */
const defaultClasses: readonly Manifest[] = [
  toolClassOf('read', { description: 'Look-ups.', timeoutMs: 10_000, sloMs: 500 }),
  toolClassOf('write', { description: 'Changes, each run once.', timeoutMs: 20_000, sloMs: 1_000 }),
  toolClassOf('export', { description: 'Long reads with large results.', timeoutMs: 600_000, sloMs: 60_000 }),
];

export function loadCatalogue(files: readonly ManifestFile[], options: LoadOptions): LoadResult {
  const { reader = new ManifestReader() } = options;
  const read = reader.read(files);
  const implicit = defaultClasses.filter(({ spec }) => options.toolClasses.includes(spec.name));
  const resolved = read.manifests.map((placed) => resolveBaseUrl(placed, options));
  const problems = [
    ...read.problems,
    ...resolved.flatMap((one) => one.problems),
    // Files that cannot be read hide names from the others: a missing name is worth reporting only when all could be.
    ...(read.problems.length > 0
      ? []
      : checkCatalogue(read.manifests, { ...options, implicitClasses: implicit.map(({ spec }) => spec.name) })),
  ];
  if (problems.length === 0 && read.manifests.length === 0) {
    problems.push({ file: '', line: 0, reason: 'the catalogue directories hold no manifest' });
  }
  if (problems.length > 0) return { ok: false, problems: problems.toSorted(byPlace) };
  const byKey = new Map(
    [...implicit, ...resolved.map((one) => one.manifest)].map((manifest) => [keyOf(manifest), manifest]),
  );
  const manifests = [...byKey.keys()].toSorted().map((key) => byKey.get(key)!);
  return { ok: true, catalogue: { revision: hexDigestOf(JSON.stringify(manifests)).slice(0, 16), manifests } };
}

export const keyOf = ({ kind, spec }: Manifest): string => catalogKeyOf(kind, spec.name);

const byPlace = (a: Problem, b: Problem) => a.file.localeCompare(b.file) || a.line - b.line;

export const textOfProblem = ({ file, line, reason }: Problem): string => (file ? `${file}:${line} ${reason}` : reason);

/** Base URLs are published; a variable with such a name holds something that must not be. */
const secretName = /KEY|SECRET|TOKEN|PASSWORD|DATABASE/;
const variablePattern = /\$\{([^{}]*)\}/g;

interface Resolved {
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
}

function resolveBaseUrl({ manifest, problem }: PlacedManifest, options: LoadOptions): Resolved {
  if (manifest.kind !== 'Upstream' && manifest.kind !== 'ModelRoute') return { manifest, problems: [] };
  const at = ['spec', 'baseUrl'];
  const reasons: string[] = [];
  const baseUrl = manifest.spec.baseUrl.replace(variablePattern, (_, name: string) => {
    const value = allowed(name, options) ? options.variable(name) : undefined;
    if (!allowed(name, options)) reasons.push(`the variable ${name} may not be named by a manifest`);
    else if (!value) reasons.push(`the variable ${name} is not set`);
    return value ?? '';
  });
  if (reasons.length === 0 && !isBaseUrl(baseUrl))
    reasons.push('is not an http or https URL without query and credentials');
  const problems = reasons.map((reason) => problem(at, reason));
  return { manifest: { kind: manifest.kind, spec: { ...manifest.spec, baseUrl } } as Manifest, problems };
}

function allowed(name: string, { variablesAllowed }: LoadOptions): boolean {
  return variablesAllowed.includes(name) || (name.startsWith('TOOLFLEET_') && !secretName.test(name));
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
