/** Two processes of one host, as far as they meet: real sockets, and readers that do what a test says. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { limits } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import type { HandedOver, OutgoingRecord, Reader } from '../kafka/records.js';
import { createLogger } from '../telemetry/log.js';
import type { HandingOver } from './hand-over.js';
import { HandOver } from './hand-over.js';
import { lengthOf } from './neighbour-frames.js';
import { Neighbours } from './neighbours.js';

const log = createLogger({ level: 'silent', roles: 'spec', instance: 'spec' });
const within = { withinMs: 5_000 };
const finished: HandingOver = { reader: 'owner', until: 'finished' };
const taken: HandingOver = { reader: 'anyone', until: 'taken' };

interface InHand extends HandedOver {
  readonly record: OutgoingRecord;
  readonly reader: Reader;
}

/** One process: what its reader has in hand, and what it has put on the bus. */
class Side {
  readonly inHand: InHand[] = [];
  readonly onBus: OutgoingRecord[] = [];
  readonly handed: string[] = [];
  takes = true;
  readonly handOver: HandOver;
  readonly neighbours: Neighbours;

  constructor(
    paths: { readonly listenAt?: string; readonly connectTo?: readonly string[] },
    topics: readonly string[],
  ) {
    const bus = { send: (record: OutgoingRecord) => Promise.resolve(void this.onBus.push(record)) };
    const handed = { add: (_: number, { to }: { to: string }) => void this.handed.push(to) };
    this.handOver = new HandOver({ bus, log, handed });
    const handOver = (record: OutgoingRecord, reader: Reader, handedOver: HandedOver) => {
      if (this.takes) this.inHand.push({ record, reader, ...handedOver });
      return this.takes;
    };
    this.handOver.serve({ topics, handOver });
    this.neighbours = new Neighbours({ connectTo: [], ...paths, handOver: this.handOver, log });
  }

  untilConnected(count = 1): Promise<unknown> {
    return eventually(() => this.neighbours.connected === count && this.handOver.neighbours === count, within);
  }
}

const record = (key: string, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
  ...{ topic: 'calls', partition: 3, key, value: Buffer.from(`value of ${key}`), headers: { tenant: 'acme' } },
  ...more,
});

describe('neighbours', () => {
  let directory: string;
  let socket: string;
  let sessions: Side;
  let executors: Side;

  const executorsHere = (): Side => new Side({ connectTo: [socket] }, ['calls']);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'neighbours-'));
    socket = join(directory, 'sessions.sock');
    sessions = new Side({ listenAt: socket }, ['inbox']);
    executors = executorsHere();
    // Whoever is there first waits for the other.
    await executors.neighbours.start();
    await sessions.neighbours.start();
    await Promise.all([sessions.untilConnected(), executors.untilConnected()]);
  });

  afterEach(async () => {
    await Promise.all([sessions.neighbours.close(), executors.neighbours.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  const untilInHand = (side: Side, count: number) => eventually(() => side.inHand.length === count, within);

  test('a record is handed to the one that reads its topic, as it is, and its sender hears of its end', async () => {
    let isFinished = false;
    const sent = sessions.handOver.send(record('a'), { handOver: finished }).then(() => (isFinished = true));
    await untilInHand(executors, 1);
    const [hand] = executors.inHand;
    const { value, ...rest } = hand!.record;
    assert.equal(Buffer.from(value!).toString(), 'value of a');
    assert.deepEqual(
      { ...rest, headers: { ...rest.headers } },
      { topic: 'calls', partition: 3, key: 'a', headers: { tenant: 'acme' } },
    );
    assert.equal(hand!.reader, 'owner');
    assert.deepEqual([isFinished, sessions.neighbours.waiting], [false, 1]);
    hand!.finished();
    await sent;
    assert.deepEqual([sessions.neighbours.waiting, sessions.onBus, sessions.handed], [0, [], ['neighbour']]);
  });

  test('partition zero, no key, no value and no headers arrive as such', async () => {
    const empty = record('', { partition: 0, value: Buffer.alloc(0), headers: {} });
    await sessions.handOver.send(empty, { handOver: taken });
    await untilInHand(executors, 1);
    const { record: arrived, reader } = executors.inHand[0]!;
    assert.deepEqual([arrived.partition, arrived.key, arrived.value?.byteLength], [0, '', 0]);
    assert.deepEqual([Object.keys(arrived.headers ?? {}), reader], [[], 'anyone']);
  });

  test('both sides hand over, and many large records come whole and in order', async () => {
    const room = 1_000; // for key, headers and what the bus adds
    const large = (n: number) => record(`k${n}`, { value: Buffer.alloc(limits.recordBytesMax - room, n) });
    const numbers = Array.from({ length: 8 }, (_, n) => n);
    await Promise.all([
      ...numbers.map((n) => sessions.handOver.send(large(n), { handOver: taken })),
      executors.handOver.send(record('answer', { topic: 'inbox' }), { handOver: taken }),
    ]);
    await untilInHand(sessions, 1);
    await eventually(() => executors.inHand.length + sessions.onBus.length === numbers.length, within);
    for (const {
      record: { key, value },
    } of executors.inHand)
      assert.equal(value?.at(-1), Number(key.slice(1)));
    const inOrder = executors.inHand.map(({ record: { key } }) => key);
    assert.deepEqual(inOrder, inOrder.toSorted());
    assert.ok(inOrder.length > 0);
  });

  test('what the neighbour cannot take goes over the bus, and for a while all that follows it to that place', async () => {
    executors.takes = false;
    await sessions.handOver.send(record('a'), { handOver: finished });
    assert.deepEqual(
      sessions.onBus.map(({ key }) => key),
      ['a'],
    );
    executors.takes = true;
    await sessions.handOver.send(record('b'), { handOver: finished });
    assert.deepEqual(
      sessions.onBus.map(({ key }) => key),
      ['a', 'b'],
    );
    const elsewhere = sessions.handOver.send(record('c', { partition: 4 }), { handOver: finished });
    await untilInHand(executors, 1);
    executors.inHand[0]!.finished();
    await elsewhere;
    assert.equal(sessions.onBus.length, 2);
  });

  test('what the neighbour lost goes over the bus', async () => {
    const sent = sessions.handOver.send(record('a'), { handOver: finished });
    await untilInHand(executors, 1);
    executors.inHand[0]!.givenBack();
    await sent;
    assert.deepEqual(
      sessions.onBus.map(({ key }) => key),
      ['a'],
    );
  });

  test('when the neighbour ends, what it had goes over the bus, and the next one is handed records again', async () => {
    const asked = sessions.handOver.send(record('asked'), { handOver: finished });
    await sessions.handOver.send(record('told'), { handOver: taken });
    await untilInHand(executors, 2);
    await executors.neighbours.close();
    await asked;
    await eventually(() => sessions.onBus.length === 2, within);
    assert.deepEqual(sessions.onBus.map(({ key }) => key).toSorted(), ['asked', 'told']);
    await sessions.untilConnected(0);
    await sessions.handOver.send(record('nobody there'), { handOver: taken });
    assert.equal(sessions.onBus.length, 3);
    executors = executorsHere();
    await executors.neighbours.start();
    await sessions.untilConnected();
    await sessions.handOver.send(record('again'), { handOver: taken });
    await untilInHand(executors, 1);
    assert.equal(sessions.onBus.length, 3);
  });

  test('one that listens is found again when it comes back, although it left its socket behind', async () => {
    await sessions.neighbours.close();
    await writeFile(socket, '');
    sessions = new Side({ listenAt: socket }, ['inbox']);
    await sessions.neighbours.start();
    await executors.untilConnected();
    await executors.handOver.send(record('a', { topic: 'inbox' }), { handOver: taken });
    await untilInHand(sessions, 1);
  });

  test('beyond what may wait for a neighbour records go over the bus', async () => {
    const count = limits.neighbourRecordsMax + 5;
    for (let n = 0; n < count; n += 1) await sessions.handOver.send(record(`k${n}`), { handOver: taken });
    await untilInHand(executors, limits.neighbourRecordsMax);
    assert.equal(sessions.onBus.length, 5);
    for (const { finished: end } of executors.inHand) end();
    await eventually(() => sessions.neighbours.waiting === 0, within);
  });

  test('a record that the bus would refuse is left to the bus', async () => {
    const value = Buffer.alloc(limits.recordBytesMax + 1);
    await sessions.handOver.send(record('large', { value }), { handOver: taken });
    assert.equal(sessions.onBus.length, 1);
  });

  test('whoever says what nobody understands is let go, and others are not', async () => {
    const stranger = connect(socket);
    const garbage = Buffer.from([255, 255, 255]);
    stranger.write(Buffer.concat([lengthOf(garbage), garbage]));
    stranger.resume();
    await new Promise((resolve) => stranger.once('close', resolve));
    await sessions.untilConnected();
    await sessions.handOver.send(record('a'), { handOver: taken });
    await untilInHand(executors, 1);
  });
});
