/**
 * Which traffic a change of manifests touches: of which tools, agents and tenants. It says too much rather than too little:
 * whoever decides on a change wants to know of everyone who may notice it.
 */
import { assertNever } from '../assert.js';
import type { Catalogue, Manifest, ManifestKind, PolicySpec, RuleSpec, ToolSpec } from '../catalog/manifest.js';
import { matchesAny, upstreamNameOf } from '../catalog/manifest.js';
import { defaultOf } from '../flags/flag.js';

/** `before` of what is live, `after` of what is to be; absent where it is not there, or not known. */
export interface ManifestTouch {
  readonly kind: ManifestKind;
  readonly name: string;
  readonly before?: Manifest['spec'] | undefined;
  readonly after?: Manifest['spec'] | undefined;
}

/** Traffic that is in all of the sets which are there; without any it is all traffic. */
export interface TrafficScope {
  /** Such as `Tool/get_order`. */
  readonly because: string;
  readonly tools?: ReadonlySet<string> | undefined;
  readonly agents?: ReadonlySet<string> | undefined;
  readonly tenants?: ReadonlySet<string> | undefined;
}

/** Names of everything that traffic may be of, also of what is no longer in the catalogue. */
export interface KnownNames {
  readonly tools: Iterable<string>;
  readonly tenants: Iterable<string>;
}

export function scopesOf(touches: readonly ManifestTouch[], catalogue: Catalogue, known: KnownNames): TrafficScope[] {
  return touches.flatMap((touch) => scopesOfOne(touch, catalogue, known));
}

function scopesOfOne(touch: ManifestTouch, catalogue: Catalogue, known: KnownNames): TrafficScope[] {
  const { kind, name } = touch;
  const because = `${kind}/${name}`;
  const toolsWhere = (is: (tool: ToolSpec) => boolean) =>
    new Set(catalogue.all('Tool').flatMap((tool) => (is(tool) ? [tool.name] : [])));
  switch (kind) {
    case 'Tool':
      // A version that stands beside the current one is `name@version`; what is recorded goes by the name.
      return [{ because, tools: new Set([name.split('@')[0]!]) }];
    case 'Upstream':
    case 'McpServer':
    case 'Database':
    case 'GrpcService':
      return [{ because, tools: toolsWhere((tool) => upstreamNameOf(tool) === name) }];
    case 'ToolClass':
      return [{ because, tools: toolsWhere((tool) => tool.toolClass === name) }];
    case 'Agent':
      return [{ because, agents: new Set([name]) }];
    case 'ModelRoute':
      return [{ because, agents: agentsOf(catalogue, name) }];
    case 'Tenant':
      return [{ because, tenants: new Set([name]) }];
    case 'QuotaCeiling':
      return [{ because, tenants: matching(known.tenants, tenantsOf(touch)) }];
    case 'Rollout':
      return [{ because, tools: toolsOf(touch), tenants: matching(known.tenants, tenantsOf(touch)) }];
    case 'Flag':
      return [flagScope(touch, known)];
    case 'Policy':
      return changedRules(touch).map((rule) => ({
        because: `${because} ${rule.name}`,
        tools: matching(known.tools, rule.tools),
        tenants: matching(known.tenants, rule.tenants),
      }));
    default:
      return assertNever(kind);
  }
}

const agentsOf = (catalogue: Catalogue, route: string): Set<string> =>
  new Set(catalogue.all('Agent').flatMap(({ name, model }) => (model === route ? [name] : [])));

/** Of both, so that whom it no longer is for is told as well; none is everyone. */
function tenantsOf({ before, after }: ManifestTouch): readonly string[] {
  const lists = [before, after].flatMap((spec) => (spec && 'tenants' in spec ? [spec.tenants] : []));
  return lists.some((list) => list.length === 0) ? [] : lists.flat();
}

const toolsOf = ({ before, after }: ManifestTouch): Set<string> =>
  new Set([before, after].flatMap((spec) => (spec && 'tool' in spec ? [spec.tool] : [])));

/** Of all its tools and of whom its rules name; a variant that all others are given touches everyone. */
function flagScope(touch: ManifestTouch, known: KnownNames): TrafficScope {
  const flags = [touch.before, touch.after].flatMap((spec) => (spec && 'variants' in spec ? [spec] : []));
  const [one, other] = flags;
  const sameForOthers = one !== undefined && other !== undefined && defaultOf(one) === defaultOf(other);
  const sameTools = JSON.stringify(one?.tools) === JSON.stringify(other?.tools);
  const tools = flags.flatMap((flag) => flag.tools);
  const rules = flags.flatMap((flag) => flag.rules);
  const isOfSome = sameForOthers && sameTools && rules.length > 0;
  return {
    because: `Flag/${touch.name}`,
    tools: matching(known.tools, tools),
    tenants: isOfSome
      ? matching(
          known.tenants,
          rules.flatMap(({ tenants }) => tenants),
        )
      : undefined,
  };
}

/** Those that are new, gone or otherwise; a rule that only stands elsewhere decides as before. */
function changedRules({ before, after }: ManifestTouch): RuleSpec[] {
  const rulesOf = (spec: Manifest['spec'] | undefined): readonly RuleSpec[] =>
    (spec as PolicySpec | undefined)?.rules ?? [];
  const [old, now] = [rulesOf(before), rulesOf(after)];
  const differs = (rule: RuleSpec, others: readonly RuleSpec[]) =>
    !others.some((other) => JSON.stringify(other) === JSON.stringify(rule));
  return [...old.filter((rule) => differs(rule, now)), ...now.filter((rule) => differs(rule, old))];
}

/** Undefined where every name fits. */
function matching(names: Iterable<string>, globs: readonly string[]): ReadonlySet<string> | undefined {
  if (globs.length === 0 || globs.includes('*')) return undefined;
  return new Set([...names].filter((name) => matchesAny(globs, name)));
}
