/**
 * Brings the topic to what the files say: sends what differs, buries what is gone, nothing else. Several routers with the
 * same files may do so at once, as each entry replaces itself.
 */
import type { Catalogue, Manifest, ManifestKind } from '@toolfleet/kernel';
import { destinationKinds } from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { LoadedCatalogue } from '@toolfleet/platform/catalog';
import { keyOf, manifestKinds } from '@toolfleet/platform/catalog';

export interface CatalogueChange {
  readonly put: readonly Manifest[];
  readonly remove: readonly { readonly kind: ManifestKind; readonly name: string }[];
}

export function changeFrom(present: Catalogue, desired: readonly Manifest[]): CatalogueChange {
  const wanted = new Set(desired.map(keyOf));
  const put = desired.filter((manifest) => {
    const there = present.get(manifest.kind, manifest.spec.name);
    // An entry travels as JSON, so two specs are equal when their JSON is.
    return !there || JSON.stringify(there) !== JSON.stringify(manifest.spec);
  });
  const remove = manifestKinds.flatMap((kind) =>
    present
      .all(kind)
      .filter((spec) => !wanted.has(keyOf({ kind, spec } as Manifest)))
      .map(({ name }) => ({ kind, name })),
  );
  return { put, remove };
}

/**
 * What others refer to goes first and what refers to others goes first away, so that a reader between two records sees no
 * name that leads nowhere. Rules and ceilings come before what they are about.
 */
const order: readonly ManifestKind[] = [
  ...(['QuotaCeiling', 'Policy', 'ToolClass', ...destinationKinds, 'ModelRoute', 'Tool', 'Agent', 'Tenant'] as const),
];
const rank = (kind: ManifestKind) => order.indexOf(kind);

/** Resolves when the bus has all of it. Records of one partition keep the order in which they are handed over. */
export async function publish(outlet: Outlet, change: CatalogueChange, catalogue: LoadedCatalogue): Promise<void> {
  const put = change.put.toSorted((a, b) => rank(a.kind) - rank(b.kind));
  const remove = change.remove.toSorted((a, b) => rank(b.kind) - rank(a.kind));
  await Promise.all([
    ...put.map((manifest) => outlet.catalogEntry(manifest, catalogue.revision)),
    ...remove.map(({ kind, name }) => outlet.removeCatalogEntry(kind, name)),
  ]);
}
