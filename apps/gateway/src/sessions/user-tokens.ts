/**
 * Keeps the token that a user came with, sealed for their session, where the session may call a tool that is reached with it;
 * of all others nothing is kept. A token of whoever acts for a user is not the user's: with it tools would be reached as
 * somebody else than the audit says.
 */
import type { Caller, Catalogue } from '@toolfleet/kernel';
import { SubjectTokenUse, limits } from '@toolfleet/kernel';
import type { TokenSeal } from '@toolfleet/platform/credentials';
import { bearerOf, expiresAtMsOf } from '@toolfleet/platform/identity';
import type { SubjectTokenStore } from '@toolfleet/platform/postgres';

/** A caller with the `authorization` header that says so, already verified. */
export interface CallerToken {
  readonly caller: Pick<Caller, 'user'>;
  readonly header: unknown;
}

export interface UserTokensOptions {
  readonly catalogue: Catalogue;
  readonly store: Pick<SubjectTokenStore, 'put'>;
  /** Absent: the gateway has no key, so nothing is kept and such tools are refused. */
  readonly seal: Pick<TokenSeal, 'seal'> | undefined;
  readonly now: () => number;
}

export interface TokenSession {
  readonly tenant: string;
  readonly sessionId: string;
  readonly user: string;
  readonly agent: string;
}

export class UserTokens {
  readonly #use: SubjectTokenUse;

  constructor(private readonly options: UserTokensOptions) {
    this.#use = new SubjectTokenUse(options.catalogue);
  }

  /** Resolves when the token can be found by its session, or at once where there is none to keep. */
  async keep({ tenant, sessionId, user, agent }: TokenSession, from: CallerToken | undefined): Promise<void> {
    const { seal, store, now } = this.options;
    if (!seal || from?.header === undefined || from.caller.user !== user || !this.#use.neededBy(agent)) return;
    const token = bearerOf(from.header);
    const nowMs = now();
    const expiresAtMs = Math.min(expiresAtMsOf(token), nowMs + limits.subjectTokenMsMax);
    await store.put({ tenant, sessionId, sealed: seal.seal(token, { tenant, sessionId }), expiresAtMs }, nowMs);
  }
}
