/**
 * How long one hop over the bus takes, from `send` to the handler, one record at a time, and what a record costs in CPU
 * when they come in bulk: `node libs/platform/dist/kafka/hop.bench.js`. It starts a broker of its own.
 */
import { Arena, untilCount } from './conformance/arena.js';
import { drivers } from './conformance/drivers.js';

const hopsMeasured = 2_000;
const bulkRecords = 30_000;
const value = Buffer.alloc(200);

async function measure(arena: Arena): Promise<void> {
  const topic = await arena.topic(8);
  let handled = 0;
  let onHandled = (): void => undefined;
  await arena.started({ topics: [topic], limits: { concurrency: 256 }, group: { commitIntervalMs: 200 } }, () => {
    handled += 1;
    onHandled();
  });
  const hopsMs: number[] = [];
  for (let hop = 0; hop < hopsMeasured * 1.5; hop += 1) {
    const arrived = new Promise<void>((resolve) => (onHandled = resolve));
    const startedAtMs = performance.now();
    void arena.producer.send({ topic, key: `k${hop % 50}`, value });
    // oxlint-disable-next-line no-await-in-loop
    await arrived;
    // The first third warms the broker up: cold it takes several times as long.
    if (hop >= hopsMeasured / 2) hopsMs.push(performance.now() - startedAtMs);
  }
  hopsMs.sort((a, b) => a - b);
  const at = (share: number) => hopsMs[Math.floor(hopsMs.length * share)]?.toFixed(2);
  handled = 0;
  const [cpu, startedAtMs] = [process.cpuUsage(), performance.now()];
  await arena.send(
    topic,
    Array.from({ length: bulkRecords }, (_, n) => ({ key: `k${n % 500}`, value })),
  );
  await untilCount(() => handled, bulkRecords, 60_000);
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = bulkRecords / ((performance.now() - startedAtMs) / 1_000);
  process.stdout.write(`hop p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms\n`);
  process.stdout.write(
    `bulk ${perSecond.toFixed(0)} records/s, ${((user + system) / bulkRecords).toFixed(1)} µs CPU each\n`,
  );
}

const arena = await Arena.open(drivers[0]!, { own: true });
try {
  await measure(arena);
} finally {
  await arena.close();
}
