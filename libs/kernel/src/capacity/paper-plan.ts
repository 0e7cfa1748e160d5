/**
 * A fleet by arithmetic: cores by load over utilisation, slots by Little's law. It is where the search begins; only the
 * simulation knows of queues.
 */
import { meanMsOf } from './draw.js';
import type { FleetPlan, Traffic } from './traffic.js';
import { orchestratorRole } from './traffic.js';

/** What one role has to do while storms last. */
export interface RoleLoad {
  /** Cores' worth of CPU. */
  readonly cores: number;
  /** Records (calls, for executors) in hand at once. */
  readonly inHand: number;
}

export interface FleetLoad {
  readonly orchestrator: Pick<RoleLoad, 'cores'> & { readonly modelCalls: number };
  readonly classes: Readonly<Record<string, RoleLoad>>;
}

export function loadOf(traffic: Traffic): FleetLoad {
  const { orchestrator, classes } = traffic.fleet;
  const modelMs = Math.min(meanMsOf(traffic.model), traffic.model.timeoutMs);
  const callsPerS: Record<string, number> = Object.fromEntries(Object.keys(classes).map((name) => [name, 0]));
  let [turnsPerS, recordsPerS] = [0, 0];
  for (const tenant of traffic.tenants) {
    const shape = traffic.shapes[tenant.shape]!;
    const weight = Object.values(shape.classes).reduce((sum, each) => sum + each, 0);
    const sessionMs = shape.turns.mean * (modelMs + 50);
    // A share holds what a storm can bring in: no more sessions run at once than it allows.
    const shareMaxPerS = (tenant.concurrentSessionsMax / sessionMs) * 1_000;
    const perS = Math.min(tenant.sessionsPerS * stormFactorOf(traffic, tenant.name), shareMaxPerS);
    const calls = (shape.turns.mean - 1) * shape.callsPerTurn.mean;
    turnsPerS += perS * shape.turns.mean;
    recordsPerS += perS * (1 + calls + shape.turns.mean);
    for (const [name, part] of Object.entries(shape.classes)) callsPerS[name]! += (perS * calls * part) / weight;
  }
  const ofClass = ([name, plan]: (typeof entries)[number]) => {
    const perS = callsPerS[name]!;
    const inHand = (perS * Math.min(meanMsOf(plan.latency), plan.timeoutMs)) / 1_000;
    return [name, { cores: (perS * plan.cpuMs) / 1_000, inHand }] as const;
  };
  const entries = Object.entries(classes);
  return {
    orchestrator: {
      cores: (recordsPerS * orchestrator.cpuMs) / 1_000,
      modelCalls: (turnsPerS * modelMs) / 1_000,
    },
    classes: Object.fromEntries(entries.map(ofClass)),
  };
}

function stormFactorOf({ faults }: Traffic, tenant: string): number {
  return faults.reduce(
    (most, fault) => (fault.kind === 'storm' && fault.tenant === tenant ? Math.max(most, fault.factor) : most),
    1,
  );
}

/** No slot may be the bottleneck of a first guess: four times what Little's law asks, and room for small numbers. */
const slotsSlack = 4;

export const powerOfTwoFrom = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, least)));

/** Replicas so that cores are used to `utilisation`, partitions so that none of them is idle. */
export function planOnPaper(traffic: Traffic, load: FleetLoad, utilisation: number): FleetPlan {
  const { fleet } = traffic;
  const replicasOf = (role: string, { cores }: Pick<RoleLoad, 'cores'>) =>
    Math.max(1, Math.ceil(cores / utilisation)) + lostOf(traffic, role);
  const slotsOf = (inHand: number, replicas: number) => Math.max(16, powerOfTwoFrom((slotsSlack * inHand) / replicas));
  const orchestrators = replicasOf(orchestratorRole, load.orchestrator);
  const classes = Object.entries(fleet.classes).map(([name, plan]) => {
    const role = load.classes[name]!;
    const replicas = replicasOf(name, role);
    return [name, { ...plan, replicas, concurrency: slotsOf(role.inHand, replicas) }] as const;
  });
  const largest = Math.max(orchestrators, ...classes.map(([, { replicas }]) => replicas));
  return {
    ...fleet,
    partitions: Math.min(1_024, Math.max(8, powerOfTwoFrom(largest + 1))),
    orchestrator: {
      ...fleet.orchestrator,
      replicas: orchestrators,
      modelConcurrency: slotsOf(load.orchestrator.modelCalls, orchestrators),
    },
    classes: Object.fromEntries(classes),
  };
}

/** Most replicas of a role that the file has die at once: a first guess outlives them. */
function lostOf({ faults }: Traffic, role: string): number {
  return faults.reduce(
    (most, fault) => (fault.kind === 'replica' && fault.role === role ? Math.max(most, fault.count) : most),
    0,
  );
}

/** Cores that are paid for. */
export function costOf({ orchestrator, classes }: FleetPlan): number {
  return [orchestrator, ...Object.values(classes)].reduce((sum, { replicas, cpu }) => sum + replicas * cpu, 0);
}
