/**
 * What a simulated run is judged by. Sessions are judged by when they arrive and however late they end, so overload cannot
 * hide in sessions that never ended; the series tell what was seen in each second.
 */
import { Histograms } from './histogram.js';

export type SessionEnd = 'completed' | 'gaveUp' | 'refused';

/** Rows of the histograms over the whole run; `spared`: waits of quiet tenants' sessions that no loss held up. */
const rows = { quietWait: 0, quietMs: 1, stormWait: 2, stormMs: 3, spared: 4 } as const;
/** Windows of the fairness index: long enough that most tenants ended a session in them. */
export const fairnessWindowS = 5;

export interface GroupCounts {
  offered: number;
  completed: number;
  gaveUp: number;
  refused: number;
  /** Ended sessions that a lost replica held up. */
  struck: number;
  calls: number;
  expired: number;
}

export interface EndedSession {
  readonly tenant: number;
  readonly arrivedAtMs: number;
  readonly waitMs: number;
  readonly struck: boolean;
  readonly now: number;
  readonly end: SessionEnd;
}

const none = (): GroupCounts => ({ offered: 0, completed: 0, gaveUp: 0, refused: 0, struck: 0, calls: 0, expired: 0 });

export class Measures {
  readonly seconds: number;
  readonly quiet = none();
  readonly storm = none();
  readonly offered: Uint32Array;
  readonly completed: Uint32Array;
  readonly quietCompleted: Uint32Array;
  readonly refused: Uint32Array;
  /** Fairness among quiet tenants in the window that a second lies in. */
  readonly jain: Float64Array;
  /** Oldest record not started, by second and partition. */
  readonly oldestMs: Float32Array;
  readonly poolWaits: Histograms;
  readonly #sessions = new Histograms(5);
  readonly #quietWaits: Histograms;
  readonly #stormWaits: Histograms;
  readonly #sparedWaits: Histograms;
  /** By tenant, over the whole run and in the present window. */
  readonly #waited: Float64Array;
  readonly #lived: Float64Array;
  readonly #windowWaited: Float64Array;
  readonly #windowLived: Float64Array;

  constructor(
    durationMs: number,
    private readonly warmupMs: number,
    readonly partitions: number,
    private readonly isStorm: Uint8Array,
    pools: number,
  ) {
    this.seconds = Math.ceil(durationMs / 1_000);
    const ofSeconds = () => new Uint32Array(this.seconds);
    const ofTenants = () => new Float64Array(isStorm.length);
    [this.offered, this.completed, this.quietCompleted, this.refused] = [
      ofSeconds(),
      ofSeconds(),
      ofSeconds(),
      ofSeconds(),
    ];
    this.jain = new Float64Array(this.seconds).fill(1);
    this.oldestMs = new Float32Array(this.seconds * partitions);
    this.poolWaits = new Histograms(pools);
    this.#quietWaits = new Histograms(this.seconds);
    this.#stormWaits = new Histograms(this.seconds);
    this.#sparedWaits = new Histograms(this.seconds);
    [this.#waited, this.#lived, this.#windowWaited, this.#windowLived] = [
      ofTenants(),
      ofTenants(),
      ofTenants(),
      ofTenants(),
    ];
  }

  groupOf(tenant: number, arrivedAtMs: number): GroupCounts | undefined {
    if (arrivedAtMs < this.warmupMs) return undefined;
    return this.isStorm[tenant] === 1 ? this.storm : this.quiet;
  }

  arrived(tenant: number, now: number): void {
    const group = this.groupOf(tenant, now);
    if (group) group.offered++;
    const second = Math.floor(now / 1_000);
    if (second < this.seconds) this.offered[second]!++;
  }

  ended({ tenant, arrivedAtMs, waitMs, struck, now, end }: EndedSession): void {
    const group = this.groupOf(tenant, arrivedAtMs);
    if (group) group[end]++;
    const second = Math.floor(now / 1_000);
    const storms = this.isStorm[tenant] === 1;
    if (end === 'refused') {
      if (second < this.seconds) this.refused[second]!++;
      return;
    }
    const livedMs = now - arrivedAtMs;
    if (group) {
      this.#sessions.add(storms ? rows.stormWait : rows.quietWait, waitMs);
      this.#sessions.add(storms ? rows.stormMs : rows.quietMs, livedMs);
      if (struck) group.struck++;
      else if (!storms) this.#sessions.add(rows.spared, waitMs);
      this.#waited[tenant]! += waitMs;
      this.#lived[tenant]! += livedMs;
    }
    if (second >= this.seconds) return;
    (storms ? this.#stormWaits : this.#quietWaits).add(second, waitMs);
    if (!storms && !struck) this.#sparedWaits.add(second, waitMs);
    this.#windowWaited[tenant]! += waitMs;
    this.#windowLived[tenant]! += livedMs;
    if (end !== 'completed') return;
    this.completed[second]!++;
    if (!storms) this.quietCompleted[second]!++;
  }

  /** At the end of a second. */
  closeSecond(second: number): void {
    const isLast = second % fairnessWindowS === fairnessWindowS - 1 || second === this.seconds - 1;
    if (!isLast) return;
    const index = this.#jainOf(this.#windowWaited, this.#windowLived);
    const first = second - (second % fairnessWindowS);
    this.jain.fill(index, first, second + 1);
    this.#windowWaited.fill(0);
    this.#windowLived.fill(0);
  }

  /** Of the sessions that are judged. */
  jainOverall(): number {
    return this.#jainOf(this.#waited, this.#lived);
  }

  percentile(of: keyof typeof rows, fraction: number): number | undefined {
    return this.#sessions.percentile(rows[of], fraction);
  }

  waitSeries(of: 'quiet' | 'storm' | 'spared', fraction: number): (number | undefined)[] {
    const waits = { quiet: this.#quietWaits, storm: this.#stormWaits, spared: this.#sparedWaits }[of];
    return Array.from({ length: this.seconds }, (_, second) => waits.percentile(second, fraction));
  }

  /**
   * Jain's index over what share of its sessions' time each quiet tenant was served and did not wait: 1 when all fare
   * alike, 1/n when one of n is served alone.
   */
  #jainOf(waited: Float64Array, lived: Float64Array): number {
    let [count, sum, squares] = [0, 0, 0];
    for (let tenant = 0; tenant < lived.length; tenant++) {
      if (this.isStorm[tenant] === 1 || lived[tenant] === 0) continue;
      const served = 1 - Math.min(1, waited[tenant]! / lived[tenant]!);
      count++;
      sum += served;
      squares += served * served;
    }
    return squares === 0 ? 1 : (sum * sum) / (count * squares);
  }
}
