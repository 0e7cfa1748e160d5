/**
 * Several versions of a tool side by side. One of them is current: sessions that begin are given it, and it has the tool's name
 * in the catalogue. The others stand beside it as `name@version`, for sessions that were shown them. A session goes on with
 * the version that it was shown as long as that is there and may be called; after that it has the current one.
 */
import type { Catalogue, Manifest, ToolSpec } from './manifest.js';
import { isCallable } from './tool-standing.js';

/** The name that an entry of the catalogue has among those of its kind. No name of a tool holds an `@`. */
export function entryNameOf({ kind, spec }: Manifest): string {
  return kind === 'Tool' && spec.beside ? besideNameOf(spec.name, spec.version) : spec.name;
}

const besideNameOf = (name: string, version: string): string => `${name}@${version}`;

/** What no two manifests share. */
export const identityOf = ({ kind, spec }: Manifest): string =>
  kind === 'Tool' ? `${kind}/${besideNameOf(spec.name, spec.version)}` : `${kind}/${spec.name}`;

/** That version of a tool, whatever else there is. */
export function toolVersionOf(catalogue: Catalogue, name: string, version: string): ToolSpec | undefined {
  const current = catalogue.get('Tool', name);
  return current?.version === version ? current : catalogue.get('Tool', besideNameOf(name, version));
}

/** What a session has by this name. `shown`: the version that it was shown; absent or empty: whichever is current. */
export function toolOf(
  catalogue: Catalogue,
  name: string,
  shown: string | undefined,
  nowMs: number,
): ToolSpec | undefined {
  const current = catalogue.get('Tool', name);
  if (!shown || current?.version === shown) return current;
  const beside = catalogue.get('Tool', besideNameOf(name, shown));
  return beside && (!current || isCallable(beside, nowMs)) ? beside : current;
}

/** Of each name the version that sessions are given. */
export const currentTools = (catalogue: Catalogue): ToolSpec[] => catalogue.all('Tool').filter(({ beside }) => !beside);

/** The same manifests in the same order, each tool marked that is not the current version of its name. */
export function withVersionsMarked(manifests: readonly Manifest[]): Manifest[] {
  const tools = manifests.flatMap((manifest) => (manifest.kind === 'Tool' ? [manifest.spec] : []));
  const current = new Map(
    [...Map.groupBy(tools, ({ name }) => name).values()]
      .filter(({ length }) => length > 1)
      .map((versions) => [versions[0]!.name, versions.reduce(preferred)]),
  );
  if (current.size === 0) return [...manifests];
  return manifests.map((manifest) => {
    if (manifest.kind !== 'Tool') return manifest;
    const chosen = current.get(manifest.spec.name);
    if (!chosen || chosen === manifest.spec) return manifest;
    return { kind: 'Tool', spec: { ...manifest.spec, beside: true } };
  });
}

/** One that is offered goes before one that is not, then the higher version. Dates do not count: names must not move by time. */
function preferred(one: ToolSpec, other: ToolSpec): ToolSpec {
  const offered = ({ visibility = 'offered' }: ToolSpec) => visibility === 'offered';
  if (offered(one) !== offered(other)) return offered(one) ? one : other;
  return compareVersions(one.version, other.version) >= 0 ? one : other;
}

/** By their parts, numbers by value: 9 before 10, 1.2 before 1.10, 2.0-beta before 2.0, and a total order. */
export function compareVersions(one: string, other: string): number {
  const [ones, others] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(ones.length, others.length); at++) {
    const [a, b] = [ones[at], others[at]];
    if (a === b) continue;
    const isNumber = [a, b].map((part) => part !== undefined && /^\d+$/.test(part));
    // What is longer by a number is newer, by a word older: a word marks what comes before a release.
    if (a === undefined) return isNumber[1] ? -1 : 1;
    if (b === undefined) return isNumber[0] ? 1 : -1;
    if (isNumber[0] !== isNumber[1]) return isNumber[0] ? 1 : -1;
    const difference = isNumber[0] ? compareNumbers(a, b) : 0;
    if (difference !== 0) return difference;
    if (!isNumber[0]) return a < b ? -1 : 1;
  }
  return one === other ? 0 : one < other ? -1 : 1;
}

const partsOf = (version: string): string[] => version.match(/\d+|[A-Za-z]+/g) ?? [];

/** Of any length. */
function compareNumbers(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+(?=\d)/, ''), other.replace(/^0+(?=\d)/, '')];
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}
