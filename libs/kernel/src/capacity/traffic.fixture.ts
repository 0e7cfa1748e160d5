/** A small fleet that specs vary. */
import type { FleetPlan, PlannedFault, TenantTraffic, ToolClassPlan, Traffic } from './traffic.js';

export const readClass: ToolClassPlan = {
  replicas: 2,
  concurrency: 16,
  cpuMs: 1,
  cpu: 0.25,
  latency: { p50Ms: 40, p99Ms: 300 },
  timeoutMs: 5_000,
  effect: 'read',
  resources: 1,
};

export const fleet: FleetPlan = {
  partitions: 16,
  span: 4,
  hopMs: 2,
  waitingMax: 64,
  orchestrator: {
    replicas: 2,
    concurrency: 64,
    modelConcurrency: 128,
    cpuMs: 1,
    cpu: 1,
    commitMs: 3,
  },
  classes: { read: readClass, write: { ...readClass, effect: 'write', resources: 4, replicas: 1 } },
};

export const tenant = (name: string, sessionsPerS = 2): TenantTraffic => {
  return { name, sessionsPerS, shape: 'chat', concurrentSessionsMax: 40, waitingSessionsMax: 50 };
};

export function traffic(tenants: readonly TenantTraffic[], faults: readonly PlannedFault[] = [], seed = 1): Traffic {
  return {
    seed,
    durationMs: 40_000,
    warmupMs: 5_000,
    tenants,
    shapes: {
      chat: { turns: { mean: 3, max: 8 }, callsPerTurn: { mean: 1.5, max: 4 }, classes: { read: 4, write: 1 } },
    },
    model: { p50Ms: 400, p99Ms: 2_000, timeoutMs: 30_000 },
    fleet,
    faults,
    slo: { waitP99Ms: 250, refusedMax: 0, expiredMax: 0, recoveryMsMax: 12_000 },
  };
}
