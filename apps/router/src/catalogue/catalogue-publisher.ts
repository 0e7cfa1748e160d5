/**
 * Brings the topic to what the files say: sends what differs, buries what is gone, nothing else. Several routers with the
 * same files may do so at once, as each entry replaces itself.
 */
import { catalogKeyOf } from '@toolfleet/contracts';
import type { Manifest, ManifestKind } from '@toolfleet/kernel';
import { destinationKinds, entryNameOf } from '@toolfleet/kernel';
import type { LiveCatalogue, Outlet } from '@toolfleet/platform/bus';
import type { LoadedCatalogue } from '@toolfleet/platform/catalog';
import { keyOf, manifestKinds } from '@toolfleet/platform/catalog';
import { setOfFile } from './set-files.js';

export interface CatalogueChange {
  readonly put: readonly Manifest[];
  /** By the names of their entries. */
  readonly remove: readonly { readonly kind: ManifestKind; readonly name: string }[];
}

export function changeFrom(live: LiveCatalogue, { manifests, files }: LoadedCatalogue): CatalogueChange {
  const present = live.catalogue;
  const wanted = new Set(manifests.map(keyOf));
  const put = manifests.filter((manifest) => {
    const { kind, spec } = manifest;
    const there = present.get(kind, entryNameOf(manifest));
    // An entry travels as JSON, so two specs are equal when their JSON is.
    if (!there || JSON.stringify(there) !== JSON.stringify(spec)) return true;
    return live.appliedSetOf(kind, entryNameOf(manifest)) !== setOf(manifest, files);
  });
  const remove = manifestKinds.flatMap((kind) =>
    present
      .all(kind)
      .map((spec) => ({ kind, spec }) as Manifest)
      .filter((manifest) => !wanted.has(keyOf(manifest)))
      .map((manifest) => ({ kind, name: entryNameOf(manifest) })),
  );
  return { put, remove };
}

const setOf = (manifest: Manifest, files: LoadedCatalogue['files']) => setOfFile(files.get(keyOf(manifest)) ?? '');

/**
 * What others refer to goes first and what refers to others goes first away, so that a reader between two records sees no
 * name that leads nowhere. Rules and ceilings come before what they are about.
 */
const order: readonly ManifestKind[] = [
  ...([
    'QuotaCeiling',
    'Policy',
    'Flag',
    'ToolClass',
    ...destinationKinds,
    'ModelRoute',
    'Tool',
    'Rollout',
    'Agent',
    'Tenant',
  ] as const),
];
const rank = (kind: ManifestKind) => order.indexOf(kind);
/** A version steps aside before another takes the name, so that calls of it find it at any moment. */
const rankOf = ({ kind, spec }: Manifest) => rank(kind) - (kind === 'Tool' && spec.beside ? 0.5 : 0);

/** Resolves when the bus has all of it. Records of one partition keep the order in which they are handed over. */
export async function publish(outlet: Outlet, change: CatalogueChange, catalogue: LoadedCatalogue): Promise<void> {
  const put = change.put.toSorted((a, b) => rankOf(a) - rankOf(b));
  const remove = change.remove.toSorted((a, b) => rank(b.kind) - rank(a.kind));
  await Promise.all([
    ...put.map((manifest) => outlet.catalogEntry(manifest, catalogue.revision, setOf(manifest, catalogue.files))),
    ...remove.map(({ kind, name }) => outlet.removeCatalogEntry(kind, name)),
  ]);
}

/**
 * Counts what is still to come back of a change. The next comparison must not be made against a view that lags behind what was
 * sent; nor must it wait for a state that another router has moved on from, so records count, not what they left.
 */
export function ownRecords(live: LiveCatalogue, change: CatalogueChange, { revision }: LoadedCatalogue) {
  const put = new Set(change.put.map(keyOf));
  const removed = new Set(change.remove.map(({ kind, name }) => catalogKeyOf(kind, name)));
  const stop = live.onRecord((key, of) => {
    if (of === undefined) removed.delete(key);
    else if (of === revision) put.delete(key);
  });
  return { left: () => put.size + removed.size, stop };
}
