/**
 * What work leaves on the heap for a whole collection. V8 takes back what is new often and for little; what has come into the
 * old generation stays, with all it leads to, until the heap is marked as a whole, which a busy process feels.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const rounds = 20;
const worksInRound = 100;

/**
 * Bytes for each piece of work, after what is new was collected. Near nothing for work that keeps nothing. Ask before the first
 * test of a file: from then on the runner keeps something of everything asynchronous.
 */
export async function heapKeptBy(work: () => unknown): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  // What is made once, compiled code too, is nothing that each of them keeps.
  for (let done = 0; done < rounds; done += 1) {
    // oxlint-disable-next-line no-await-in-loop -- as below
    await round(work);
  }
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let done = 0; done < rounds; done += 1) {
    // oxlint-disable-next-line no-await-in-loop -- collections come between the works
    await round(work);
    collect({ type: 'minor' });
  }
  // Once more: what a collection has spared once goes with the next.
  collect({ type: 'minor' });
  return (process.memoryUsage().heapUsed - before) / (rounds * worksInRound);
}

async function round(work: () => unknown): Promise<void> {
  for (let done = 0; done < worksInRound; done += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after another, so that nothing is under way at a collection
    await work();
  }
}
