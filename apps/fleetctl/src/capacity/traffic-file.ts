/**
 * The file that `fleetctl tune simulate` reads, as YAML or JSON: its schema, its defaults, and every problem at once with
 * its line. What comes out is complete, and groups of tenants are spelled out.
 */
import type { PlannedFault, TenantTraffic, Traffic } from '@toolfleet/kernel/capacity';
import { modelUpstream, orchestratorRole } from '@toolfleet/kernel/capacity';
import { invalid, limits } from '@toolfleet/kernel';
import { LineCounter, isNode, parseDocument } from 'yaml';
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/)
  .max(limits.nameCharsMax);
const ms = z.number().positive().max(3_600_000);
const seconds = z.number().min(0).max(3_600);
const share = z.number().min(0).max(1);
const whole = (max: number) => z.int().min(1).max(max);
const latency = { p50Ms: ms.describe('Median.'), p99Ms: ms.describe('99th percentile; at least the median.') };
const count = z.strictObject({ mean: z.number().min(1).max(1_000), max: whole(1_000) });

const pool = {
  replicas: whole(1_024).default(1).describe('Processes of this role. More than partitions stand idle.'),
  cpu: z.number().positive().max(64).default(1).describe('Cores that one replica is paid for.'),
};

const toolClass = z.strictObject({
  ...pool,
  ...latency,
  concurrency: whole(10_000).default(64).describe('Calls of one replica at once: concurrencyMax of the ToolClass.'),
  cpuMs: z.number().min(0).max(10_000).default(1).describe('CPU of the executor for one call.'),
  timeoutMs: ms.default(30_000),
  effect: z.enum(['read', 'write']).default('read'),
  resources: whole(1_000_000)
    .default(100)
    .describe('Of a write class: resources that a tenant writes to; one at a time each.'),
});

const fleet = z.strictObject({
  partitions: whole(1_024).default(limits.partitions).describe('TOOLFLEET_PARTITIONS.'),
  span: whole(64).default(limits.tenantSpan).describe('TOOLFLEET_TENANT_SPAN.'),
  hopMs: z.number().min(0).max(10_000).default(2).describe('From a send to its receipt.'),
  waitingMax: whole(1_000_000).default(512).describe('Records of one partition in hand before it pauses.'),
  orchestrator: z.strictObject({
    ...pool,
    concurrency: whole(10_000).default(256).describe('TOOLFLEET_ORCHESTRATOR_CONCURRENCY.'),
    modelConcurrency: whole(10_000)
      .default(64)
      .describe('concurrencyMax of the ModelRoute: model calls of one replica.'),
    cpuMs: z.number().min(0).max(10_000).default(1).describe('CPU of one inbox record or model answer.'),
    commitMs: z.number().min(0).max(10_000).default(3).describe('Commit of a turn.'),
  }),
  classes: z.record(name, toolClass).refine((classes) => Object.keys(classes).length > 0, 'at least one class'),
});

const shape = z.strictObject({
  turns: count.describe('Model turns, the last answers.'),
  callsPerTurn: count.describe('Calls of a turn that does not answer.'),
  classes: z.record(name, z.number().positive()).describe('Class: how often, relative to the others.'),
});

const tenant = z.strictObject({
  name,
  count: whole(100_000).optional().describe('Stands for so many tenants: name-1, name-2, …'),
  sessionsPerS: z.number().min(0).max(100_000).describe('Sessions that arrive in a second, of each.'),
  shape: name,
  concurrentSessionsMax: whole(1_000_000).default(20),
  waitingSessionsMax: whole(1_000_000).default(100),
});

const span = { fromS: seconds, toS: seconds };
const factor = z.number().positive().max(10_000);
const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('storm'), tenant: name, factor, ...span }),
  z.strictObject({
    kind: z.literal('replica'),
    role: name.describe('orchestrator, or a tool class.'),
    count: whole(1_024).default(1),
    atS: seconds,
    backAfterS: z.number().min(10).max(3_600).default(20).describe('A takeover is through after 10 s at the latest.'),
  }),
  z.strictObject({ kind: z.literal('slow'), upstream: name.describe('model, or a tool class.'), factor, ...span }),
]);

export const trafficSchema = z.strictObject({
  seed: z.int().min(0).max(4_294_967_295).default(1),
  durationS: z
    .number()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('Sessions arrive for so long; all of them are seen through.'),
  warmupS: seconds.default(10).describe('Sessions that arrive before are not judged.'),
  slo: z
    .strictObject({
      waitP99Ms: z.number().positive().describe('All waiting of a session that no loss of a replica held up.'),
      refusedMax: share.default(0).describe('Share of sessions refused.'),
      expiredMax: share.default(0).describe('Share of calls that no executor took in time.'),
      recoveryS: seconds.default(12).describe('After a loss: up to 10 s of takeover, and the time to catch up.'),
    })
    .describe('What tenants that do not storm are promised.'),
  model: z.strictObject({ ...latency, timeoutMs: ms.default(120_000) }),
  fleet,
  shapes: z.record(name, shape),
  tenants: z.array(tenant).min(1).max(10_000),
  faults: z.array(fault).max(100).default([]),
});

type File = z.infer<typeof trafficSchema>;
interface Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/** Largest file that fits the memory that a run is meant to take (2 GiB). */
const tenantsMax = 100_000;
const sessionsMax = 5_000_000;

/** Throws `invalid` TRAFFIC_INVALID with every problem. */
export function parseTraffic(path: string, text: string, seed?: number): Traffic {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const fail = (problems: readonly string[]) =>
    invalid('TRAFFIC_INVALID', `${path} is no traffic file:\n  ${problems.join('\n  ')}`, {
      hint: '`fleetctl tune schema` prints the JSON Schema; examples/capacity has files that work.',
    });
  if (document.errors.length > 0) {
    throw fail(document.errors.map((error) => `line ${lineAt(error.pos[0])}: ${error.message}`));
  }
  const place = ({ path: at, text: what }: Problem): string => {
    for (let length = at.length; length > 0; length--) {
      const node: unknown = document.getIn(at.slice(0, length), true);
      if (isNode(node) && node.range) return `line ${lineAt(node.range[0])}: ${at.join('.')}: ${what}`;
    }
    return `${at.join('.') || 'file'}: ${what}`;
  };
  const parsed = trafficSchema.safeParse(document.toJS());
  if (!parsed.success) throw fail(parsed.error.issues.map((issue) => place({ path: issue.path, text: issue.message })));
  const problems = contradictionsIn(parsed.data);
  if (problems.length > 0) throw fail(problems.map(place));
  return trafficOf(parsed.data, seed);
}

function contradictionsIn(file: File): Problem[] {
  const { fleet: planned, shapes, tenants, faults } = file;
  const problems: Problem[] = [];
  const report = (text: string, ...path: PropertyKey[]) => void problems.push({ path, text });
  const classes = Object.keys(planned.classes);
  const known = (list: readonly string[]) => `known: ${list.join(', ')}`;
  if (planned.span > planned.partitions) report('is more than there are partitions', 'fleet', 'span');
  if (file.warmupS >= file.durationS) report('leaves nothing of the duration to judge', 'warmupS');
  if (file.model.p99Ms < file.model.p50Ms) report('is below the median', 'model', 'p99Ms');
  for (const toolClass of classes) {
    const { p50Ms, p99Ms } = planned.classes[toolClass]!;
    if (p99Ms < p50Ms) report('is below the median', 'fleet', 'classes', toolClass, 'p99Ms');
    if ([orchestratorRole, modelUpstream].includes(toolClass))
      report('is no name for a class', 'fleet', 'classes', toolClass);
  }
  for (const [each, { classes: called }] of Object.entries(shapes)) {
    if (Object.keys(called).length === 0) report('names no class', 'shapes', each, 'classes');
    for (const toolClass of Object.keys(called)) {
      if (!classes.includes(toolClass))
        report(`no such class; ${known(classes)}`, 'shapes', each, 'classes', toolClass);
    }
  }
  for (const [at, each] of tenants.entries()) {
    if (!(each.shape in shapes)) report(`no such shape; ${known(Object.keys(shapes))}`, 'tenants', at, 'shape');
  }
  const names = new Set(tenants.flatMap(namesOf));
  const all = tenants.reduce((sum, each) => sum + (each.count ?? 1), 0);
  if (names.size < all) report('a name stands twice', 'tenants');
  if (all > tenantsMax) report(`stands for ${all} tenants, ${tenantsMax} at most`, 'tenants');
  for (const [at, each] of faults.entries()) problems.push(...problemsOf(each, at, file, names));
  const sessions = sessionsOf(file);
  if (sessions > sessionsMax) report(`brings some ${Math.round(sessions)} sessions, ${sessionsMax} at most`, 'tenants');
  return problems;
}

function problemsOf(planned: File['faults'][number], at: number, file: File, names: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  const report = (text: string, field: string) => void problems.push({ path: ['faults', at, field], text });
  const classes = Object.keys(file.fleet.classes);
  if ('toS' in planned && planned.toS <= planned.fromS) report('is not after fromS', 'toS');
  if (planned.kind === 'storm' && !names.has(planned.tenant)) report('no such tenant', 'tenant');
  if (planned.kind === 'slow' && ![modelUpstream, ...classes].includes(planned.upstream)) {
    report(`no such upstream; known: ${[modelUpstream, ...classes].join(', ')}`, 'upstream');
  }
  if (planned.kind === 'replica' && ![orchestratorRole, ...classes].includes(planned.role)) {
    report(`no such role; known: ${[orchestratorRole, ...classes].join(', ')}`, 'role');
  }
  return problems;
}

function sessionsOf({ tenants, faults, durationS }: File): number {
  let sessions = 0;
  for (const { count: many = 1, sessionsPerS } of tenants) sessions += many * sessionsPerS * durationS;
  for (const each of faults) {
    if (each.kind !== 'storm') continue;
    const group = tenants.find((one) => namesOf(one).includes(each.tenant));
    sessions += (group?.sessionsPerS ?? 0) * each.factor * Math.max(0, each.toS - each.fromS);
  }
  return sessions;
}

function namesOf({ name: base, count: many }: File['tenants'][number]): string[] {
  return many === undefined ? [base] : Array.from({ length: many }, (_, at) => `${base}-${at + 1}`);
}

function trafficOf(file: File, seed = file.seed): Traffic {
  const { recoveryS, ...slo } = file.slo;
  const classes = Object.entries(file.fleet.classes).map(([toolClass, { p50Ms, p99Ms, ...plan }]) => {
    return [toolClass, { ...plan, latency: { p50Ms, p99Ms } }] as const;
  });
  const tenants = file.tenants.flatMap((group): TenantTraffic[] => {
    const { count: _count, ...rest } = group;
    return namesOf(group).map((each) => ({ ...rest, name: each }));
  });
  return {
    seed,
    durationMs: file.durationS * 1_000,
    warmupMs: file.warmupS * 1_000,
    tenants,
    shapes: file.shapes,
    model: file.model,
    fleet: { ...file.fleet, classes: Object.fromEntries(classes) },
    faults: file.faults.map(faultOfFile),
    slo: { ...slo, recoveryMsMax: recoveryS * 1_000 },
  };
}

function faultOfFile(planned: File['faults'][number]): PlannedFault {
  if (planned.kind === 'replica') {
    const { kind, role, count: many, atS, backAfterS } = planned;
    return { kind, role, count: many, atMs: atS * 1_000, backAfterMs: backAfterS * 1_000 };
  }
  const { fromS, toS, ...rest } = planned;
  return { ...rest, fromMs: fromS * 1_000, toMs: toS * 1_000 };
}

export function trafficJsonSchema(): object {
  return z.toJSONSchema(trafficSchema, { io: 'input', target: 'draft-2020-12' });
}
