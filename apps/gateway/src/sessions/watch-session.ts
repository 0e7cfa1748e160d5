/**
 * Follows one session: what is stored after a seq, then what happens, without a gap and without a repeat. The seam holds
 * because the watch subscribes before it reads the store, and takes an event only when it is the next one; anything else
 * (dropped, late, out of order) sends it back to the store, which is written before the broadcast.
 */
import type { Caller, Refusal } from '@toolfleet/kernel';
import { Fault, invalid, scopeFault } from '@toolfleet/kernel';
import type { SessionStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';
import type { AcceptedSessions } from './accepted-sessions.js';
import type { SessionFeed, Subscription, WatchedEvent } from './session-feed.js';
import type { SessionView } from './session-view.js';
import { isFinal } from './session-view.js';
import type { Sessions } from './sessions.js';

/** Rows of one read; at 64 KiB an observation at most 8 MiB. */
const pageEvents = 128;
/** A silent watch looks at the store this often, which also heals a broadcast that never came, and tells its client. */
const idleMsDefault = 15_000;

export interface WatchRequest {
  readonly caller: Caller;
  readonly tenant: string;
  readonly sessionId: string;
  readonly afterSeq: number;
  /** A client that goes away takes its session along. */
  readonly cancelOnDisconnect?: boolean;
}

export interface WatchSessionOptions {
  readonly store: Pick<SessionStore, 'eventsAfter'>;
  readonly sessions: Sessions;
  readonly accepted: AcceptedSessions;
  readonly feed: SessionFeed;
  /** Once somebody watches: from then on a refusal is heard of. Undefined: now already. */
  readonly listening: () => Promise<void> | undefined;
  readonly log: Pick<Logger, 'warn'>;
  readonly idleMs?: number;
}

export interface Watch {
  /** Ends after the session has finished; `idle` means that nothing happened for a while. Read it once. */
  readonly events: AsyncIterable<WatchedEvent | 'idle'>;
  /** Frees everything; must be called, however the watch ends. */
  close(): void;
}

export class WatchSession {
  constructor(private readonly options: WatchSessionOptions) {}

  /** Throws what is wrong with the request before anything is streamed. The signal aborts when the client is gone. */
  async open(request: WatchRequest, signal: AbortSignal): Promise<Watch> {
    const { caller, tenant, sessionId, afterSeq, cancelOnDisconnect = false } = request;
    // Hanging up would otherwise be a cancel for whoever may only look.
    const lacking = cancelOnDisconnect ? scopeFault(caller, 'sessions:cancel') : undefined;
    if (lacking) throw lacking;
    const { feed, sessions, accepted, listening } = this.options;
    if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) throw seqInvalid('afterSeq is not a sequence number.');
    const subscription = feed.subscribe(tenant, sessionId);
    try {
      // A waiting session that is refused after it was looked up is heard of.
      await listening();
      const session = await sessions.known(tenant, sessionId);
      if (session.seq > 0 && afterSeq > session.seq) throw seqInvalid('The session has no such event yet.');
      const refusal = accepted.get(tenant, sessionId)?.refusal;
      if (refusal && session.status === 'rejected') subscription.refuse(refusal);
      const left = () => void this.#cancel(tenant, sessionId, caller.user);
      if (cancelOnDisconnect) signal.addEventListener('abort', left, { once: true });
      if (cancelOnDisconnect && signal.aborted) left();
      return {
        events: this.#follow(session, afterSeq, subscription, signal),
        close: () => {
          signal.removeEventListener('abort', left);
          subscription.close();
        },
      };
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  /** Nobody is there to be told when this fails: the session then ends as it would have without its client. */
  async #cancel(tenant: string, sessionId: string, requestedBy: string): Promise<void> {
    const { sessions, feed, log } = this.options;
    // A gateway that stops hangs up on clients that come back.
    if (feed.closed) return;
    try {
      await sessions.cancel({ tenant, sessionId, reason: 'The client that watched it went away.', requestedBy });
    } catch (error) {
      log.warn({ err: error, session: sessionId }, 'the session of a client that went away was not cancelled');
    }
  }

  async *#follow(session: SessionView, afterSeq: number, subscription: Subscription, signal: AbortSignal) {
    const endSeq = isFinal(session.status) ? session.seq : 0;
    let seq = afterSeq;
    let finished = endSeq > 0 && endSeq <= afterSeq;
    let behind = true;
    const passed = (event: WatchedEvent): void => {
      seq = event.seq;
      // What came late may stand behind the end, and ends nothing itself.
      finished = event.type === 'finished' || (event.type === 'toolCallEndedLate' && (finished || seq === endSeq));
    };
    while (!signal.aborted) {
      if (behind) {
        for await (const event of this.#stored(session, seq, signal)) {
          yield event;
          passed(event);
        }
      }
      const news = subscription.take();
      behind = news.behind;
      for (const event of news.events) {
        if (event.seq <= seq) continue;
        behind ||= event.seq > seq + 1;
        if (behind) break;
        yield event;
        passed(event);
      }
      if (behind) continue;
      if (finished) return;
      if (news.refusal && seq === 0) {
        // Of a session that did start the store has events, and its own end is among them.
        const [first] = await this.options.store.eventsAfter(session.tenant, session.sessionId, 0, 1);
        if (!first) throw faultOfRefusal(news.refusal);
        behind = true;
        continue;
      }
      if (news.closed) throw news.closed;
      if (await subscription.arrival(this.options.idleMs ?? idleMsDefault, signal)) continue;
      behind = true;
      if (!signal.aborted) yield 'idle' as const;
    }
  }

  async *#stored({ tenant, sessionId }: SessionView, afterSeq: number, signal: AbortSignal) {
    for (let seq = afterSeq; !signal.aborted;) {
      // oxlint-disable-next-line no-await-in-loop -- pages follow one another
      const page = await this.options.store.eventsAfter(tenant, sessionId, seq, pageEvents);
      for (const { seq: at, type, payload } of page) yield { seq: at, type, bytes: payload };
      if (page.length < pageEvents) return;
      seq = page.at(-1)!.seq;
    }
  }
}

const seqInvalid = (message: string): Fault =>
  invalid('SEQ_INVALID', message, {
    details: { field: 'afterSeq' },
    hint: 'Use 0, or the seq of an event seen before.',
  });

function faultOfRefusal({ kind, reason, message, ...options }: Refusal): Fault {
  const { hint, retryAfterMs, alternatives, details } = options;
  return new Fault(kind, reason, message, {
    alternatives,
    details,
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
