/** What recorded traffic says of a change before it is made: who would notice, how much, and what it reaches behind the tools. */
import type { Catalogue } from '../catalog/manifest.js';
import { upstreamNameOf } from '../catalog/manifest.js';
import type { TrafficScope } from './touched.js';

/** Of all versions and all recorded days of a window. */
export interface ToolTraffic {
  readonly tenant: string;
  readonly tool: string;
  /** Empty for failures, which are recorded without. */
  readonly agent: string;
  readonly calls: number;
  readonly writes: number;
  readonly failures: number;
}

export interface SessionTraffic {
  readonly tenant: string;
  readonly agent: string;
  readonly sessions: number;
  readonly failures: number;
}

export interface RecordedTraffic {
  /** That are recorded of the window, from 1. */
  readonly days: number;
  readonly tools: readonly ToolTraffic[];
  readonly sessions: readonly SessionTraffic[];
  /** There was more than is told here: figures are lower bounds. */
  readonly truncated: boolean;
}

export interface ToolFigures {
  readonly tool: string;
  /** Of the destination behind it; empty for what runs in executors. */
  readonly upstream: string;
  readonly callsPerDay: number;
  readonly writesPerDay: number;
  readonly failuresPerDay: number;
}

export interface BlastRadius {
  readonly because: readonly string[];
  readonly days: number;
  readonly tenants: readonly string[];
  readonly agents: readonly string[];
  readonly upstreams: readonly string[];
  readonly tools: readonly ToolFigures[];
  /** Sessions a day of those agents for those tenants: each may notice it, not each calls one of the tools. */
  readonly sessionsPerDay: number;
  readonly callsPerDay: number;
  readonly writesPerDay: number;
  /** Writes that one such session causes, on average. */
  readonly writesPerSession: number;
  /** Of all that is recorded. */
  readonly shareOfSessions: number;
  readonly shareOfCalls: number;
  readonly truncated: boolean;
}

export function blastRadiusOf(
  scopes: readonly TrafficScope[],
  traffic: RecordedTraffic,
  catalogue: Catalogue,
): BlastRadius {
  const days = Math.max(1, traffic.days);
  const calls = traffic.tools.filter((row) => scopes.some((scope) => isIn(scope, row)));
  const of = pairsOf(scopes, calls);
  const sessions = traffic.sessions.filter((row) => of(row));
  const sum = <T>(rows: readonly T[], figure: (row: T) => number) =>
    rows.reduce((total, row) => total + figure(row), 0);
  const sessionCount = sum(sessions, (row) => row.sessions);
  const callCount = sum(calls, (row) => row.calls);
  const writeCount = sum(calls, (row) => row.writes);
  const tools = toolFiguresOf(calls, days, catalogue);
  return {
    because: scopes.map(({ because }) => because),
    days,
    tenants: namesOf([...sessions, ...calls].map(({ tenant }) => tenant)),
    agents: namesOf([...sessions, ...calls].map(({ agent }) => agent)),
    upstreams: namesOf(tools.map(({ upstream }) => upstream)),
    tools,
    sessionsPerDay: rounded(sessionCount / days),
    callsPerDay: rounded(callCount / days),
    writesPerDay: rounded(writeCount / days),
    writesPerSession: rounded(sessionCount === 0 ? 0 : writeCount / sessionCount),
    shareOfSessions: shareOf(
      sessionCount,
      sum(traffic.sessions, (row) => row.sessions),
    ),
    shareOfCalls: shareOf(
      callCount,
      sum(traffic.tools, (row) => row.calls),
    ),
    truncated: traffic.truncated,
  };
}

const isIn = ({ tools, agents, tenants }: TrafficScope, { tool, agent, tenant }: ToolTraffic): boolean =>
  (tools?.has(tool) ?? true) && (agents?.has(agent) ?? true) && (tenants?.has(tenant) ?? true);

/** Sessions are recorded by tenant and agent: those that a scope names, and those whose calls are touched. */
function pairsOf(scopes: readonly TrafficScope[], calls: readonly ToolTraffic[]): (row: SessionTraffic) => boolean {
  const called = new Set(calls.map(({ tenant, agent }) => `${tenant}\n${agent}`));
  const whole = scopes.filter(({ tools }) => tools === undefined);
  return ({ tenant, agent }) =>
    called.has(`${tenant}\n${agent}`) ||
    whole.some(({ agents, tenants }) => (agents?.has(agent) ?? true) && (tenants?.has(tenant) ?? true));
}

function toolFiguresOf(calls: readonly ToolTraffic[], days: number, catalogue: Catalogue): ToolFigures[] {
  const byTool = Map.groupBy(calls, ({ tool }) => tool);
  const figures = [...byTool].map(([tool, rows]) => {
    const perDay = (figure: 'calls' | 'writes' | 'failures') =>
      rounded(rows.reduce((total, row) => total + row[figure], 0) / days);
    const spec = catalogue.get('Tool', tool);
    return {
      tool,
      upstream: (spec && upstreamNameOf(spec)) ?? '',
      callsPerDay: perDay('calls'),
      writesPerDay: perDay('writes'),
      failuresPerDay: perDay('failures'),
    };
  });
  return figures.toSorted((a, b) => b.callsPerDay - a.callsPerDay || (a.tool < b.tool ? -1 : 1));
}

const namesOf = (names: readonly string[]): string[] => [...new Set(names)].filter((name) => name !== '').toSorted();
const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 1_000);
const rounded = (value: number): number => Math.round(value * 100) / 100;
