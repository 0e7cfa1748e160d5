/** What every import comes to, whatever its source speaks. */
import type { ReportedOperation } from '@toolfleet/kernel/imports';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import type { ImportedManifests } from './manifest-text.js';

export interface CatalogImport extends ImportedManifests {
  readonly files: readonly ManifestFile[];
  /** Of the source, or of what of it counts. */
  readonly sha256: string;
  /** What the source calls itself. */
  readonly title: string;
  readonly reported: readonly ReportedOperation[];
  /** What is wrong with the source by the rules of its own format. */
  readonly problems: readonly string[];
}
