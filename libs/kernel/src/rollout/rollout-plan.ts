/** What a rollout would change before it is applied: whose sessions try the version, how many, step by step. */
import type { RecordedTraffic } from '../blast-radius/blast-radius.js';
import { matchesAny } from '../catalog/manifest.js';
import type { RolloutGuard, RolloutSpec } from './rollout.js';

export interface PlannedTenant {
  readonly tenant: string;
  /** Of agents that call the tool, by what is recorded. */
  readonly sessionsPerDay: number;
  readonly callsPerDay: number;
  readonly writesPerDay: number;
}

export interface PlannedStep {
  readonly fromMs: number;
  /** Absent: it stays. */
  readonly untilMs?: number | undefined;
  readonly percent: number;
  /** That would try the version. */
  readonly sessionsPerDay: number;
  readonly callsPerDay: number;
  readonly writesPerDay: number;
}

export interface RolloutPlan {
  readonly rollout: string;
  readonly tool: string;
  readonly version: string;
  /** Absent: the tool is not live. */
  readonly current: string | undefined;
  readonly guard: RolloutGuard | undefined;
  /** Recorded days. */
  readonly days: number;
  /** Those that the rollout is for and whose agents call the tool, most sessions first. */
  readonly tenants: readonly PlannedTenant[];
  readonly steps: readonly PlannedStep[];
  /** How long the first share goes on before the guard has seen enough calls. Absent: without guard, or nobody calls. */
  readonly guardSeesAfterMs: number | undefined;
  /** There was more than was looked at: figures are lower bounds. */
  readonly truncated: boolean;
}

const dayMs = 86_400_000;

export function planRollout(rollout: RolloutSpec, current: string | undefined, traffic: RecordedTraffic): RolloutPlan {
  const { name, tool, version, guard } = rollout;
  const days = Math.max(1, traffic.days);
  const tenants = tenantsOf(rollout, traffic, days);
  const sum = (figure: 'sessionsPerDay' | 'callsPerDay' | 'writesPerDay') =>
    tenants.reduce((total, one) => total + one[figure], 0);
  const all = {
    sessionsPerDay: sum('sessionsPerDay'),
    callsPerDay: sum('callsPerDay'),
    writesPerDay: sum('writesPerDay'),
  };
  const steps = stepsOf(rollout, all);
  const first = steps.find(({ percent }) => percent > 0);
  const isSeen = guard !== undefined && first !== undefined && first.callsPerDay > 0;
  return {
    ...{ rollout: name, tool, version, current, guard, days, tenants, steps, truncated: traffic.truncated },
    guardSeesAfterMs: isSeen ? Math.round((guard.callsMin / first.callsPerDay) * dayMs) : undefined,
  };
}

function tenantsOf({ tool, tenants: globs }: RolloutSpec, traffic: RecordedTraffic, days: number): PlannedTenant[] {
  const isFor = (tenant: string) => matchesAny(globs, tenant);
  const calls = traffic.tools.filter((row) => row.tool === tool && isFor(row.tenant));
  const callers = new Set(calls.map(({ tenant, agent }) => `${tenant}\n${agent}`));
  const sessions = traffic.sessions.filter(({ tenant, agent }) => callers.has(`${tenant}\n${agent}`));
  const perDay = (rows: readonly number[]) => rounded(rows.reduce((total, one) => total + one, 0) / days);
  const planned = [...Map.groupBy(calls, ({ tenant }) => tenant)].map(([tenant, rows]) => ({
    tenant,
    sessionsPerDay: perDay(sessions.filter((one) => one.tenant === tenant).map((one) => one.sessions)),
    callsPerDay: perDay(rows.map((row) => row.calls)),
    writesPerDay: perDay(rows.map((row) => row.writes)),
  }));
  return planned.toSorted((a, b) => b.sessionsPerDay - a.sessionsPerDay || (a.tenant < b.tenant ? -1 : 1));
}

function stepsOf({ startsAtMs, steps }: RolloutSpec, all: Omit<PlannedTenant, 'tenant'>): PlannedStep[] {
  let fromMs = startsAtMs;
  return steps.map(({ percent, minutes }, index) => {
    const untilMs = index === steps.length - 1 ? undefined : fromMs + minutes * 60_000;
    const of = (figure: number) => rounded((figure * percent) / 100);
    const step = {
      ...{ fromMs, untilMs, percent, sessionsPerDay: of(all.sessionsPerDay) },
      ...{ callsPerDay: of(all.callsPerDay), writesPerDay: of(all.writesPerDay) },
    };
    fromMs = untilMs ?? fromMs;
    return step;
  });
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
