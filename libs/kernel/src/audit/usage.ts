/**
 * What entries add to the daily figures: which tools were called, by whose agents, how often to write, and how sessions
 * ended. Only names of the catalogue count, because a model may propose any.
 */
import type { NewAuditEntry } from './entry.js';

export interface ToolUsage {
  readonly tenant: string;
  readonly tool: string;
  readonly version: string;
  /** Empty for failures: executors know no agent. */
  readonly agent: string;
  /** UTC, as 2026-11-27. */
  readonly day: string;
  readonly calls: number;
  readonly writes: number;
  readonly failures: number;
  readonly lastAtMs: number;
}

export interface SessionUsage {
  readonly tenant: string;
  readonly agent: string;
  readonly day: string;
  readonly sessions: number;
  readonly failures: number;
}

export interface AuditUsage {
  readonly tools: readonly ToolUsage[];
  readonly sessions: readonly SessionUsage[];
}

/** Of a name that is a key of a table: what comes over the bus may hold anything. */
const nameForm = /^[\w.:/@+-]{1,128}$/;

export function auditUsageOf(entries: Iterable<Pick<NewAuditEntry, 'tenant' | 'record'>>): AuditUsage {
  const tools = new Map<string, ToolUsage>();
  const sessions = new Map<string, SessionUsage>();
  for (const { tenant, record } of entries) {
    const { action, tool, toolVersion: version, outcome, atMs, decision } = record;
    const agent = nameForm.test(record.agent ?? '') ? record.agent! : '';
    const day = dayOf(atMs);
    if (action === 'SESSION_ENDED') {
      const failures = outcome === 'completed' ? 0 : 1;
      add(sessions, `${tenant}\n${agent}\n${day}`, { tenant, agent, day, sessions: 1, failures });
      continue;
    }
    if (!nameForm.test(tool) || !nameForm.test(version)) continue;
    const of = { tenant, tool, version, day, lastAtMs: atMs };
    if (action === 'CALL_JUDGED' && (decision === 'allowed' || decision === 'review')) {
      const writes = record.effect === 'write' ? 1 : 0;
      add(tools, keyOf(of, agent), { ...of, agent, calls: 1, writes, failures: 0 });
    }
    if (action === 'CALL_EXECUTED' && outcome !== 'ok') {
      add(tools, keyOf(of, ''), { ...of, agent: '', calls: 0, writes: 0, failures: 1 });
    }
  }
  return { tools: [...tools.values()], sessions: [...sessions.values()] };
}

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const keyOf = (of: Pick<ToolUsage, 'tenant' | 'tool' | 'version' | 'day'>, agent: string): string =>
  [of.tenant, of.tool, of.version, agent, of.day].join('\n');

/** Counts add up; of times the latest stays. */
function add<T extends object>(into: Map<string, T>, key: string, one: T): void {
  const known = into.get(key);
  if (!known) return void into.set(key, one);
  const sum = Object.entries(one).map(([field, value]) => {
    const before = known[field as keyof T] as unknown;
    if (typeof value !== 'number' || typeof before !== 'number') return [field, value];
    return [field, field === 'lastAtMs' ? Math.max(before, value) : before + value];
  });
  into.set(key, Object.fromEntries(sum) as T);
}
