/**
 * A watch as server-sent events: `id` is the event's seq, so a browser that reconnects resumes by Last-Event-ID. The last
 * message of a stream that ended on purpose is `event: end`; of one that failed, `event: fault` with the refusal.
 */
import { once } from 'node:events';
import { bytesToProtoJson } from '@toolfleet/contracts';
import { faultOf, refusalOf } from '@toolfleet/kernel';
import type { Watch } from '../sessions/watch-session.js';
import type { HttpResponse } from './exchange.js';

/** A client that reads nothing for so long is gone or stuck; it resumes by seq. */
const stalledMsMax = 30_000;

/** Resolves when the stream is over, whoever ended it. `gone` aborts with the connection, and here when nobody reads it. */
export async function sendEvents(response: HttpResponse, watch: Watch, gone: AbortController): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
  try {
    for await (const event of watch.events) {
      if (gone.signal.aborted) return;
      const text =
        event === 'idle'
          ? ': still here\n\n'
          : `id: ${event.seq}\ndata: ${JSON.stringify(bytesToProtoJson('toolfleet.session.v1.SessionEvent', event.bytes))}\n\n`;
      if (!response.write(text)) await once(response, 'drain', { signal: drainSignal(gone.signal) });
    }
    if (!gone.signal.aborted) response.end('event: end\ndata: {}\n\n');
  } catch (error) {
    if (gone.signal.aborted) return;
    // A client that does not read would not read the reason either.
    if (response.writableNeedDrain) {
      response.destroy();
      gone.abort();
    } else response.end(`event: fault\ndata: ${JSON.stringify(refusalOf(faultOf(error)))}\n\n`);
  }
}

const drainSignal = (gone: AbortSignal) => AbortSignal.any([gone, AbortSignal.timeout(stalledMsMax)]);
