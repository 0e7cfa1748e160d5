/**
 * How long one hop over the bus takes, from `send` to the handler, one record at a time, and what a record costs this
 * process in CPU: `node libs/platform/dist/kafka/hop.bench.js [driver ...]`, all drivers by default, in the order given.
 * Each gets a broker of its own, because a warm one makes the second driver look better.
 */
import { Arena, untilCount } from './conformance/arena.js';
import { driverNames } from './driver-names.js';
import { loadDriver } from './driver.js';

const hopsMeasured = 2_000;
const bulkRecords = 30_000;
const value = Buffer.alloc(200);

/** CPU of this process a record, in µs, which is ms for 1,000 of them. */
async function cpuOf(records: number, act: () => Promise<void>): Promise<string> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / records).toFixed(1)} µs CPU each`;
}

async function measure(arena: Arena): Promise<void> {
  const topic = await arena.topic(8);
  let handled = 0;
  let onHandled = (): void => undefined;
  await arena.started({ topics: [topic], limits: { concurrency: 256 }, group: { commitIntervalMs: 200 } }, () => {
    handled += 1;
    onHandled();
  });
  const hops = async (count: number): Promise<number[]> => {
    const tookMs: number[] = [];
    for (let hop = 0; hop < count; hop += 1) {
      const arrived = new Promise<void>((resolve) => (onHandled = resolve));
      const startedAtMs = performance.now();
      void arena.producer.send({ topic, key: `k${hop % 50}`, value });
      // oxlint-disable-next-line no-await-in-loop
      await arrived;
      tookMs.push(performance.now() - startedAtMs);
    }
    return tookMs.toSorted((a, b) => a - b);
  };
  const bulk = async (): Promise<void> => {
    handled = 0;
    await arena.send(
      topic,
      Array.from({ length: bulkRecords }, (_, n) => ({ key: `k${n % 500}`, value })),
    );
    await untilCount(() => handled, bulkRecords, 60_000);
  };
  // Unmeasured first: a cold broker takes several times as long.
  await hops(hopsMeasured / 2);
  let hopsMs: number[] = [];
  const hopCpu = await cpuOf(hopsMeasured, async () => void (hopsMs = await hops(hopsMeasured)));
  const at = (share: number) => hopsMs[Math.floor(hopsMs.length * share)]?.toFixed(2);
  await bulk();
  const startedAtMs = performance.now();
  const bulkCpu = await cpuOf(bulkRecords, bulk);
  const perSecond = bulkRecords / ((performance.now() - startedAtMs) / 1_000);
  process.stdout.write(`hop p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, ${hopCpu}\n`);
  process.stdout.write(`bulk ${perSecond.toFixed(0)} records/s, ${bulkCpu}\n`);
}

const named = driverNames.filter((name) => process.argv.includes(name));
named.sort((a, b) => process.argv.indexOf(a) - process.argv.indexOf(b));
for (const name of named.length === 0 ? driverNames : named) {
  process.stdout.write(`${name}\n`);
  // oxlint-disable-next-line no-await-in-loop
  const arena = await Arena.open(await loadDriver(name), { own: true });
  try {
    // oxlint-disable-next-line no-await-in-loop
    await measure(arena);
  } finally {
    // oxlint-disable-next-line no-await-in-loop
    await arena.close();
  }
}
