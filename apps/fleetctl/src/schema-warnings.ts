/** Agents whose own tools do not fit into their budget of schema tokens: some are left out of each of their sessions. */
import { Catalogue, definitionTokensOf, fixedTools, withVersionsMarked } from '@toolfleet/kernel';
import type { ManifestFile, Problem } from '@toolfleet/platform/catalog';
import { readManifests } from '@toolfleet/platform/catalog';

/** Of tools that these files hold; others are not counted. */
export async function schemaWarnings(files: readonly ManifestFile[]): Promise<Problem[]> {
  const { manifests } = readManifests(files);
  const bounded = manifests.flatMap((placed) => {
    const { kind, spec } = placed.manifest;
    return kind === 'Agent' && spec.schemaTokensMax !== undefined
      ? [{ ...placed, spec, most: spec.schemaTokensMax }]
      : [];
  });
  if (bounded.length === 0) return [];
  const { tokensOf } = await import('@toolfleet/platform/tokens');
  const catalogue = new Catalogue();
  for (const manifest of withVersionsMarked(manifests.map(({ manifest: one }) => one))) catalogue.put(manifest);
  return bounded.flatMap(({ spec, most, problem }) => {
    const own = fixedTools(spec, catalogue, Date.now());
    const tokens = own.reduce((sum, tool) => sum + definitionTokensOf(tool, tokensOf), 0);
    if (tokens <= most) return [];
    return [problem(['spec', 'schemaTokensMax'], `the ${own.length} tools that it names take ${tokens} tokens`)];
  });
}
