/**
 * Whether manifests still say what the source says that they came from. Only the imported part counts: class, effect,
 * risk and limits are the reviewer's, and a tool that the reviewer took out may stay out.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { readManifests, textOfProblem } from '@toolfleet/platform/catalog';

export interface Drift {
  /** `Tool/getPet` */
  readonly manifest: string;
  /** Fields that differ; none when the source no longer has it. */
  readonly fields: readonly string[];
}

export interface ImportComparison {
  readonly drifted: readonly Drift[];
  /** Tools of the source without a manifest. */
  readonly notTaken: readonly string[];
  readonly compared: number;
}

/** Throws `invalid` CATALOG_UNREADABLE for manifests that cannot be read. */
export function compareImport(kept: readonly ManifestFile[], fresh: readonly ManifestFile[]): ImportComparison {
  const [now, then] = [byKey(fresh), byKey(kept)];
  const drifted = [...then].flatMap(([manifest, one]): Drift[] => {
    const other = now.get(manifest);
    if (!other) return [{ manifest, fields: [] }];
    const [a, b] = [importedPart(one), importedPart(other)];
    const fields = Object.keys({ ...a, ...b }).filter((field) => !isDeepStrictEqual(a[field], b[field]));
    return fields.length > 0 ? [{ manifest, fields }] : [];
  });
  return { drifted, notTaken: [...now.keys()].filter((key) => !then.has(key)), compared: then.size };
}

function byKey(files: readonly ManifestFile[]): Map<string, Manifest> {
  const { manifests, problems } = readManifests(files);
  if (problems.length > 0) throw invalid('CATALOG_UNREADABLE', textOfProblem(problems[0]!));
  return new Map(manifests.map(({ manifest }) => [`${manifest.kind}/${manifest.spec.name}`, manifest]));
}

/** Where an upstream is and with which credential is for each fleet to say. */
function importedPart({ kind, spec }: Manifest): Record<string, unknown> {
  if (kind !== 'Tool') return { name: spec.name };
  const { description, parameters, http, mcp, grpc } = spec;
  const wireName = mcp && { tool: mcp.tool ?? spec.name };
  return {
    description,
    parameters,
    http: http && { ...http, upstream: undefined },
    mcp: wireName,
    grpc: grpc && { ...grpc, service: undefined },
  };
}
