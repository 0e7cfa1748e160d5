/**
 * What clients may ask about sessions and tell them. Reads come from the store, then the waiting room, then what this
 * process has just accepted; nothing here changes a session, it only puts words into its inbox.
 */
import { randomUUID } from 'node:crypto';
import { decodeSessionEvent } from '@toolfleet/contracts';
import type { Caller, SessionStatus, UserMessageInput } from '@toolfleet/kernel';
import { conflict, invalid, limits, messageFault, missing, speakerFault, tenantFault } from '@toolfleet/kernel';
import type { Outlet } from '@toolfleet/platform/bus';
import type { SessionHead, SessionStore, WaitingRoom } from '@toolfleet/platform/postgres';
import type { AcceptedSessions } from './accepted-sessions.js';
import type { SessionView } from './session-view.js';
import { isFinal, viewOfHead, viewOfWaiting } from './session-view.js';
import type { UserTokens } from './user-tokens.js';

const sessionIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const pageSizeDefault = 50;
const pageSizeMax = 500;
/** Goes into an event and to every tool that is stopped. */
const reasonCharsMax = 500;

export interface ListQuery {
  readonly tenant: string;
  readonly status?: SessionStatus | undefined;
  readonly agent: string;
  /** 0: the default. */
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface SessionPage {
  readonly sessions: readonly SessionView[];
  readonly nextPageToken: string;
}

export interface CancelRequest {
  readonly tenant: string;
  readonly sessionId: string;
  readonly reason: string;
  readonly requestedBy: string;
}

export interface SessionsOptions {
  readonly store: Pick<SessionStore, 'head' | 'list' | 'eventsAfter'>;
  readonly waitingRoom: Pick<WaitingRoom, 'find' | 'next' | 'position' | 'interval'>;
  readonly accepted: AcceptedSessions;
  readonly outlet: Pick<Outlet, 'inbox' | 'admission'>;
  /** Absent: no token of a user is kept. */
  readonly tokens?: Pick<UserTokens, 'keep'> | undefined;
}

export class Sessions {
  constructor(private readonly options: SessionsOptions) {}

  /** Without its answer. Undefined when nobody has heard of it. */
  async find(tenant: string, sessionId: string): Promise<SessionView | undefined> {
    const { store, waitingRoom, accepted } = this.options;
    // Looked at before as well: what becomes durable during the look-ups may be missed by them.
    const noted = accepted.get(tenant, sessionId);
    const [head, waiting] = await Promise.all([store.head(tenant, sessionId), waitingRoom.find(tenant, sessionId)]);
    if (head) return viewOfHead(head);
    if (waiting) {
      const [position, intervalMs] = await Promise.all([
        waitingRoom.position(tenant, sessionId),
        waitingRoom.interval(tenant),
      ]);
      return viewOfWaiting(waiting, position, intervalMs);
    }
    return (accepted.get(tenant, sessionId) ?? noted)?.view;
  }

  /** Throws `missing` SESSION_UNKNOWN. */
  async known(tenant: string, sessionId: string): Promise<SessionView> {
    checkTenant(tenant);
    const session = sessionIdPattern.test(sessionId) ? await this.find(tenant, sessionId) : undefined;
    if (session) return session;
    throw missing('SESSION_UNKNOWN', 'The tenant has no such session.', {
      hint: 'Check the id and the tenant; a session is known from the moment its start was answered.',
    });
  }

  async get(tenant: string, sessionId: string): Promise<SessionView> {
    const session = await this.known(tenant, sessionId);
    if (session.seq === 0 || !isFinal(session.status)) return session;
    return { ...session, ...(await this.#answerOf(session)) };
  }

  /**
   * The end is the last event, or stands before what was heard late of the calls it left open; what was flagged of its answer
   * stands right before it.
   */
  async #answerOf({ tenant, sessionId, seq }: SessionView): Promise<Pick<SessionView, 'answer' | 'flags'>> {
    const { store } = this.options;
    for (const count of [2, 2 + limits.unheardCallsMax]) {
      // oxlint-disable-next-line no-await-in-loop -- the second look is rare
      const last = await store.eventsAfter(tenant, sessionId, Math.max(0, seq - count), count);
      const at = last.findLastIndex(({ type }) => type === 'finished');
      const [before, event] = [last[at - 1], last[at]].map((stored) => stored && decodeSessionEvent(stored.payload));
      if (event?.type !== 'finished') continue;
      return { answer: event.answer, ...(before?.type === 'claimsFlagged' && { flags: before.flags }) };
    }
    return { answer: '' };
  }

  /** Waiting sessions first, then the stored ones, newest first; answers are left out. */
  async list({ tenant, status, agent, pageSize, pageToken }: ListQuery): Promise<SessionPage> {
    checkTenant(tenant);
    const limit = pageSizeOf(pageSize);
    const before = positionOf(pageToken);
    const waiting = pageToken === '' ? await this.#waiting(tenant, status, agent, limit) : [];
    if (status === 'waiting') return { sessions: waiting, nextPageToken: '' };
    const room = limit - waiting.length;
    if (room === 0) return { sessions: waiting, nextPageToken: tokenOf() };
    const options = { limit: room + 1, ...(status && { status }), ...(agent && { agent }), ...(before && { before }) };
    const heads = await this.options.store.list(tenant, options);
    const page = heads.slice(0, room);
    return {
      sessions: [...waiting, ...page.map((head) => viewOfHead(head))],
      nextPageToken: heads.length > room ? tokenOf(page.at(-1)) : '',
    };
  }

  /** A session that has ended stays as it is. */
  async cancel({ tenant, sessionId, reason, requestedBy }: CancelRequest): Promise<void> {
    if (reason.length > reasonCharsMax || requestedBy.length > limits.nameCharsMax) {
      throw invalid('FIELD_TOO_LONG', 'The reason or the name of who asks is too long.', {
        details: { reasonCharsMax: String(reasonCharsMax), requestedByCharsMax: String(limits.nameCharsMax) },
      });
    }
    const { status } = await this.known(tenant, sessionId);
    if (isFinal(status)) return;
    const { outlet, waitingRoom } = this.options;
    // Admission takes a waiting session out of the room when it hears of its end; one that just left it reads its inbox.
    if (status === 'waiting' && (await waitingRoom.find(tenant, sessionId)))
      await outlet.admission({ tenant, sessionId });
    await outlet.inbox({ tenant, sessionId, body: { type: 'cancel', reason, requestedBy } });
  }

  /** Continues a session that has finished; a repeated message id changes nothing. */
  async send(
    caller: Caller,
    { tenant, sessionId }: { readonly tenant: string; readonly sessionId: string },
    { messageId, text }: UserMessageInput,
    header?: unknown,
  ): Promise<void> {
    const message = { messageId: messageId || randomUUID(), text };
    const fault = messageFault(message);
    if (fault) throw fault;
    const { status, user, agent } = await this.known(tenant, sessionId);
    const stranger = speakerFault(caller, { tenant, user });
    if (stranger) throw stranger;
    if (status === 'cancelled' || status === 'rejected') {
      throw conflict('SESSION_CLOSED', `The session is ${status} and takes no more messages.`, {
        hint: 'Start another session.',
      });
    }
    if (status === 'waiting') {
      throw conflict('SESSION_NOT_STARTED', 'The session waits for its turn.', {
        hint: 'Send the message again once the session is active.',
        retryAfterMs: 1_000,
      });
    }
    await this.options.tokens?.keep({ tenant, sessionId, user, agent }, { caller, header });
    await this.options.outlet.inbox({ tenant, sessionId, body: { type: 'userMessage', message } });
  }

  async #waiting(tenant: string, status: SessionStatus | undefined, agent: string, limit: number) {
    if (status && status !== 'waiting') return [];
    const { waitingRoom } = this.options;
    const line = await waitingRoom.next(tenant, limit);
    const intervalMs = line.length > 0 ? await waitingRoom.interval(tenant) : undefined;
    const waiting = line.map((one, index) => viewOfWaiting(one, index + 1, intervalMs));
    return agent ? waiting.filter((session) => session.agent === agent) : waiting;
  }
}

export function checkTenant(tenant: string): void {
  const fault = tenantFault(tenant);
  if (fault) throw fault;
}

function pageSizeOf(asked: number): number {
  if (asked === 0) return pageSizeDefault;
  if (Number.isInteger(asked) && asked >= 1 && asked <= pageSizeMax) return asked;
  throw invalid('PAGE_SIZE_INVALID', `A page has 1 to ${pageSizeMax} sessions.`, { details: { field: 'pageSize' } });
}

/** Opaque to clients. Without a head: from the newest stored session, the waiting ones having been shown. */
function tokenOf(last?: SessionHead): string {
  const position = last ? [last.createdAtMs, last.sessionId] : [];
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function positionOf(token: string): { createdAtMs: number; sessionId: string } | undefined {
  if (token === '') return undefined;
  try {
    const [createdAtMs, sessionId] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (createdAtMs === undefined) return undefined;
    if (Number.isSafeInteger(createdAtMs) && sessionIdPattern.test(String(sessionId))) {
      return { createdAtMs: createdAtMs as number, sessionId: sessionId as string };
    }
  } catch {
    // Falls through: whatever is wrong with a token, the way on is the same.
  }
  throw invalid('PAGE_TOKEN_INVALID', 'The page token is not one of ours.', {
    details: { field: 'pageToken' },
    hint: 'Pass nextPageToken of the page before as it is, or nothing for the first page.',
  });
}
