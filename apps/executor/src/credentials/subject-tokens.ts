/** Tokens of the users whose sessions call, opened when a driver needs one and kept for a minute. */
import type { Fault } from '@toolfleet/kernel';
import { denied, keepNewest } from '@toolfleet/kernel';
import type { TokenSeal } from '@toolfleet/platform/credentials';
import type { SubjectTokenStore } from '@toolfleet/platform/postgres';

export interface SubjectTokensOptions {
  readonly store: Pick<SubjectTokenStore, 'find'>;
  readonly seal: Pick<TokenSeal, 'open'>;
}

/** A session that goes on by a message has a new token: it counts after this at the latest. */
const keptMs = 60_000;
/** As many as sessions run in a fleet by default, at up to 16 KiB. */
const tokensMax = 10_000;

export class SubjectTokens {
  readonly #known = new Map<string, { readonly token: string; readonly untilMs: number }>();

  constructor(private readonly options: SubjectTokensOptions) {}

  /** Faults: `denied` SUBJECT_TOKEN_MISSING; `broken` TOKEN_UNREADABLE; those of the store. */
  of(tenant: string, sessionId: string): string | Promise<string> {
    const known = this.#known.get(`${tenant}/${sessionId}`);
    return known && known.untilMs > Date.now() ? known.token : this.#read(tenant, sessionId);
  }

  /** It was refused: the next one is read anew. */
  forget(tenant: string, sessionId: string): void {
    this.#known.delete(`${tenant}/${sessionId}`);
  }

  async #read(tenant: string, sessionId: string): Promise<string> {
    const found = await this.options.store.find(tenant, sessionId, Date.now());
    if (!found) throw tokenMissing();
    const token = this.options.seal.open(found.sealed, { tenant, sessionId });
    const untilMs = Math.min(found.expiresAtMs, Date.now() + keptMs);
    keepNewest(this.#known, `${tenant}/${sessionId}`, { token, untilMs }, tokensMax);
    return token;
  }
}

const tokenMissing = (): Fault =>
  denied('SUBJECT_TOKEN_MISSING', 'The tool is reached as the user, and the session has no valid token of theirs.', {
    details: { sent: 'no' },
    hint: 'Do not repeat this call: tell the user to sign in again and to go on with a new message.',
  });
