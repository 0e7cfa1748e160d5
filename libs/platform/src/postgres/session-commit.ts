/**
 * What a group commit is made of before it becomes a statement. A statement may touch a session once, so commits of one
 * session that follow each other without a gap are joined to one write, and others wait for the next round.
 */
import { invalid } from '@toolfleet/kernel';
import type { SessionCommit } from './ports/session-store.js';
import { checkId, checkInteger, checkText } from './stored-text.js';

/** More belongs into artifacts: a batch must stay one quick round trip. */
const commitBytesMax = 8 * 2 ** 20;
/** A head and its share of the statement beside the payloads. */
const headBytes = 600;

/** One session's part of a statement, and the commits it is made of, with their places in the batch. */
export interface SessionWrite extends SessionCommit {
  readonly parts: readonly { readonly at: number; readonly commit: SessionCommit }[];
}

export function writeOf(at: number, commit: SessionCommit): SessionWrite {
  return { ...commit, parts: [{ at, commit }] };
}

export function commitBytesOf(commit: SessionCommit): number {
  return commit.events.reduce((sum, event) => sum + event.payload.byteLength, headBytes);
}

/** Refuses what the database would refuse, while it still concerns one commit only. */
export function checkCommit(commit: SessionCommit): void {
  const { head, firstSeq, events } = commit;
  checkId('tenant', head.tenant);
  checkId('sessionId', head.sessionId);
  for (const field of ['status', 'agent', 'userId', 'requestId'] as const) {
    checkText(field, head[field]);
  }
  for (const field of ['partition', 'seq'] as const) {
    checkInteger(field, head[field], 32);
  }
  for (const field of ['createdAtMs', 'updatedAtMs'] as const) {
    checkInteger(field, head[field], 53);
  }
  checkInteger('nextWakeAtMs', head.nextWakeAtMs ?? 0, 53);
  for (const [name, value] of Object.entries(head.usage)) {
    checkText('usage', name);
    if (!Number.isFinite(value)) {
      throw invalid('NUMBER_INVALID', 'A counter must be a finite number.', { details: { field: 'usage' } });
    }
  }
  for (const [at, event] of events.entries()) {
    checkText('type', event.type);
    checkInteger('atMs', event.atMs, 53);
    if (event.seq !== firstSeq + at) {
      throw invalid('COMMIT_HAS_GAP', 'The events of a commit must follow each other from its first seq.');
    }
  }
  if (firstSeq < 1 || events.length === 0 || head.seq !== firstSeq + events.length - 1) {
    throw invalid('COMMIT_HAS_GAP', 'A commit must have events, and its head the seq of the last one.');
  }
  if (commitBytesOf(commit) > commitBytesMax) {
    throw invalid('COMMIT_TOO_LARGE', 'A commit holds too many bytes; keep large observations as artifacts.', {
      details: { bytesMax: String(commitBytesMax) },
    });
  }
}

/** Divides a batch into rounds in which each session occurs once, keeping each session's order. */
export function roundsOf(commits: readonly SessionCommit[]): SessionWrite[][] {
  const rounds: Map<string, SessionWrite>[] = [];
  const lastRoundOf = new Map<string, number>();
  for (const [at, commit] of commits.entries()) {
    const key = JSON.stringify([commit.head.tenant, commit.head.sessionId]);
    const last = lastRoundOf.get(key);
    const before = last === undefined ? undefined : rounds[last]?.get(key);
    if (last !== undefined && before !== undefined && before.head.seq + 1 === commit.firstSeq) {
      rounds[last]?.set(key, joined(before, commit, at));
      continue;
    }
    const round = last === undefined ? 0 : last + 1;
    rounds[round] ??= new Map();
    rounds[round].set(key, writeOf(at, commit));
    lastRoundOf.set(key, round);
  }
  return rounds.map((round) => [...round.values()]);
}

function joined(before: SessionWrite, commit: SessionCommit, at: number): SessionWrite {
  return {
    head: commit.head,
    firstSeq: before.firstSeq,
    events: [...before.events, ...commit.events],
    parts: [...before.parts, { at, commit }],
  };
}
