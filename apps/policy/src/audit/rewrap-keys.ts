/**
 * Wraps people's data keys anew while the secret of the fleet is changed: a page at each pass, round and round as long as a
 * former secret is given, because a process that does not know the present one yet may still make keys under it.
 */
import { limits } from '@toolfleet/kernel';
import type { SubjectKeyStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { SubjectKeyRing } from './subject-key-ring.js';

export interface RewrapKeysOptions {
  readonly store: Pick<SubjectKeyStore, 'page' | 'rewrap'>;
  readonly ring: SubjectKeyRing;
  readonly onRewrapped: (count: number) => void;
  readonly log: Logger;
  readonly pageMax?: number;
}

/** Of a round: those wrapped anew, and those that only a former secret, or none of them, finds. */
interface Round {
  rewrapped: number;
  left: number;
}

const beginning = { tenant: '', keyId: '' };

export class RewrapKeys {
  #after = beginning;
  #round: Round = { rewrapped: 0, left: 0 };
  #isToldDone = false;

  constructor(private readonly options: RewrapKeysOptions) {}

  async pass(): Promise<void> {
    const { store, ring, onRewrapped, pageMax = limits.subjectKeysRewrappedAtOnce } = this.options;
    if (!ring.isChanging) return;
    const page = await store.page(this.#after, pageMax);
    for (const row of page) {
      const anew = ring.rewrapped(row);
      // oxlint-disable-next-line no-await-in-loop -- a page of small writes
      if (anew && (await store.rewrap(row, anew))) {
        this.#round.rewrapped += 1;
        onRewrapped(1);
      } else if (!anew && ring.opened(row)?.isPresent !== true) {
        this.#round.left += 1;
      }
    }
    const last = page.at(-1);
    if (last && page.length === pageMax) this.#after = { tenant: last.tenant, keyId: last.keyId };
    else this.#endRound();
  }

  #endRound(): void {
    const { rewrapped, left } = this.#round;
    const isDone = rewrapped + left === 0;
    if (left > 0)
      this.options.log.warn({ left }, 'data keys of people are left under a former secret, or one not given');
    if (isDone && !this.#isToldDone)
      this.options.log.info('all data keys of people are under the present secret: the former ones can be taken away');
    this.#isToldDone = isDone;
    this.#after = beginning;
    this.#round = { rewrapped: 0, left: 0 };
  }
}
