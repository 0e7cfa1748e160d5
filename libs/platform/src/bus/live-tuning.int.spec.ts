import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TopicNames } from '@toolfleet/contracts';
import type { TuningChange, TuningTarget } from '@toolfleet/kernel';
import { Placement } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import { Arena, untilCount } from '../kafka/conformance/arena.js';
import { drivers } from '../kafka/conformance/drivers.js';
import type { ConsumerTuning } from '../kafka/consumer-options.js';
import type { KeyedConsumer } from '../kafka/keyed-consumer.js';
import { createLogger } from '../telemetry/log.js';
import { LiveTuning } from './live-tuning.js';
import { Outlet } from './outlet.js';

const log = createLogger({ level: 'fatal' as 'error', roles: 'spec', instance: 'spec' });
const within = { withinMs: 15_000 };

describe('tuning while the bus is away', () => {
  it('a change ends at its expiry, and the configured value comes back', async () => {
    const arena = await Arena.open(drivers[0]!, { own: true });
    const names = new TopicNames(arena.kafka.prefix);
    const said: (number | undefined)[] = [];
    const tuning = new LiveTuning(arena.connection, names, log);
    try {
      await arena.admin.ensureTopics([{ name: names.of('tuning'), partitions: 1 }]);
      tuning.serve({ service: 'executor' }, { tune: (change) => said.push(change?.concurrency) });
      await tuning.start();
      const target = { service: 'executor' };
      const atMs = Date.now();
      const change = { target, action: 'setConcurrency', concurrency: 2, actor: 'ann', reason: 'spec', atMs } as const;
      const outlet = new Outlet(arena.producer, names, new Placement(2, 1));
      await outlet.tuningChange({ ...change, expiresAtMs: atMs + 3_000 });
      await eventually(() => said.at(-1) === 2, within);
      await arena.kafka.own?.suspend();
      await eventually(() => said.at(-1) === undefined, { withinMs: 4_000 });
      assert.ok(Date.now() >= atMs + 3_000);
    } finally {
      arena.kafka.own?.resume();
      await tuning.close();
      await arena.close();
    }
  });
});

describe('tuning on a real bus', () => {
  let arena: Arena;
  let outlet: Outlet;
  let names: TopicNames;
  const running: LiveTuning[] = [];

  before(async () => {
    arena = await Arena.open(drivers[0]!);
    names = new TopicNames(arena.kafka.prefix);
    outlet = new Outlet(arena.producer, names, new Placement(2, 1));
    await arena.admin.ensureTopics([
      { name: names.of('tuning'), partitions: 1, config: { 'cleanup.policy': 'compact' } },
    ]);
  });
  after(async () => {
    await Promise.all(running.map((tuning) => tuning.close()));
    await arena.close();
  });

  async function follow(
    service: string,
    consumer: { tune(tuning: ConsumerTuning | undefined): void },
  ): Promise<LiveTuning> {
    const tuning = new LiveTuning(arena.connection, names, log);
    running.push(tuning);
    tuning.serve({ service }, consumer);
    await tuning.start();
    return tuning;
  }

  function tell(target: TuningTarget, more: Partial<TuningChange> = {}): Promise<void> {
    const atMs = Date.now();
    const by = { actor: 'ann', reason: 'incident', concurrency: 0, atMs, expiresAtMs: atMs + 60_000 };
    return outlet.tuningChange({ target, action: 'pause', ...by, ...more });
  }

  const heldBy = (consumer: KeyedConsumer) => consumer.stats().partitions.reduce((sum, { held }) => sum + held, 0);

  it('a tenant is held within a second, through a rebalance, and flows again when the pause is taken back', async () => {
    const topic = await arena.topic(2);
    const spec = { topics: [topic], groupId: arena.name('group') };
    const seen: string[] = [];
    const handler = ({ headers, partition }: { headers: Record<string, string>; partition: number }) =>
      void seen.push(`${headers['tenant']} ${partition}`);
    const send = (tenant: string) =>
      arena.send(
        topic,
        [0, 1].map((partition) => ({ partition, key: tenant, headers: { tenant } })),
      );
    const first = await arena.started(spec, handler);
    let isHeld = false;
    await follow('rebalanced', {
      tune: (tuning) => {
        first.tune(tuning);
        isHeld = tuning !== undefined;
      },
    });
    const target = { service: 'rebalanced', tenant: 'acme' };
    const toldAtMs = Date.now();
    await tell(target);
    await eventually(() => isHeld, within);
    assert.ok(Date.now() - toldAtMs < 3_000, `held after ${Date.now() - toldAtMs} ms`);
    await send('acme');
    await eventually(() => heldBy(first) === 2, within);
    const second = await arena.consumer(spec, handler);
    await follow('rebalanced', second);
    await second.start();
    await eventually(() => heldBy(first) === 1 && heldBy(second) === 1, within);
    await send('zoo');
    await untilCount(() => seen.length, 2);
    assert.deepEqual(seen.toSorted(), ['zoo 0', 'zoo 1']);
    await first.drain(0);
    await eventually(() => heldBy(second) === 2, within);
    await outlet.endTuning(target, 'pause', { actor: 'ann', reason: 'over' });
    await eventually(() => new Set(seen).size === 4, within);
    assert.equal(heldBy(second), 0);
  });

  it('a process that starts holds what is paused before it runs anything', async () => {
    const topic = await arena.topic(1);
    await tell({ service: 'restarted' });
    await arena.send(topic, [{}, {}]);
    let ran = 0;
    const consumer = arena.consumer({ topics: [topic] }, () => (ran += 1));
    await follow('restarted', consumer);
    await consumer.start();
    await eventually(() => heldBy(consumer) === 2, within);
    assert.deepEqual([ran, consumer.stats().partitions[0]?.paused], [0, true]);
    await tell({ service: 'restarted' }, { action: 'resume' });
    await untilCount(() => ran, 2);
  });

  it('what is not for a consumer changes nothing, and a record that cannot be read hides no other', async () => {
    const said: (ConsumerTuning | undefined)[] = [];
    await follow('other', { tune: (change) => said.push(change) });
    await arena.send(names.of('tuning'), [{ key: 'junk', value: Buffer.from('not protobuf') }]);
    await tell({ service: 'somebody-else' });
    await tell({ service: 'other', partition: 1 });
    const tuning = await eventually(() => said.find((each) => each !== undefined), within);
    assert.deepEqual([tuning.holdsOf(0), tuning.holdsOf(1)?.all], [undefined, true]);
  });
});
