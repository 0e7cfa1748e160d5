/**
 * Sessions as they were recorded, one after another: from the fleet, by its gateway, or from lines of JSON as
 * `fleetctl session watch --json` writes them. Only one session is in memory at a time.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { decodeSessionEvent, protoJsonToBytes } from '@toolfleet/contracts';
import type { SessionEvent } from '@toolfleet/kernel';
import { invalid, missing } from '@toolfleet/kernel';
import type { GatewayApi } from '../gateway-api.js';
import type { SessionJson } from '../session-text.js';

const pageSize = '200';

const eventOf = (json: string): SessionEvent =>
  decodeSessionEvent(protoJsonToBytes('toolfleet.session.v1.SessionEvent', json));

/** Each session begins with its `started`; what comes before the first is told as what is wrong with the file. */
export async function* sessionsInFile(path: string): AsyncGenerator<SessionEvent[]> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let events: SessionEvent[] = [];
  let line = 0;
  try {
    for await (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      const event = readLine(text, path, line);
      if (event.type === 'started' && events.length > 0) {
        yield events;
        events = [];
      }
      if (events.length === 0 && event.type !== 'started')
        throw invalid('EVENTS_INVALID', `${path}:${line} is not the first event of a session.`);
      events.push(event);
    }
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    throw missing('FILE_MISSING', `There is no ${path}.`, { cause: error });
  }
  if (events.length > 0) yield events;
}

function readLine(text: string, path: string, line: number): SessionEvent {
  try {
    return eventOf(text);
  } catch (cause) {
    throw invalid('EVENTS_INVALID', `${path}:${line} is not an event of a session.`, {
      cause,
      hint: 'Write such a file with `fleetctl session watch --json SESSION`.',
    });
  }
}

export interface SessionsAsked {
  readonly tenant: string;
  /** By name; none: all that began since. */
  readonly sessions: readonly string[];
  readonly sinceMs: number;
  readonly limit: number;
}

/** The newest first. What a session does after it was listed is left out, so one that runs ends, too. */
export async function* sessionsOfFleet(api: GatewayApi, asked: SessionsAsked): AsyncGenerator<SessionEvent[]> {
  for await (const { sessionId, seq = '0' } of listed(api, asked)) {
    const events: SessionEvent[] = [];
    if (seq === '0') continue;
    for await (const { id, event, data } of api.events(`v1/sessions/${encodeURIComponent(sessionId)}/events`, {
      tenant: asked.tenant,
      afterSeq: '0',
    })) {
      if (event === 'end' || event === 'fault') break;
      events.push(eventOf(data));
      if (Number(id) >= Number(seq)) break;
    }
    yield events;
  }
}

async function* listed(
  api: GatewayApi,
  { tenant, sessions, sinceMs, limit }: SessionsAsked,
): AsyncGenerator<SessionJson> {
  for (const id of sessions) {
    const answer = (await api.get(`v1/sessions/${encodeURIComponent(id)}`, { tenant })) as { session: SessionJson };
    yield answer.session;
  }
  if (sessions.length > 0) return;
  let told = 0;
  for (let pageToken: string | undefined = ''; pageToken !== undefined && told < limit;) {
    // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
    const page = (await api.get('v1/sessions', { tenant, pageSize, pageToken })) as {
      sessions?: SessionJson[];
      nextPageToken?: string;
    };
    for (const session of page.sessions ?? []) {
      if (Number(session.createdAtMs ?? 0) < sinceMs) continue;
      if ((told += 1) > limit) return;
      yield session;
    }
    const oldest = Number(page.sessions?.at(-1)?.createdAtMs ?? 0);
    pageToken = page.nextPageToken && oldest >= sinceMs ? page.nextPageToken : undefined;
  }
}
