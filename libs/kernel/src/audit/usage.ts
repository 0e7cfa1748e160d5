/**
 * What entries add to the daily figures: which tools were called, by whose agents, how often to write, and how sessions
 * ended. Only names of the catalogue count, because a model may propose any.
 */
import type { AuditRecord } from './audit-record.js';
import type { NewAuditEntry } from './entry.js';

export interface ToolUsage {
  readonly tenant: string;
  readonly tool: string;
  readonly version: string;
  readonly agent: string;
  /** UTC, as 2026-11-27. */
  readonly day: string;
  readonly calls: number;
  readonly writes: number;
  readonly failures: number;
  /** Calls that ended at an executor, however they did, and how long they took together. */
  readonly runs: number;
  readonly latencyMs: number;
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
const dayMs = 86_400_000;

type Sums<T> = { -readonly [Field in keyof T]: T[Field] };

export function auditUsageOf(entries: Iterable<Pick<NewAuditEntry, 'tenant' | 'record'>>): AuditUsage {
  const tools = new Map<string, Sums<ToolUsage>>();
  const sessions = new Map<string, Sums<SessionUsage>>();
  for (const { tenant, record } of entries) {
    if (record.action === 'SESSION_ENDED') addSession(sessions, tenant, record);
    else if (isLetThrough(record) || hasEnded(record)) addCall(tools, tenant, record);
  }
  return { tools: [...tools.values()], sessions: [...sessions.values()] };
}

/** Of a call's records one says what was decided: that of its proposal or, let through at once, that of its end. */
const tellsDecision: ReadonlySet<string> = new Set(['CALL_JUDGED', 'CALL_EXECUTED', 'CALL_REHEARSED']);

const isLetThrough = ({ action, decision }: AuditRecord): boolean =>
  tellsDecision.has(action) && (decision === 'allowed' || decision === 'review');

const hasEnded = ({ action }: AuditRecord): boolean => action === 'CALL_EXECUTED';

function addSession(into: Map<string, Sums<SessionUsage>>, tenant: string, record: AuditRecord): void {
  const agent = agentOf(record);
  const key = `${tenant}\n${agent}\n${Math.floor(record.atMs / dayMs)}`;
  let sum = into.get(key);
  if (!sum) into.set(key, (sum = { tenant, agent, day: dayOf(record.atMs), sessions: 0, failures: 0 }));
  sum.sessions += 1;
  if (record.outcome !== 'completed') sum.failures += 1;
}

function addCall(into: Map<string, Sums<ToolUsage>>, tenant: string, record: AuditRecord): void {
  const { tool, toolVersion: version, atMs } = record;
  const agent = agentOf(record);
  const key = `${tenant}\n${tool}\n${version}\n${agent}\n${Math.floor(atMs / dayMs)}`;
  let sum = into.get(key);
  if (!sum) {
    if (!nameForm.test(tool) || !nameForm.test(version)) return;
    const day = dayOf(atMs);
    const none = { calls: 0, writes: 0, failures: 0, runs: 0, latencyMs: 0, lastAtMs: 0 };
    into.set(key, (sum = { tenant, tool, version, agent, day, ...none }));
  }
  const isCall = isLetThrough(record);
  if (isCall) sum.calls += 1;
  if (isCall && record.effect === 'write') sum.writes += 1;
  if (hasEnded(record)) addRun(sum, record);
  sum.lastAtMs = Math.max(sum.lastAtMs, atMs);
}

function addRun(sum: Sums<ToolUsage>, { outcome, latencyMs }: AuditRecord): void {
  sum.runs += 1;
  sum.latencyMs += latencyMs;
  if (outcome !== 'ok') sum.failures += 1;
}

const agentOf = ({ agent = '' }: AuditRecord): string => (nameForm.test(agent) ? agent : '');

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
