/**
 * From the text of manifest files to a catalogue, or to everything that is wrong with them. A catalogue is accepted whole
 * or not at all: half of one could hide a rule that denies.
 */
import type { CredentialSpec, Manifest } from '@toolfleet/kernel';
import { hexDigestOf, withVersionsMarked } from '@toolfleet/kernel';
import { catalogKeyOfManifest } from '@toolfleet/contracts';
import type { CheckOptions } from './check-catalogue.js';
import { checkCatalogue } from './check-catalogue.js';
import type { DescriptorSets } from './descriptor-sets.js';
import { descriptorSetsOf } from './descriptor-sets.js';
import { toolClassOf } from './manifest-schemas.js';
import type { ManifestFile, PlacedManifest, Problem } from './read-manifests.js';
import { ManifestReader } from './read-manifests.js';

export interface LoadOptions extends Omit<CheckOptions, 'implicitClasses' | 'descriptorSets'> {
  /** The value of a variable that a base URL names; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** Variables that manifests may name besides those of the fleet itself. */
  readonly variablesAllowed: readonly string[];
  /** Tools that the fleet archived, by `name@version`, unless their manifests say that they stay. */
  readonly archived?: ReadonlySet<string> | undefined;
  /** Of whoever loads the same files again and again. */
  readonly reader?: ManifestReader | undefined;
}

export interface LoadedCatalogue {
  /** Digest of everything in it: equal catalogues have an equal revision. */
  readonly revision: string;
  /** In the order of their keys. */
  readonly manifests: readonly Manifest[];
  /** Path of the file of each manifest, by its key; what is built in has none. */
  readonly files: ReadonlyMap<string, string>;
}

export type LoadResult =
  | { readonly ok: true; readonly catalogue: LoadedCatalogue }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Ten seconds for a look-up, twenty for a change that may wait for its turn, ten minutes for an export. */
export const defaultClasses: readonly Manifest[] = [
  toolClassOf('read', { description: 'Look-ups.', timeoutMs: 10_000, sloMs: 500 }),
  toolClassOf('write', { description: 'Changes, each run once.', timeoutMs: 20_000, sloMs: 1_000 }),
  toolClassOf('export', { description: 'Long reads with large results.', timeoutMs: 600_000, sloMs: 60_000 }),
];

export function loadCatalogue(files: readonly ManifestFile[], options: LoadOptions): LoadResult {
  const { reader = new ManifestReader() } = options;
  const read = reader.read(files);
  const implicit = defaultClasses.filter(({ spec }) => options.toolClasses.includes(spec.name));
  const descriptorSets = descriptorSetsOf(read.manifests, files);
  const resolved = read.manifests.map((placed) => resolvePlace(placed, options, descriptorSets));
  const implicitClasses = implicit.map(({ spec }) => spec.name);
  const problems = [
    ...read.problems,
    ...resolved.flatMap((one) => one.problems),
    // Files that cannot be read hide names from the others: a missing name is worth reporting only when all could be.
    ...(read.problems.length > 0
      ? []
      : checkCatalogue(read.manifests, { ...options, implicitClasses, descriptorSets })),
  ];
  if (problems.length === 0 && read.manifests.length === 0) {
    problems.push({ file: '', line: 0, reason: 'the catalogue directories hold no manifest' });
  }
  if (problems.length > 0) return { ok: false, problems: problems.toSorted(byPlace) };
  const own = withVersionsMarked(resolved.map((one) => archivedAs(one.manifest, options.archived)));
  const byKey = new Map([...implicit, ...own].map((manifest) => [keyOf(manifest), manifest]));
  const manifests = [...byKey.keys()].toSorted().map((key) => byKey.get(key)!);
  const places = new Map(own.map((manifest, at) => [keyOf(manifest), read.manifests[at]!.file]));
  const revision = hexDigestOf(JSON.stringify(manifests)).slice(0, 16);
  return { ok: true, catalogue: { revision, manifests, files: places } };
}

export const keyOf = catalogKeyOfManifest;

function archivedAs(manifest: Manifest, archived: LoadOptions['archived']): Manifest {
  if (manifest.kind !== 'Tool' || !archived?.has(`${manifest.spec.name}@${manifest.spec.version}`)) return manifest;
  if (manifest.spec.archiveUnused === false) return manifest;
  return { kind: manifest.kind, spec: { ...manifest.spec, visibility: 'archived' } };
}

const byPlace = (a: Problem, b: Problem) => a.file.localeCompare(b.file) || a.line - b.line;

export const textOfProblem = ({ file, line, reason }: Problem): string => (file ? `${file}:${line} ${reason}` : reason);

/** Places are published; a variable with such a name holds something that must not be. */
const secretName = /KEY|SECRET|TOKEN|PASSWORD|DATABASE/;
const variablePattern = /\$\{([^{}]*)\}/g;

interface Resolved {
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
}

/** Where a destination is, with its variables filled in; and what a service is made of, as executors read it. */
function resolvePlace(placed: PlacedManifest, options: LoadOptions, sets: DescriptorSets): Resolved {
  const { manifest } = placed;
  const problems: Problem[] = [];
  const place = (template: string, ...at: PropertyKey[]): string => {
    const { text, reasons } = filledIn(template, options);
    problems.push(...reasons.map((reason) => placed.problem(['spec', ...at], reason)));
    return text;
  };
  const checked = (is: (text: string) => boolean, what: string, text: string, ...at: PropertyKey[]): string => {
    if (problems.length === 0 && !is(text)) problems.push(placed.problem(['spec', ...at], `is not ${what}`));
    return text;
  };
  const url = (template: string, ...at: PropertyKey[]): string =>
    checked(isBaseUrl, 'an http or https URL without query and credentials', place(template, ...at), ...at);
  /** Where users' tokens are exchanged is a place, too. */
  const credential = (spec: CredentialSpec, ...at: PropertyKey[]): CredentialSpec => {
    const { exchange } = spec;
    if (!exchange) return spec;
    const tokenEndpoint = url(exchange.tokenEndpoint, ...at, 'exchange', 'tokenEndpoint');
    return { ...spec, exchange: { ...exchange, tokenEndpoint } };
  };
  switch (manifest.kind) {
    case 'Upstream': {
      const baseUrl = url(manifest.spec.baseUrl, 'baseUrl');
      const spec = { ...manifest.spec, baseUrl, credential: credential(manifest.spec.credential, 'credential') };
      return { manifest: { kind: manifest.kind, spec }, problems };
    }
    case 'ModelRoute': {
      const spec = { ...manifest.spec, baseUrl: url(manifest.spec.baseUrl, 'baseUrl') };
      return { manifest: { kind: manifest.kind, spec }, problems };
    }
    case 'McpServer': {
      const { http, stdio, ...spec } = manifest.spec;
      const args = stdio?.args.map((text, index) => place(text, 'stdio', 'args', index));
      const reached = {
        ...(http
          ? {
              http: {
                url: url(http.url, 'http', 'url'),
                credential: credential(http.credential, 'http', 'credential'),
              },
            }
          : {}),
        ...(stdio && args ? { stdio: { ...stdio, args } } : {}),
      };
      return { manifest: { kind: manifest.kind, spec: { ...spec, ...reached } }, problems };
    }
    case 'GrpcService': {
      const address = checked(isAddress, 'host:port', place(manifest.spec.address, 'address'), 'address');
      const descriptorSet = sets.get(manifest.spec)?.encoded;
      const own = { address, credential: credential(manifest.spec.credential, 'credential') };
      const spec = { ...manifest.spec, ...own, ...(descriptorSet === undefined ? {} : { descriptorSet }) };
      return { manifest: { kind: manifest.kind, spec }, problems };
    }
    default:
      return { manifest, problems };
  }
}

/** And what is wrong with it. */
function filledIn(template: string, options: LoadOptions): { readonly text: string; readonly reasons: string[] } {
  const reasons: string[] = [];
  const text = template.replace(variablePattern, (_, name: string) => {
    const value = allowed(name, options) ? options.variable(name) : undefined;
    if (!allowed(name, options)) reasons.push(`the variable ${name} may not be named by a manifest`);
    else if (!value) reasons.push(`the variable ${name} is not set`);
    return value ?? '';
  });
  return { text, reasons };
}

function allowed(name: string, { variablesAllowed }: LoadOptions): boolean {
  return variablesAllowed.includes(name) || (name.startsWith('TOOLFLEET_') && !secretName.test(name));
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

const isAddress = (text: string): boolean => /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/.test(text);
