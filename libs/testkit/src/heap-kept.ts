/**
 * What work leaves on the heap for a whole collection. V8 takes back what is new often and for little; what has come into the
 * old generation stays, with all it leads to, until the heap is marked as a whole, which a busy process feels.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const rounds = 20;
const worksInRound = 100;

/** V8's collector, of a process that was started without it: of the whole heap, or of what is new in it. */
export function collector(): (options?: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as ReturnType<typeof collector>;
}

/**
 * Bytes for each piece of work, after what is new was collected. Near nothing for work that keeps nothing. Ask before the first
 * test of a file: from then on the runner keeps something of everything asynchronous.
 */
export async function heapKeptBy(work: () => unknown): Promise<number> {
  const collect = collector();
  const runAll = async (): Promise<void> => {
    for (let done = 1; done <= rounds * worksInRound; done += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another, so that nothing is under way at a collection
      await work();
      if (done % worksInRound === 0) collect({ type: 'minor' });
    }
    // Once more: what a collection has spared once goes with the next.
    collect({ type: 'minor' });
  };
  // What is made once, compiled code too, is nothing that each of them keeps.
  await runAll();
  collect();
  const before = process.memoryUsage().heapUsed;
  await runAll();
  return (process.memoryUsage().heapUsed - before) / (rounds * worksInRound);
}
