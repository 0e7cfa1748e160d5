/**
 * What must hold between manifests, and what a schema alone cannot see: names that must exist, JSON Schemas and conditions
 * that must compile, templates that must name a parameter. All problems are found, not only the first.
 */
import type {
  DatabaseSpec,
  GrpcServiceSpec,
  HttpBinding,
  ManifestKind,
  QuotaCeilingSpec,
  RuleSpec,
  ToolSpec,
} from '@toolfleet/kernel';
import {
  ArgumentValidators,
  CompiledRule,
  aboveCeilings,
  breakingChanges,
  compileCondition,
  destinationKinds,
  faultOf,
  isArgumentHeader,
  fleetToolNames,
  headerName,
  identityOf,
  limits,
  personOf,
  timeoutCeilingMsOf,
} from '@toolfleet/kernel';
import { checkSelect } from '@toolfleet/kernel/shaping';
import { reservedToolClasses } from '@toolfleet/contracts';
import { checkCredential, operatorsOnly, placeholders } from './check-credential.js';
import { checkEffects, checkScopes } from './check-effects.js';
import { checkFlags } from './check-flags.js';
import { checkGrpc, checkGrpcService } from './check-grpc.js';
import { checkMcp, checkMcpServer } from './check-mcp.js';
import { checkRollouts } from './check-rollouts.js';
import { checkSql } from './check-sql.js';
import type { DescriptorSets } from './descriptor-sets.js';
import type { PlacedManifest, Problem, Report } from './read-manifests.js';

export interface CheckOptions {
  /** Tool classes that have a topic and executors. */
  readonly toolClasses: readonly string[];
  /** Classes that exist without a manifest. */
  readonly implicitClasses: readonly string[];
  /** That GrpcServices name. */
  readonly descriptorSets: DescriptorSets;
  /** Whether a file may hold what only operators decide. */
  readonly ofOperators: (file: string) => boolean;
  /** Who may change a file: versions of one tool come from one hand. Absent: all files are of one. */
  readonly handOf?: ((file: string) => string) | undefined;
  /** The same version of a tool as sessions know it now, which this one must not break. Absent: none is known. */
  readonly knownAs?: ((tool: ToolSpec, file: string) => ToolSpec | undefined) | undefined;
}

type Placed<K extends ManifestKind> = PlacedManifest<K>;

export function checkCatalogue(manifests: readonly PlacedManifest[], options: CheckOptions): Problem[] {
  const ofKind = <K extends ManifestKind>(kind: K) =>
    manifests.filter((placed) => placed.manifest.kind === kind) as unknown as Placed<K>[];
  const namesOf = (kind: ManifestKind) => new Set(ofKind(kind).map((placed) => placed.manifest.spec.name));
  const specsOfTools = new Map(ofKind('Tool').map(({ manifest: { spec } }) => [spec.name, spec]));
  const tools = ofKind('Tool').map((placed) => placed.manifest.spec.name);
  const classes = new Set([...namesOf('ToolClass'), ...options.implicitClasses]);
  const [agents, routes, upstreams] = [namesOf('Agent'), namesOf('ModelRoute'), namesOf('Upstream')];
  const [tenants, toolClasses] = [ofKind('Tenant'), ofKind('ToolClass')];
  const validators = new ArgumentValidators();
  const databases = ofKind('Database').map(({ manifest }) => manifest.spec);
  const services = ofKind('GrpcService').map(({ manifest }) => manifest.spec);
  const surroundings = {
    classes,
    tools: specsOfTools,
    upstreams,
    mcpServers: namesOf('McpServer'),
    databases,
    services,
    validators,
    options,
  };
  return [
    ...duplicates(manifests, options),
    ...checkDestinations(manifests),
    ...tenants.flatMap((placed) => checkNames(placed, placed.manifest.spec.agents, agents, 'agents')),
    ...tenants.flatMap((placed) =>
      checkToolNames(placed.manifest.spec.tools ?? [], tools, (at, reason) =>
        placed.problem(['spec', 'tools', at], reason),
      ),
    ),
    ...tenants.flatMap((placed) => checkTimeouts(placed, toolClasses, classes)),
    ...ofKind('Agent').flatMap((placed) => checkAgent(placed, routes, tools)),
    ...toolClasses.flatMap((placed) => checkToolClass(placed, options)),
    ...[...ofKind('Upstream'), ...ofKind('GrpcService')].flatMap((placed) =>
      checkCredential(placed, ['spec', 'credential'], placed.manifest.spec.credential, options.ofOperators),
    ),
    ...ofKind('McpServer').flatMap((placed) => checkMcpServer(placed, options.ofOperators)),
    ...ofKind('GrpcService').flatMap((placed) => checkGrpcService(placed, options.descriptorSets)),
    ...ofKind('Tool').flatMap((placed) => checkTool(placed, surroundings)),
    ...checkVersions(ofKind('Tool')),
    ...checkRollouts(ofKind('Rollout'), ofKind('Tool'), options),
    ...checkFlags(ofKind('Flag'), { tools: ofKind('Tool'), tenants: namesOf('Tenant'), agents }, options),
    ...checkScopes(ofKind('Tool')),
    ...checkPolicies(ofKind('Policy'), tools),
    ...checkCeilings(ofKind('QuotaCeiling'), options),
    ...checkQuotas(
      tenants,
      ofKind('QuotaCeiling').map(({ manifest }) => manifest.spec),
    ),
  ];
}

/** Versions of one tool come from one hand: a team that could add one to another's tool could take it over. */
function duplicates(manifests: readonly PlacedManifest[], { handOf = () => '' }: CheckOptions): Problem[] {
  const seen = new Map<string, PlacedManifest>();
  return manifests.flatMap((placed) => {
    const { kind, spec } = placed.manifest;
    const [key, name] = [identityOf(placed.manifest), `${kind}/${spec.name}`];
    const named = seen.get(name);
    const earlier = seen.get(key) ?? (named && handOf(named.file) !== handOf(placed.file) ? named : undefined);
    for (const one of [key, name]) if (!seen.has(one)) seen.set(one, placed);
    if (!earlier) return [];
    const { file, line } = earlier.problem(['metadata', 'name'], '');
    return [placed.problem(['metadata', 'name'], `is taken by an earlier manifest, ${file}:${line}`)];
  });
}

function checkVersions(tools: readonly Placed<'Tool'>[]): Problem[] {
  const most = limits.toolVersionsMax;
  return [...Map.groupBy(tools, ({ manifest }) => manifest.spec.name).values()].flatMap((versions) =>
    versions
      .slice(most)
      .map(({ problem }) => problem(['spec', 'version'], `a tool has at most ${most} versions at once`)),
  );
}

/** Breakers and quotas know a destination by its name alone. */
function checkDestinations(manifests: readonly PlacedManifest[]): Problem[] {
  const taken = new Map<string, ManifestKind>();
  return manifests.flatMap(({ manifest: { kind, spec }, problem }) => {
    if (!(destinationKinds as readonly ManifestKind[]).includes(kind)) return [];
    const other = taken.get(spec.name) ?? kind;
    taken.set(spec.name, other);
    return other === kind ? [] : [problem(['metadata', 'name'], `is the name of another destination, ${other}`)];
  });
}

/** A team that could write a ceiling could raise its own. */
function checkCeilings(ceilings: readonly Placed<'QuotaCeiling'>[], { ofOperators }: CheckOptions): Problem[] {
  return ceilings.map((placed) => placed.problem(['kind'], operatorsOnly)).filter(({ file }) => !ofOperators(file));
}

/** The fleet keeps to the ceiling in any case; a file that promises more would only mislead its readers. */
function checkQuotas(tenants: readonly Placed<'Tenant'>[], ceilings: readonly QuotaCeilingSpec[]): Problem[] {
  return tenants.flatMap((placed) =>
    aboveCeilings(placed.manifest.spec, ceilings).map(({ path, ceiling, limit }) =>
      placed.problem(path, `is above the ${limit} that QuotaCeiling/${ceiling} allows`),
    ),
  );
}

/** The fleet keeps to the ceiling in any case, as with quotas. A class without a manifest has its default for a ceiling. */
function checkTimeouts(
  placed: Placed<'Tenant'>,
  toolClasses: readonly Placed<'ToolClass'>[],
  names: ReadonlySet<string>,
): Problem[] {
  const seen = new Set<string>();
  return (placed.manifest.spec.timeouts ?? []).flatMap(({ toolClass, timeoutMs }, index) => {
    const problem = (field: string, reason: string) => [placed.problem(['spec', 'timeouts', index, field], reason)];
    if (!names.has(toolClass)) return problem('toolClass', `there is no ToolClass ${JSON.stringify(toolClass)}`);
    if (seen.has(toolClass)) return problem('toolClass', 'is named by an earlier entry');
    seen.add(toolClass);
    const known = toolClasses.find(({ manifest }) => manifest.spec.name === toolClass);
    const ceilingMs = timeoutCeilingMsOf(known?.manifest.spec) ?? Infinity;
    return timeoutMs > ceilingMs ? problem('timeoutMs', `is above the ${ceilingMs} of ToolClass/${toolClass}`) : [];
  });
}

function checkNames(
  placed: Pick<PlacedManifest, 'problem'>,
  names: readonly string[],
  known: ReadonlySet<string>,
  field: string,
): Problem[] {
  return names.flatMap((name, index) =>
    known.has(name) ? [] : [placed.problem(['spec', field, index], `there is no ${JSON.stringify(name)}`)],
  );
}

function checkAgent(placed: Placed<'Agent'>, routes: ReadonlySet<string>, tools: readonly string[]): Problem[] {
  const { model, tools: globs } = placed.manifest.spec;
  const problems = checkToolNames(globs, tools, (index, reason) => placed.problem(['spec', 'tools', index], reason));
  if (!routes.has(model))
    problems.push(placed.problem(['spec', 'model'], `there is no ModelRoute ${JSON.stringify(model)}`));
  return problems;
}

/** A glob may match nothing yet; a plain name that does is a slip, and in a deny rule a dangerous one. */
function checkToolNames(
  globs: readonly string[],
  tools: readonly string[],
  problem: (index: number, reason: string) => Problem,
): Problem[] {
  return globs.flatMap((glob, index) =>
    glob.includes('*') || tools.includes(glob) ? [] : [problem(index, `there is no Tool ${JSON.stringify(glob)}`)],
  );
}

function checkToolClass(placed: Placed<'ToolClass'>, { toolClasses, ofOperators }: CheckOptions): Problem[] {
  const { name, timeoutMsMax } = placed.manifest.spec;
  const at = ['metadata', 'name'];
  if (reservedToolClasses.includes(name)) return [placed.problem(at, 'is reserved for a topic of the fleet')];
  // A team that could write the ceiling could raise its own.
  const own = timeoutMsMax === undefined ? undefined : placed.problem(['spec', 'timeoutMsMax'], operatorsOnly);
  if (own && !ofOperators(own.file)) return [own];
  return toolClasses.includes(name) ? [] : [placed.problem(at, 'has no topic: name it in TOOLFLEET_TOOL_CLASSES')];
}

interface ToolSurroundings {
  readonly classes: ReadonlySet<string>;
  readonly tools: ReadonlyMap<string, ToolSpec>;
  readonly upstreams: ReadonlySet<string>;
  readonly mcpServers: ReadonlySet<string>;
  readonly databases: readonly DatabaseSpec[];
  readonly services: readonly GrpcServiceSpec[];
  readonly validators: ArgumentValidators;
  readonly options: CheckOptions;
}

function checkTool(placed: Placed<'Tool'>, surroundings: ToolSurroundings): Problem[] {
  const { classes, tools, upstreams, mcpServers, databases, services, validators, options } = surroundings;
  const { spec } = placed.manifest;
  const problems: Problem[] = [];
  const report = (path: readonly PropertyKey[], reason: string) => void problems.push(placed.problem(path, reason));
  if (fleetToolNames.includes(spec.name)) report(['metadata', 'name'], 'is reserved for the fleet');
  if (!classes.has(spec.toolClass))
    report(['spec', 'class'], `there is no ToolClass ${JSON.stringify(spec.toolClass)}`);
  else if (!options.toolClasses.includes(spec.toolClass)) {
    report(['spec', 'class'], 'this class has no topic: name it in TOOLFLEET_TOOL_CLASSES');
  }
  for (const { path, reason } of findingsOf(spec, validators)) report(path, reason);
  const known = options.knownAs?.(spec, placed.file);
  for (const { path, reason } of known ? breakingChanges(known, spec) : [])
    report(path, `${reason}: ${raiseTheVersion}`);
  if (spec.mcp) checkMcp(spec.mcp, mcpServers, report);
  if (spec.sql) checkSql(spec, spec.sql, databases, report);
  if (spec.grpc) checkGrpc(spec.grpc, services, options.descriptorSets, report);
  if (spec.http && !upstreams.has(spec.http.upstream)) {
    report(['spec', 'http', 'upstream'], `there is no Upstream ${JSON.stringify(spec.http.upstream)}`);
  }
  if (spec.successor === spec.name) report(['spec', 'successor'], 'is the tool itself');
  else if (spec.successor !== undefined && !tools.has(spec.successor)) {
    report(['spec', 'successor'], `there is no Tool ${JSON.stringify(spec.successor)}`);
  }
  checkEffects(spec, tools, report);
  for (const field of placeholders(spec.conflictKey ?? '')) {
    if (!(field in propertiesOf(spec))) report(['spec', 'conflictKey'], `there is no parameter {${field}}`);
  }
  return problems;
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

export const raiseTheVersion = 'sessions call it as it was, so raise the version and keep the old one beside it';

/** A specification never changes, and to compile its schema costs a millisecond: what is wrong with it alone is found once. */
const findings = new WeakMap<ToolSpec, readonly Finding[]>();

function findingsOf(spec: ToolSpec, validators: ArgumentValidators): readonly Finding[] {
  const known = findings.get(spec);
  if (known) return known;
  const found: Finding[] = [];
  const report: Report = (path, reason) => void found.push({ path, reason });
  checkParameters(spec, validators, report);
  checkDriver(spec, report);
  checkObservation(spec, report);
  findings.set(spec, found);
  return found;
}

const propertiesOf = ({ parameters }: ToolSpec) => (parameters['properties'] ?? {}) as Record<string, unknown>;

function checkParameters(spec: ToolSpec, validators: ArgumentValidators, report: Report): void {
  const at = ['spec', 'parameters'];
  if (spec.parameters['type'] !== 'object') report(at, 'must have type: object, as providers demand');
  try {
    validators.compile(spec);
  } catch (error) {
    report(at, reasonOf(error));
  }
  for (const [index, { condition }] of (spec.checks ?? []).entries()) {
    try {
      void compileCondition(condition);
    } catch (error) {
      report(['spec', 'checks', index, 'condition'], `is not valid CEL: ${faultOf(error).message}`);
    }
  }
}

function checkObservation({ observation: { select } }: ToolSpec, report: Report): void {
  if (select === undefined) return;
  try {
    checkSelect(select);
  } catch (error) {
    report(['spec', 'observation', 'select'], reasonOf(error));
  }
}

/** Each driver has a block of its own name, and no tool has another's. */
const driverBlocks = ['http', 'mcp', 'sql', 'grpc', 'builtin'] as const satisfies readonly ToolSpec['driver'][];

function checkDriver(spec: ToolSpec, report: Report): void {
  for (const block of driverBlocks) {
    if (block === spec.driver && !spec[block]) report(['spec', block], `is required by the driver ${block}`);
    if (block !== spec.driver && spec[block]) report(['spec', block], `does not belong to the driver ${spec.driver}`);
  }
  if (spec.driver === 'http' && spec.http) checkBinding(spec, spec.http, report);
}

function checkBinding(spec: ToolSpec, binding: HttpBinding, report: Report): void {
  const { path, query, headers = [], method, body, bodyArgument, names = {}, styles = {} } = binding;
  const required = (spec.parameters['required'] ?? []) as string[];
  for (const field of placeholders(path)) {
    if (!(field in propertiesOf(spec))) report(['spec', 'http', 'path'], `there is no parameter {${field}}`);
    else if (!required.includes(field)) report(['spec', 'http', 'path'], `the parameter {${field}} must be required`);
  }
  const known = (field: string, ...at: PropertyKey[]) => {
    if (!(field in propertiesOf(spec))) report(['spec', 'http', ...at], `there is no parameter ${field}`);
  };
  for (const [index, field] of query.entries()) known(field, 'query', index);
  for (const field of Object.keys(names)) known(field, 'names', field);
  for (const field of Object.keys(styles)) known(field, 'styles', field);
  for (const [index, field] of headers.entries()) {
    known(field, 'headers', index);
    const name = names[field] ?? field;
    if (!headerName.test(name)) report(['spec', 'http', 'headers', index], `${name} is not a header name`);
    else if (!isArgumentHeader(name)) report(['spec', 'http', 'headers', index], `${name} is not an argument's to set`);
  }
  if (bodyArgument !== undefined) known(bodyArgument, 'bodyArgument');
  if (bodyArgument !== undefined && body !== 'arguments')
    report(['spec', 'http', 'bodyArgument'], 'goes with body: arguments');
  if (method === 'GET' && body !== 'none') report(['spec', 'http', 'body'], 'a GET carries no body');
}

/** Rules are told apart by name in refusals, approvals and the audit, so no two of the whole catalogue share one. */
function checkPolicies(policies: readonly Placed<'Policy'>[], tools: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return policies.flatMap((placed) =>
    placed.manifest.spec.rules.flatMap((rule, index) => {
      const problem = (path: readonly PropertyKey[], reason: string) =>
        placed.problem(['spec', 'rules', index, ...path], reason);
      const problems = checkToolNames(rule.tools, tools, (at, reason) => problem(['tools', at], reason));
      if (seen.has(rule.name)) problems.push(problem(['name'], `another rule is named ${JSON.stringify(rule.name)}`));
      seen.add(rule.name);
      return [...problems, ...checkApprovers(rule, problem), ...checkConditions(rule, problem)];
    }),
  );
}

/** A rule that nobody can satisfy is a denial that takes a quarter of an hour. */
function checkApprovers(rule: RuleSpec, problem: Placed<'Policy'>['problem']): Problem[] {
  const { approvers, approversNeeded } = rule;
  if (!approvers || approvers.roles.length > 0) return [];
  const people = new Set(approvers.users.map(personOf)).size;
  if (people === 0 || people >= approversNeeded) return [];
  return [problem(['approvers', 'users'], `names ${people} people where ${approversNeeded} must agree`)];
}

/** The rule with nothing but one of its conditions tells which of them is wrong. */
function checkConditions(rule: RuleSpec, problem: Placed<'Policy'>['problem']): Problem[] {
  const { constraints = [] } = rule;
  const parts = [
    { path: ['when'], spec: { ...rule, constraints: [] } },
    ...constraints.map((constraint, index) => ({
      path: ['constraints', index, 'condition'],
      spec: { ...rule, when: '', constraints: [constraint] },
    })),
  ];
  return parts.flatMap(({ path, spec }) => {
    try {
      void new CompiledRule(spec);
      return [];
    } catch (error) {
      return [problem(path, reasonOf(error))];
    }
  });
}

/** The library's own words say what is wrong with a schema or condition; they are for the person who writes the file. */
function reasonOf(error: unknown): string {
  const fault = faultOf(error);
  return fault.cause instanceof Error ? `${fault.message} ${fault.cause.message}` : fault.message;
}
