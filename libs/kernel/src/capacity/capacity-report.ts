/** What a run comes to: figures that an SLO can be held against, series for plots, and how long each fault was felt. */
import { FleetWorld } from './fleet-world.js';
import type { GroupCounts } from './measures.js';
import type { PlannedFault, Slo, Traffic } from './traffic.js';
import { modelUpstream, orchestratorRole } from './traffic.js';

export interface GroupFigures extends GroupCounts {
  readonly tenants: number;
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  readonly sessionP50Ms: number;
  readonly sessionP99Ms: number;
}

export interface PoolFigures {
  readonly role: string;
  readonly replicas: number;
  /** Replicas that own no partition. */
  readonly idle: number;
  /** Share of the cores that owned partitions, 0 to 1, until the last arrival. */
  readonly cpuUsed: number;
  /** Of one record, for a slot and a core. */
  readonly waitP99Ms: number;
}

export interface FaultFigures {
  readonly fault: PlannedFault;
  /** Oldest record before, and at worst until it was over. */
  readonly beforeMs: number;
  readonly worstMs: number;
  /** From the fault (a storm's or slowness's end) until no record was older than before; absent: not within the run. */
  readonly recoveredAfterMs?: number;
}

export interface SloCheck {
  readonly name: keyof Slo;
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

export interface CapacitySeries {
  readonly quietWaitP99Ms: readonly (number | undefined)[];
  /** Of quiet tenants' sessions that no loss held up. */
  readonly sparedWaitP99Ms: readonly (number | undefined)[];
  readonly stormWaitP99Ms: readonly (number | undefined)[];
  readonly offered: readonly number[];
  readonly completed: readonly number[];
  readonly quietCompleted: readonly number[];
  readonly refused: readonly number[];
  readonly jain: readonly number[];
  readonly oldestMs: readonly number[];
  /** By partition, then by second. */
  readonly shardOldestMs: readonly (readonly number[])[];
}

export interface CapacityReport {
  readonly scale: {
    readonly tenants: number;
    readonly partitions: number;
    readonly span: number;
    readonly replicas: number;
    readonly sessions: number;
    readonly events: number;
    readonly durationMs: number;
    readonly seed: number;
  };
  readonly quiet: GroupFigures;
  readonly storm: GroupFigures;
  readonly jain: number;
  readonly modelWaitP99Ms: number;
  readonly pools: readonly PoolFigures[];
  readonly faults: readonly FaultFigures[];
  readonly slo: readonly SloCheck[];
  readonly series: CapacitySeries;
}

export function simulateFleet(traffic: Traffic): CapacityReport {
  const world = new FleetWorld(traffic);
  world.run();
  const { measures } = world;
  const { fleet, tenants, durationMs, seed } = traffic;
  const storms = new Set(traffic.faults.filter((fault) => fault.kind === 'storm').map(({ tenant }) => tenant)).size;
  const series = seriesOf(world);
  const quiet = groupOf(world, 'quiet', tenants.length - storms);
  const pools = poolsOf(world, traffic);
  const faults = traffic.faults.map((fault) => faultFiguresOf(fault, series.oldestMs));
  return {
    scale: {
      tenants: tenants.length,
      partitions: fleet.partitions,
      span: fleet.span,
      replicas: pools.reduce((sum, { replicas }) => sum + replicas, 0),
      sessions: world.sessions,
      events: world.events,
      durationMs,
      seed,
    },
    quiet,
    storm: groupOf(world, 'storm', storms),
    jain: measures.jainOverall(),
    modelWaitP99Ms: measures.poolWaits.percentile(world.classes.length + 1, 0.99) ?? 0,
    pools,
    faults,
    slo: checksOf(traffic, quiet, measures.percentile('spared', 0.99) ?? 0, faults),
    series,
  };
}

function groupOf({ measures }: FleetWorld, group: 'quiet' | 'storm', tenants: number): GroupFigures {
  const [wait, lived] = group === 'quiet' ? (['quietWait', 'quietMs'] as const) : (['stormWait', 'stormMs'] as const);
  return {
    tenants,
    ...measures[group],
    waitP50Ms: measures.percentile(wait, 0.5) ?? 0,
    waitP99Ms: measures.percentile(wait, 0.99) ?? 0,
    sessionP50Ms: measures.percentile(lived, 0.5) ?? 0,
    sessionP99Ms: measures.percentile(lived, 0.99) ?? 0,
  };
}

function poolsOf(world: FleetWorld, { fleet }: Traffic): PoolFigures[] {
  return [world.inbox, ...world.executors].map(({ role, plan }, row) => {
    const owning = Math.min(plan.replicas, fleet.partitions);
    return {
      role,
      replicas: plan.replicas,
      idle: plan.replicas - owning,
      cpuUsed: world.cpuMs[row]! / (owning * Math.max(world.traffic.durationMs, 1)),
      waitP99Ms: world.measures.poolWaits.percentile(row, 0.99) ?? 0,
    };
  });
}

function seriesOf({ measures }: FleetWorld): CapacitySeries {
  const { seconds, partitions, oldestMs } = measures;
  const shardOldestMs = Array.from({ length: partitions }, (_, partition) =>
    Array.from({ length: seconds }, (_, second) => Math.round(oldestMs[second * partitions + partition]!)),
  );
  return {
    quietWaitP99Ms: measures.waitSeries('quiet', 0.99),
    sparedWaitP99Ms: measures.waitSeries('spared', 0.99),
    stormWaitP99Ms: measures.waitSeries('storm', 0.99),
    offered: [...measures.offered],
    completed: [...measures.completed],
    quietCompleted: [...measures.quietCompleted],
    refused: [...measures.refused],
    jain: [...measures.jain],
    oldestMs: Array.from({ length: seconds }, (_, second) => Math.max(...shardOldestMs.map((row) => row[second]!))),
    shardOldestMs,
  };
}

/** Seconds that the queues must stay as young as before until a fault counts as over. */
const calmS = 3;
/** Below this a queue's age is noise. */
const noiseMs = 250;

function faultFiguresOf(fault: PlannedFault, oldestMs: readonly number[]): FaultFigures {
  const [fromMs, overMs] = fault.kind === 'replica' ? [fault.atMs, fault.atMs] : [fault.fromMs, fault.toMs];
  // The sample of second s is taken at its end.
  const from = Math.floor(fromMs / 1_000);
  const beforeMs = Math.max(0, ...oldestMs.slice(Math.max(0, from - 5), from));
  const isCalm = (ms: number) => ms <= Math.max(1.5 * beforeMs, noiseMs);
  const first = fault.kind === 'replica' ? from + 1 : Math.floor(overMs / 1_000);
  let second = first;
  while (second < oldestMs.length && !oldestMs.slice(second, second + calmS).every(isCalm)) second++;
  const worstMs = Math.max(0, ...oldestMs.slice(from, second + 1));
  const isOver = second + calmS <= oldestMs.length;
  // Without a second above the noise there was nothing to recover from.
  const afterMs = oldestMs.slice(from, second).every(isCalm) ? 0 : Math.max(0, second * 1_000 - overMs);
  return { fault, beforeMs, worstMs, ...(isOver ? { recoveredAfterMs: afterMs } : {}) };
}

function checksOf(
  { slo, durationMs }: Traffic,
  quiet: GroupFigures,
  waitP99Ms: number,
  faults: readonly FaultFigures[],
): SloCheck[] {
  const losses = faults.filter(({ fault }) => fault.kind === 'replica');
  const measured: Record<keyof Slo, number> = {
    waitP99Ms,
    refusedMax: quiet.offered === 0 ? 0 : quiet.refused / quiet.offered,
    expiredMax: quiet.calls === 0 ? 0 : quiet.expired / quiet.calls,
    recoveryMsMax: Math.max(0, ...losses.map(({ recoveredAfterMs = durationMs }) => recoveredAfterMs)),
  };
  return (Object.keys(measured) as (keyof Slo)[]).map((name) => {
    return { name, limit: slo[name], measured: measured[name], met: measured[name] <= slo[name] };
  });
}

/** In one line, for tables and plots. */
export function describeFault(fault: PlannedFault): string {
  const s = (ms: number) => `${ms / 1_000} s`;
  if (fault.kind === 'storm')
    return `storm: ${fault.tenant} sends ${fault.factor} ×, ${s(fault.fromMs)} to ${s(fault.toMs)}`;
  if (fault.kind === 'replica') {
    const role = fault.role === orchestratorRole ? 'orchestrator' : `executor ${fault.role}`;
    return `loss: ${fault.count} ${role} at ${s(fault.atMs)}, back after ${s(fault.backAfterMs)}`;
  }
  const upstream = fault.upstream === modelUpstream ? 'the model' : `tools of ${fault.upstream}`;
  return `slow: ${upstream} ${fault.factor} ×, ${s(fault.fromMs)} to ${s(fault.toMs)}`;
}
