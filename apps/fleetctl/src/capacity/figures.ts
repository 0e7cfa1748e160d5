/** Figures as people read them, the same in the terminal and on the page. */
import type { CapacityReport, SloCheck } from '@toolfleet/kernel/capacity';

export function msText(ms: number): string {
  if (ms >= 100_000) return `${Math.round(ms / 1_000)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 || ms === 0 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** With thin groups of three digits, whatever the locale. */
export const numberText = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');

export const percentText = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;

export const sloWords: Record<SloCheck['name'], string> = {
  waitP99Ms: 'p99 wait',
  refusedMax: 'sessions refused',
  expiredMax: 'calls expired',
  recoveryMsMax: 'recovery of losses',
};

const isMs = (name: SloCheck['name']): boolean => name === 'waitP99Ms' || name === 'recoveryMsMax';

export const sloText = ({ name }: SloCheck, value: number): string => (isMs(name) ? msText(value) : percentText(value));

export interface Table {
  readonly header: readonly string[];
  /** The first column is text, the others are figures. */
  readonly rows: readonly (readonly string[])[];
}

export function groupTable({ quiet, storm }: CapacityReport): Table {
  const groups = [['quiet', quiet] as const, ...(storm.tenants > 0 ? [['storming', storm] as const] : [])];
  const rows = groups.map(([name, group]) => [
    name,
    ...[group.tenants, group.offered, group.completed, group.gaveUp, group.refused, group.struck, group.expired].map(
      numberText,
    ),
    ...[group.waitP50Ms, group.waitP99Ms, group.sessionP50Ms, group.sessionP99Ms].map(msText),
  ]);
  const counts = ['tenants', 'sessions', 'completed', 'gave up', 'refused', 'struck by a loss', 'calls expired'];
  return { header: ['group', ...counts, 'wait p50', 'p99', 'session p50', 'p99'], rows };
}

export function roleTable({ pools, modelWaitP99Ms }: CapacityReport): Table {
  const rows = pools.map(({ role, replicas, idle, cpuUsed, waitP99Ms }) => [
    role === 'orchestrator' ? role : `executor ${role}`,
    numberText(replicas),
    numberText(idle),
    percentText(cpuUsed),
    msText(waitP99Ms),
  ]);
  rows.push(['(place at the model)', '', '', '', msText(modelWaitP99Ms)]);
  return { header: ['role', 'replicas', 'idle', 'CPU', 'record wait p99'], rows };
}

export function faultTable(
  { faults }: CapacityReport,
  describe: (fault: (typeof faults)[number]['fault']) => string,
): Table {
  const rows = faults.map(({ fault, beforeMs, worstMs, recoveredAfterMs }) => [
    describe(fault),
    msText(beforeMs),
    msText(worstMs),
    recoveredAfterMs === undefined
      ? 'not within the run'
      : recoveredAfterMs === 0
        ? 'never felt'
        : msText(recoveredAfterMs),
  ]);
  return { header: ['fault', 'oldest record before', 'at worst', 'recovered after'], rows };
}
