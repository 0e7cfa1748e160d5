/** What must hold between a flag and what it names. */
import type { ManifestKind } from '@toolfleet/kernel';
import { globMatches, limits } from '@toolfleet/kernel';
import type { CheckOptions } from './check-catalogue.js';
import type { PlacedManifest, Problem } from './read-manifests.js';

interface Known {
  readonly tools: readonly PlacedManifest<'Tool'>[];
  readonly tenants: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
}

/** A plain name that leads nowhere is a slip: the flag would keep nothing back, or let nobody in. */
export function checkFlags(
  flags: readonly PlacedManifest<'Flag'>[],
  known: Known,
  options: Pick<CheckOptions, 'handOf' | 'ofOperators'>,
): Problem[] {
  return flags.flatMap((placed, index) => {
    const at = (path: readonly PropertyKey[], reason: string) => placed.problem(['spec', ...path], reason);
    if (index >= limits.flagsMax) return [placed.problem(['kind'], `a fleet has at most ${limits.flagsMax} flags`)];
    return [
      ...checkTools(placed, known.tools, options),
      ...checkVariants(placed, at),
      ...checkRules(placed, known, at),
    ];
  });
}

/** Whoever keeps a tool back takes it from its callers: only its own hand may, and operators. */
function checkTools(
  { manifest: { spec }, file, problem }: PlacedManifest<'Flag'>,
  tools: readonly PlacedManifest<'Tool'>[],
  { handOf = () => '', ofOperators }: Pick<CheckOptions, 'handOf' | 'ofOperators'>,
): Problem[] {
  return spec.tools.flatMap((glob, index) => {
    const named = tools.filter(({ manifest }) => globMatches(glob, manifest.spec.name));
    const at = (reason: string) => [problem(['spec', 'tools', index], reason)];
    if (named.length === 0 && !glob.includes('*')) return at(`there is no Tool ${JSON.stringify(glob)}`);
    const foreign = named.find((tool) => handOf(tool.file) !== handOf(file));
    if (!foreign || ofOperators(file)) return [];
    return at(`${foreign.manifest.spec.name} is another set’s to keep back`);
  });
}

type At = (path: readonly PropertyKey[], reason: string) => Problem;

function checkVariants({ manifest: { spec } }: PlacedManifest<'Flag'>, at: At): Problem[] {
  const names = Object.keys(spec.variants);
  const unknown = (variant: string) => `${variant} is none of ${names.join(', ')}`;
  return [
    ...(spec.defaultVariant in spec.variants ? [] : [at(['defaultVariant'], unknown(spec.defaultVariant))]),
    ...spec.rules.flatMap(({ variant }, index) =>
      variant in spec.variants ? [] : [at(['rules', index, 'variant'], unknown(variant))],
    ),
  ];
}

function checkRules({ manifest: { spec } }: PlacedManifest<'Flag'>, known: Known, at: At): Problem[] {
  const named = (kind: ManifestKind, names: ReadonlySet<string>, globs: readonly string[], path: PropertyKey[]) =>
    globs.flatMap((glob, index) =>
      glob.includes('*') || names.has(glob)
        ? []
        : [at([...path, index], `there is no ${kind} ${JSON.stringify(glob)}`)],
    );
  return spec.rules.flatMap(({ tenants, agents }, index) => [
    ...named('Tenant', known.tenants, tenants, ['rules', index, 'tenants']),
    ...named('Agent', known.agents, agents, ['rules', index, 'agents']),
  ]);
}
