/** A blast radius as people read it: the figures first, then who, then tool by tool. */
import type { BlastRadius } from '@toolfleet/kernel';
import { columns, plain } from './terminal-text.js';

/** Names of one line: the rest is in the JSON. */
const namesShown = 12;

export function blastRadiusText(radius: BlastRadius): string {
  const { because, days, sessionsPerDay, callsPerDay, writesPerDay, writesPerSession, truncated, tools } = radius;
  const share = (part: number) => `${Math.round(100 * part)} %`;
  const facts = [
    `Touched by ${named(because)}, from ${days} recorded ${days === 1 ? 'day' : 'days'}:`,
    `  sessions a day   ${sessionsPerDay} (${share(radius.shareOfSessions)} of all)`,
    `  calls a day      ${callsPerDay} (${share(radius.shareOfCalls)} of all), ${writesPerDay} of them write`,
    `  writes a session ${writesPerSession}`,
    `  tenants          ${named(radius.tenants)}`,
    `  agents           ${named(radius.agents)}`,
    `  upstreams        ${named(radius.upstreams)}`,
    ...(truncated ? ['  There is more than was looked at: the figures are lower bounds. Name a tenant.'] : []),
  ];
  const rows = tools.map(({ tool, upstream, callsPerDay: calls, writesPerDay: writes, failuresPerDay: failures }) => {
    return [tool, upstream || '-', String(calls), String(writes), String(failures)];
  });
  if (rows.length === 0) return facts.join('\n');
  return `${facts.join('\n')}\n${columns([['TOOL', 'UPSTREAM', 'CALLS/DAY', 'WRITES/DAY', 'FAILURES/DAY'], ...rows])}`;
}

function named(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, namesShown).map(plain).join(', ');
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more` : shown;
}
