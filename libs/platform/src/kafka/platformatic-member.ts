/**
 * Group membership by `@platformatic/kafka`, by the classic group protocol and under the same assignment protocol as
 * kafkajs's members, so one group may hold members of both while a fleet is rolled over. (The new protocol, KIP-848,
 * leaves session and heartbeat to the broker: 45 s and 5 s by default, and no less than that. A dead member's partitions
 * would wait 45 s instead of 6.)
 *
 * Heartbeats run on a timer of their own. While none is answered for a session's time we count as no member, and nothing
 * is handed over; an answer in the same generation proves that we were one all along, so everything in hand goes on.
 *
 *   building ──join──▶ in ◀──answered── lapsed     A join that fails, or fetches that fail for long though the
 *      ▲                │ ───no answer────▶ │       group is well, end in a fresh client, with back-off.
 *      └────────────────┴──────failed───────┘
 */
import { Admin, Consumer } from '@platformatic/kafka';
import type { ConsumerGroupJoinPayload, ExtendedGroupProtocolSubscription } from '@platformatic/kafka';
import { chainOf, faultOf, unreachable } from '@toolfleet/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { backOff, endsWithin } from '../waits.js';
import { clientIdOf, logOf } from './connection.js';
import { causesOf } from './failures.js';
import type {
  FetchedBatch,
  GroupMember,
  MemberEvents,
  MemberFactory,
  MemberOptions,
  Position,
} from './group-member.js';
import { platformaticOptions } from './platformatic-connection.js';
import type { Cursor } from './platformatic-fetcher.js';
import { PartitionFetcher } from './platformatic-fetcher.js';
import { heldFrom, protocolName, protocolVersion } from './sticky-assigner.js';
import { assignSticky } from './sticky-assignment.js';

const fetchTotalBytes = 4 * 1024 * 1024;
const rebuildMs = { first: 100, max: 2_000 } as const;
/** Another member came in the midst of a join: the next join waits for it at the broker. */
const rejoinPauseMs = 50;
const stopMsMax = 5_000;
const lapseCheckMs = 250;
/** Fetches that fail for so long, while the group is well, are the client's fault. */
const fetchFailingMsMax = 30_000;

type Assigned = ReadonlyMap<string, readonly number[]>;
const nothing: Assigned = new Map();

export class PlatformaticMember implements GroupMember {
  #consumer: Consumer | undefined;
  #fetcher: PartitionFetcher | undefined;
  #failed: (error: unknown) => void = () => undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  /** What the owner was told last. */
  #memberId = '';
  #generation = 0;
  #assigned: Assigned = nothing;
  #isIn = false;
  /** Until then the broker counts us as a member even if it hears nothing more. */
  #aliveUntilMs = 0;
  #paused: ReadonlySet<string> = new Set();
  readonly #sessionMs: number;
  readonly #rebalanceMs: number;
  readonly #stopping = new AbortController();
  readonly #firstJoin = Promise.withResolvers<void>();

  constructor(
    private readonly options: MemberOptions,
    private readonly events: MemberEvents,
  ) {
    this.#sessionMs = options.group?.sessionTimeoutMs ?? 6_000;
    // Members rejoin at once because nothing blocks their loop, so a slow one is a dead one.
    this.#rebalanceMs = Math.max(10_000, this.#sessionMs);
  }

  start(): Promise<void> {
    this.#running = this.#run();
    return this.#firstJoin.promise;
  }

  async commit(positions: readonly Position[]): Promise<void> {
    const consumer = this.#consumer;
    const generation = this.#generation;
    if (consumer === undefined || !this.#isIn) throw notAMember();
    // The library reads the generation only when it sends. Once it has its coordinator and fresh metadata it sends at
    // once, or on a connection that a later join would have to use as well; so nothing is carried over.
    await Promise.all([consumer.findGroupCoordinator(), consumer.metadata({ topics: [...this.options.topics] })]);
    if (consumer !== this.#consumer || !this.#isIn || generation !== consumer.generationId) throw notAMember();
    await consumer.commit({
      offsets: positions.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      })),
    });
  }

  setPaused(paused: readonly Omit<Position, 'offset'>[]): void {
    this.#paused = new Set(paused.map(nameOf));
    this.#fetcher?.wake();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#firstJoin.reject(unreachable('CONSUMER_STOPPED', 'The consumer was stopped before it joined its group.'));
    this.#firstJoin.promise.catch(() => undefined);
    this.#failed(undefined);
    await this.#running;
  }

  /** One client after the other, until `stop`. Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#replacePredecessor();
    while (!signal.aborted) {
      const failed = Promise.withResolvers<unknown>();
      this.#failed = failed.resolve;
      const consumer = this.#build();
      const watch = setInterval(() => this.#checkLapse(), lapseCheckMs);
      void this.#join(consumer);
      // oxlint-disable-next-line no-await-in-loop
      const error = await failed.promise;
      clearInterval(watch);
      this.#consumer = undefined;
      this.#leave();
      // oxlint-disable-next-line no-await-in-loop
      await this.#discard(consumer);
      if (signal.aborted) return;
      this.#failures += 1;
      this.#log('warn', 'The consumer lost its group and is built anew.', {
        failures: this.#failures,
        error: chainOf(error),
      });
      // oxlint-disable-next-line no-await-in-loop
      await backOff(this.#failures, rebuildMs, signal);
    }
  }

  /** See `KafkaConnection.replica`. Where it fails, the session timeout does the same, only later. */
  async #replacePredecessor(): Promise<void> {
    const { connection, groupId } = this.options;
    if (connection.replica === undefined) return;
    const admin = new Admin(platformaticOptions(connection));
    try {
      const groups = await admin.describeGroups({ groups: [groupId] });
      const known = [...(groups.get(groupId)?.members.values() ?? [])];
      const members = known
        .filter(({ clientId }) => clientId === clientIdOf(connection))
        .map(({ id }) => ({ memberId: id, reason: 'its next life joins' }));
      if (members.length > 0) await admin.removeMembersFromConsumerGroup({ groupId, members });
    } catch (error) {
      this.#log('warn', 'A former member of this replica could not be removed.', { error: chainOf(error) });
    } finally {
      await admin.close();
    }
  }

  #build(): Consumer {
    const { connection, groupId, topics, fromBeginning = true, group = {} } = this.options;
    const base = platformaticOptions(connection);
    const consumer = new Consumer({
      ...base,
      // A broker holds the answer to a join back until all members are there.
      requestTimeout: Math.max(base.requestTimeout ?? 0, this.#rebalanceMs + 5_000),
      groupId,
      groupProtocol: 'classic',
      protocols: [{ name: protocolName, version: protocolVersion }],
      protocolsMetadata: () => Buffer.from(JSON.stringify(Object.fromEntries(this.#assigned))),
      partitionAssigner: (_current, members, subscribed, metadata) =>
        assignmentsOf([...members.values()], [...subscribed], (topic) => metadata.topics.get(topic)?.partitionsCount),
      sessionTimeout: this.#sessionMs,
      rebalanceTimeout: this.#rebalanceMs,
      heartbeatInterval: group.heartbeatIntervalMs ?? 1_000,
      autocommit: false,
    });
    for (const topic of topics) consumer.topics.track(topic);
    this.#listen(consumer);
    this.#consumer = consumer;
    this.#fetcher = new PartitionFetcher({
      consumer,
      connection,
      fromBeginning,
      waitMs: group.fetchWaitMs ?? 250,
      bytesMin: group.fetchBytesMin ?? 1,
      partitionBytes: group.fetchBytes ?? 256 * 1024,
      totalBytes: fetchTotalBytes,
      isPaused: (cursor) => !this.#isIn || this.#paused.has(nameOf(cursor)),
      take: (batch) => this.#take(consumer, batch),
      onRound: () => this.events.polled(),
      onFailure: (error, failingMs) => this.#fetchFailed(consumer, error, failingMs),
    });
    void this.#fetcher.run();
    return consumer;
  }

  #listen(consumer: Consumer): void {
    const current = (act: () => void) => () => {
      if (consumer === this.#consumer) act();
    };
    consumer.on('consumer:group:join', (join) => current(() => this.#joined(join))());
    consumer.on(
      'consumer:heartbeat:end',
      current(() => this.#answered()),
    );
    // A rebalance is under way: the broker waits for our join for as long.
    consumer.on(
      'consumer:group:rebalance',
      current(() => this.#stayAlive(this.#rebalanceMs + this.#sessionMs)),
    );
    // The library's own rejoin failed; it goes no further by itself.
    consumer.on('error', (error: Error) => current(() => void this.#join(consumer, error))());
  }

  /** Tries again what a join among other joins runs into; anything else ends this client. */
  async #join(consumer: Consumer, after?: unknown): Promise<void> {
    let error = after;
    do {
      if (error !== undefined) {
        const isRaced = causesOf(error).some(({ error: cause }) => (cause as { needsRejoin?: boolean }).needsRejoin);
        if (!isRaced) return this.#failed(error);
        // oxlint-disable-next-line no-await-in-loop
        await sleep(rejoinPauseMs);
      }
      if (consumer !== this.#consumer) return;
      // oxlint-disable-next-line no-await-in-loop
      error = await consumer.joinGroup({}).then(
        () => undefined,
        (reason: unknown) => reason,
      );
    } while (error !== undefined);
  }

  #joined({ memberId, generationId = 0, assignments = [] }: ConsumerGroupJoinPayload): void {
    this.#failures = 0;
    // In a generation that went by without us, others may have owned what we held. So we held nothing in it.
    if (memberId === this.#memberId && generationId !== this.#generation + 1) this.#tell(memberId, nothing);
    this.#generation = generationId;
    this.#stayAlive(this.#sessionMs);
    this.#tell(memberId, new Map(assignments.map(({ topic, partitions }) => [topic, partitions])));
    this.#firstJoin.resolve();
  }

  #answered(): void {
    this.#stayAlive(this.#sessionMs);
    // Still the generation that the owner knows: nobody else can have owned anything meanwhile.
    if (!this.#isIn && this.#consumer?.generationId === this.#generation) this.#tell(this.#memberId, this.#assigned);
  }

  /** Tells the owner, and goes on where it is told to, where it was, or where the group is committed. */
  #tell(memberId: string, assigned: Assigned): void {
    const before = memberId === this.#memberId ? (this.#fetcher?.cursors ?? []) : [];
    this.#memberId = memberId;
    this.#assigned = assigned;
    this.#isIn = true;
    let positions: readonly Position[] = [];
    try {
      positions = this.events.joined(memberId, assigned);
    } catch (error) {
      this.#log('error', 'A group join could not be handled.', { error: faultOf(error).message });
    }
    const cursors: Cursor[] = [];
    for (const [topic, partitions] of assigned) {
      for (const partition of partitions) {
        const isSame = (at: Omit<Position, 'offset'>) => at.topic === topic && at.partition === partition;
        const told = positions.find(isSame);
        const fresh = { topic, partition, offset: told && BigInt(told.offset), isOutOfRange: false };
        cursors.push(told === undefined ? (before.find(isSame) ?? fresh) : fresh);
      }
    }
    if (this.#fetcher !== undefined) this.#fetcher.cursors = cursors;
  }

  #take(consumer: Consumer, batch: FetchedBatch): boolean {
    // Checked here as well, because a process that was frozen reads old answers before any timer of it runs.
    this.#checkLapse();
    if (consumer !== this.#consumer || !this.#isIn) return false;
    try {
      this.events.fetched(batch);
    } catch (error) {
      this.#log('error', 'A batch could not be handed over.', { error: faultOf(error).message, topic: batch.topic });
    }
    return true;
  }

  #stayAlive(forMs: number): void {
    this.#aliveUntilMs = Date.now() + forMs;
  }

  #checkLapse(): void {
    if (this.#isIn && Date.now() > this.#aliveUntilMs) this.#leave();
  }

  #leave(): void {
    if (!this.#isIn) return;
    this.#isIn = false;
    this.events.left();
  }

  #fetchFailed(consumer: Consumer, error: unknown, failingMs: number): void {
    if (consumer !== this.#consumer || failingMs < fetchFailingMsMax || !this.#isIn) return;
    this.#failed(error);
  }

  /** Also leaves the group. A hung broker can hold that up, so it is given some seconds and left behind. */
  async #discard(consumer: Consumer): Promise<void> {
    const closed = Promise.all([this.#fetcher?.stop(), consumer.close(true).catch(() => undefined)]);
    await endsWithin(closed, stopMsMax);
    consumer.connections.close(() => undefined);
  }

  #log(level: 'warn' | 'error', message: string, facts: object): void {
    logOf(this.options.connection)(level, message, { groupId: this.options.groupId, ...facts });
  }
}

export const platformaticMember: MemberFactory = (options, events) => new PlatformaticMember(options, events);

function assignmentsOf(
  members: readonly ExtendedGroupProtocolSubscription[],
  subscribed: readonly string[],
  countOf: (topic: string) => number | undefined,
) {
  const claims = members.map(({ memberId, topics = [], metadata }) => {
    return { id: memberId, topics, held: heldFrom(metadata) };
  });
  const topics = new Set([...subscribed, ...claims.flatMap((claim) => claim.topics)]);
  const partitions = new Map(Array.from(topics, (topic) => [topic, [...Array(countOf(topic) ?? 0).keys()]]));
  return Array.from(assignSticky(claims, partitions), ([memberId, byTopic]) => ({
    memberId,
    assignments: new Map(Object.entries(byTopic).map(([topic, assigned]) => [topic, { topic, partitions: assigned }])),
  }));
}

function notAMember() {
  return unreachable('NOT_A_MEMBER', 'There is no group to commit to.');
}

function nameOf({ topic, partition }: Omit<Position, 'offset'>): string {
  return `${topic} ${partition}`;
}
