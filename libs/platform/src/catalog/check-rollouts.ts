/** What must hold between a rollout and the versions of its tool. */
import { limits } from '@toolfleet/kernel';
import type { CheckOptions } from './check-catalogue.js';
import type { PlacedManifest, Problem } from './read-manifests.js';

/** A version that is offered is given to all; and a team that could roll another's tool out could change what it is. */
export function checkRollouts(
  rollouts: readonly PlacedManifest<'Rollout'>[],
  tools: readonly PlacedManifest<'Tool'>[],
  { handOf = () => '' }: Pick<CheckOptions, 'handOf'>,
): Problem[] {
  const seen = new Set<string>();
  return rollouts.flatMap(({ manifest: { spec }, file, problem }, index) => {
    if (index >= limits.rolloutsMax) return [problem(['kind'], `a fleet has at most ${limits.rolloutsMax} rollouts`)];
    const at = (field: string, reason: string) => [problem(['spec', field], reason)];
    const versions = tools.filter(({ manifest }) => manifest.spec.name === spec.tool);
    const canary = versions.find(({ manifest }) => manifest.spec.version === spec.version);
    if (versions.length === 0) return at('tool', `there is no Tool ${JSON.stringify(spec.tool)}`);
    if (!canary) return at('version', 'the tool has no such version');
    if (handOf(canary.file) !== handOf(file)) return at('tool', 'is another set’s to roll out');
    if (seen.has(spec.tool)) return at('tool', 'has an earlier rollout');
    seen.add(spec.tool);
    if (versions.length < 2) return at('version', 'is the only one of its tool');
    return canary.manifest.spec.visibility === 'hidden'
      ? []
      : at('version', 'is given to all: its Tool must be hidden');
  });
}
