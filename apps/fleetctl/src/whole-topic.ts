/** A compacted topic as it is now, for a command that prints and ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCompacted, type TopicReaderOptions } from '@toolfleet/platform/kafka';

/** A topic that is there is read in a second; a cold client needs some more, and a person waits. */
const withinMs = 15_000;

/** False when it cannot be read in time; the reader is closed either way. */
export async function readWholeTopic(options: TopicReaderOptions): Promise<boolean> {
  const reader = readCompacted(options);
  const giveUp = new AbortController();
  const late = sleep(withinMs, false, { signal: giveUp.signal }).catch(() => false);
  try {
    return await Promise.race([reader.caughtUp.then(() => true), late]);
  } finally {
    giveUp.abort();
    await reader.close();
  }
}
