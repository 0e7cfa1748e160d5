/** What travels through the simulated fleet: sessions, and the records that carry them on. */
import type { Random } from '../simulation/random.js';
import type { LaneItem } from '../tenancy/lanes.js';
import type { Pool } from './pool.js';

export class Session {
  /** Time spent waiting for a share, a slot or a core; of a wave, what its longest wait took. */
  waitMs = 0;
  startedAtMs = 0;
  turn = 0;
  turns = 0;
  /** Calls of this wave that are not settled. */
  callsOpen = 0;
  waveWaitMs = 0;
  partition = 0;
  ended = false;
  /** A record of it met a partition without an owner, or was begun in vain. */
  struck = false;

  constructor(
    readonly key: string,
    readonly tenant: number,
    readonly arrivedAtMs: number,
    readonly random: Random,
  ) {}
}

/**
 *   queued ──lane──▶ running ──▶ done
 *     ▲                 │ orchestrator only
 *     │                 └──▶ atGate ──▶ asking ──▶ judging ──▶ done
 *     └──────────── its replica is lost ──────────────┘
 */
export type WorkState = 'queued' | 'running' | 'atGate' | 'asking' | 'judging' | 'done';

/** A record on a topic: a call for an executor, or anything for a session's inbox. */
export class Work implements LaneItem {
  laneKey = '';
  tenant = '';
  readonly bytes = 0;
  state: WorkState = 'done';
  partition = 0;
  /** Since when it waits for what it needs next. */
  sinceMs = 0;
  waitedMs = 0;
  serviceMs = 0;
  deadlineAtMs = Infinity;
  /** Counts redeliveries: what an earlier run still reports is ignored. */
  run = 0;
  /** An observation that its session has taken; delivered again, it only asks the model again. */
  taken = false;
  /** Index of its tool class; -1 of a session's start. */
  toolClass = -1;
  session!: Session;
  /** Whose topic it is on. */
  pool!: Pool;

  constructor(readonly id: number) {}
}
