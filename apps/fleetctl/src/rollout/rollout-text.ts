/** Rollouts for people: what one would change, what came of a rehearsal, and who still has a version. */
import type { VersionHolders } from '@toolfleet/contracts';
import type { CheckResult, RolloutPlan } from '@toolfleet/kernel';
import pc from 'picocolors';
import { counted } from '../set-text.js';
import { columns, plain } from '../terminal-text.js';
import type { Rehearsal } from './rehearse.js';

const rowsShown = 12;

export function planText(plan: RolloutPlan): string {
  const { rollout, tool, version, current = '-', guard, days, tenants, steps, guardSeesAfterMs, truncated } = plan;
  const head = `${plain(rollout)}: version ${version} of ${plain(tool)} in place of ${current}, from ${counted(days, 'recorded day')}.`;
  const stepRows = steps.map((step) => {
    const { fromMs, untilMs, percent, sessionsPerDay, callsPerDay, writesPerDay } = step;
    const until = untilMs === undefined ? 'stays' : timeOf(untilMs);
    return [timeOf(fromMs), until, `${percent} %`, ...[sessionsPerDay, callsPerDay, writesPerDay].map(String)];
  });
  const tenantRows = tenants
    .slice(0, rowsShown)
    .map(({ tenant, sessionsPerDay, callsPerDay }) => [tenant, String(sessionsPerDay), String(callsPerDay)]);
  const more = tenants.length > rowsShown ? [`and ${counted(tenants.length - rowsShown, 'more tenant')}`] : [];
  return [
    head,
    columns([['FROM', 'UNTIL', 'SHARE', 'SESSIONS/DAY', 'CALLS/DAY', 'WRITES/DAY'], ...stepRows]),
    tenants.length === 0
      ? 'Nobody that it is for has called the tool.'
      : columns([['TENANT', 'SESSIONS/DAY', 'CALLS/DAY'], ...tenantRows]),
    ...more,
    guard === undefined
      ? 'No guard: only people take it back.'
      : `Taken back by itself after ${guard.callsMin} calls${afterText(guardSeesAfterMs)}, if it fails ${guard.errorTimes} times as often${latencyText(guard.latencyTimes)}.`,
    ...(truncated ? ['There is more than was looked at: the figures are lower bounds.'] : []),
  ].join('\n');
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

const latencyText = (times: number | undefined): string =>
  times === undefined ? '' : ` or takes ${times} times as long`;

function afterText(afterMs: number | undefined): string {
  if (afterMs === undefined) return '';
  const minutes = Math.max(1, Math.round(afterMs / 60_000));
  return ` (${minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`} at its first share)`;
}

export function rehearsalText({ rollout, tool, version, current, recorded, madeUp, checks }: Rehearsal): string {
  const { green, red, yellow } = pc;
  const paint = { passed: green, failed: red, noted: yellow } as const satisfies Record<CheckResult, unknown>;
  const failed = checks.filter(({ result }) => result === 'failed').length;
  const rows = checks.map(({ check, result, detail }) => [result, check, detail]);
  const [titles, ...lines] = columns([['RESULT', 'CHECK', 'FOUND'], ...rows]).split('\n');
  return [
    `${plain(rollout)}: version ${version} of ${plain(tool)} and back to ${current}, for ${recorded} recorded and ${madeUp} made-up sessions.`,
    titles,
    ...lines.map((line, at) => paint[checks[at]!.result](line)),
    failed === 0 ? 'It can be gone back from.' : `${counted(failed, 'check')} failed: do not apply it.`,
  ].join('\n');
}

export function holdersText(version: string, { holders, truncated }: VersionHolders): string {
  const sessions = holders.reduce((sum, one) => sum + one.sessions, 0);
  if (sessions === 0)
    return truncated ? 'Of the sessions that were looked at none has it.' : 'No session that runs has it.';
  const rows = holders.slice(0, rowsShown).map(({ tenant, agent, sessions: many }) => [tenant, agent, String(many)]);
  const head = `${truncated ? 'At least ' : ''}${counted(sessions, 'running session')} go${sessions === 1 ? 'es' : ''} on with version ${version}:`;
  return `${head}\n${columns([['TENANT', 'AGENT', 'SESSIONS'], ...rows])}`;
}
