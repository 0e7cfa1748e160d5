/**
 * What a set of running work costs a process that has a little to do: full collections, with V8's own set and with ours.
 * `node libs/kernel/dist/transient.bench.js`
 */
import { setImmediate as turn } from 'node:timers/promises';
import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { TransientSet } from './transient.js';

const works = 100_000;
const atOnce = 12;
const payloadBytes = 1_000;
let collections = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections += 1;
  }
});
observer.observe({ entryTypes: ['gc'] });

/** What else the process does: objects that nobody keeps. */
async function elsewhere(objects: number): Promise<void> {
  for (let made = 0; made < objects; made += 1) {
    Array.from({ length: 200 }, () => made);
    // oxlint-disable-next-line no-await-in-loop -- one piece of work after another
    if (made % 50 === 0) await turn();
  }
}

async function run(name: string, set: Set<object> | TransientSet<object>): Promise<void> {
  const long = {};
  set.add(long);
  await elsewhere(60_000);
  set.delete(long);
  collections = 0;
  let running: object[] = [];
  for (let work = 0; work < works; work += 1) {
    const one = { payload: Buffer.alloc(payloadBytes) };
    set.add(one);
    running.push(one);
    // oxlint-disable-next-line no-await-in-loop
    await elsewhere(2);
    if (running.length < atOnce) continue;
    for (const each of running) set.delete(each);
    running = [];
  }
  await turn();
  console.log(`${name}: ${collections} full collections for ${works} pieces of work`);
}

await run('Set', new Set());
await run('TransientSet', new TransientSet());
observer.disconnect();
