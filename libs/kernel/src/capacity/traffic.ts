/**
 * What the capacity simulation is given: recorded traffic, the fleet as planned, faults and an SLO. All checked and
 * complete; the file's form, its defaults and its problems are fleetctl's. Times are milliseconds from the start.
 */

/** A latency as metrics tell it. Between the two it is lognormal, which is how tools and models spread. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** At least one; geometric around the mean, cut at the maximum. */
export interface Count {
  readonly mean: number;
  readonly max: number;
}

export interface SessionShape {
  /** Model turns, the answer included; each but the last proposes a wave of calls. */
  readonly turns: Count;
  readonly callsPerTurn: Count;
  /** Tool class → how often it is called, relative to the others. */
  readonly classes: Readonly<Record<string, number>>;
}

export interface TenantTraffic {
  readonly name: string;
  readonly sessionsPerS: number;
  /** Name of a shape. */
  readonly shape: string;
  readonly concurrentSessionsMax: number;
  readonly waitingSessionsMax: number;
}

/** Replicas of one role. Each is one process: one core's worth of CPU, whatever `cpu` reserves. */
export interface PoolPlan {
  readonly replicas: number;
  /** Records that one replica has in hand at once. */
  readonly concurrency: number;
  /** CPU of one record. */
  readonly cpuMs: number;
  /** Cores that one replica is paid for. */
  readonly cpu: number;
}

export interface OrchestratorPlan extends PoolPlan {
  /** Model calls of one replica at once; they take none of `concurrency`. */
  readonly modelConcurrency: number;
  readonly commitMs: number;
}

export interface ToolClassPlan extends PoolPlan {
  readonly latency: Latency;
  readonly timeoutMs: number;
  /** Calls of a write class that name the same resource run one after another. */
  readonly effect: 'read' | 'write';
  /** Resources that the writes of one tenant fall on. */
  readonly resources: number;
}

export interface FleetPlan {
  readonly partitions: number;
  readonly span: number;
  /** From a send to its receipt. */
  readonly hopMs: number;
  /** Records of one partition that a consumer takes in before it pauses it. */
  readonly waitingMax: number;
  readonly orchestrator: OrchestratorPlan;
  readonly classes: Readonly<Record<string, ToolClassPlan>>;
}

/** The orchestrators' pool; every other role is named by its tool class. */
export const orchestratorRole = 'orchestrator';
/** What a `slow` fault calls the model's endpoint. */
export const modelUpstream = 'model';

export type PlannedFault =
  /** The tenant sends `factor` times its rate. */
  | {
      readonly kind: 'storm';
      readonly tenant: string;
      readonly factor: number;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Replicas of a role die at once and come back. */
  | {
      readonly kind: 'replica';
      readonly role: string;
      readonly count: number;
      readonly atMs: number;
      readonly backAfterMs: number;
    }
  /** What starts in between takes `factor` times as long. */
  | {
      readonly kind: 'slow';
      readonly upstream: string;
      readonly factor: number;
      readonly fromMs: number;
      readonly toMs: number;
    };

/** What tenants that do not storm are promised. */
export interface Slo {
  /**
   * Of a session: all its waiting for a share, a slot or a core; service of model and tools does not count. Sessions that
   * were on a lost replica's partitions are left to `recoveryMsMax`: 6 to 10 s of takeover are not a matter of size.
   */
  readonly waitP99Ms: number;
  /** Share of sessions refused, 0 to 1. */
  readonly refusedMax: number;
  /** Share of calls that found no executor in time, 0 to 1. */
  readonly expiredMax: number;
  /** From the loss of replicas until queues are as young as before. */
  readonly recoveryMsMax: number;
}

export interface Traffic {
  readonly seed: number;
  readonly durationMs: number;
  /** Sessions that arrive before this fill the fleet and are not judged. */
  readonly warmupMs: number;
  readonly tenants: readonly TenantTraffic[];
  readonly shapes: Readonly<Record<string, SessionShape>>;
  readonly model: Latency & { readonly timeoutMs: number };
  readonly fleet: FleetPlan;
  readonly faults: readonly PlannedFault[];
  readonly slo: Slo;
}
