/**
 * Topics, offsets and lag, asked of the cluster itself. It only ever adds: a topic that exists keeps its partitions and
 * settings, because placement is computed from the partition count and changing it would move every session.
 */
import { unreachable } from '@toolfleet/kernel';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConnection } from './connection.js';
import { kafkaClient } from './connection.js';
import { causesOf } from './failures.js';

/** A single broker takes milliseconds, a busy cluster seconds. */
const knownMsMax = 15_000;
const knownPauseMs = 50;
const youngTopicErrors = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Absent: the broker's default. */
  readonly replicas?: number;
  /** Topic settings by Kafka's names, e.g. `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface EnsuredTopics {
  readonly created: readonly string[];
  readonly kept: readonly string[];
  /** Kept although their partition count differs from the spec's: placement must use `found`. */
  readonly mismatched: readonly { readonly name: string; readonly partitions: number; readonly found: number }[];
}

export interface PartitionOffsets {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Absent when the group never committed here. */
  readonly committed: bigint | undefined;
  readonly high: bigint;
  readonly lag: bigint;
}

export interface GroupMemberFacts {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  /** By topic; empty while the group rebalances. */
  readonly assigned: ReadonlyMap<string, readonly number[]>;
}

export interface GroupFacts {
  readonly members: readonly GroupMemberFacts[];
  /** Every partition of every topic that the group reads now or has committed. */
  readonly partitions: readonly PartitionLag[];
}

/** The precision of an age that is asked of the cluster, and the oldest it tells apart: as long as topics are kept. */
const agePrecisionMs = 1_000;
const ageMsMax = 14 * 86_400_000;

export class BusAdmin {
  readonly #admin: Admin;

  constructor(connection: KafkaConnection) {
    this.#admin = kafkaClient(connection, { quiet: true }).admin();
  }

  async connect(): Promise<void> {
    await this.#admin.connect();
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<EnsuredTopics> {
    const existing = new Set(await this.#admin.listTopics());
    const missing = specs.filter((spec) => !existing.has(spec.name));
    // Two services that start together may both create: kafkajs answers false when all exist by now.
    if (missing.length > 0) {
      // kafkajs begins with a look at all topics it was ever asked for, and one of another caller may be young still.
      await this.#onceKnown(() =>
        this.#admin.createTopics({ waitForLeaders: false, timeout: knownMsMax, topics: missing.map(creationOf) }),
      );
      // Ends when every partition answers: a topic that is only just made has no leaders yet.
      await Promise.all(missing.map((spec) => this.offsets(spec.name)));
    }
    const kept = specs.filter((spec) => existing.has(spec.name));
    const counts = await this.#partitionCounts(kept.map((spec) => spec.name));
    const mismatched = kept.flatMap(({ name, partitions }) => {
      const found = counts.get(name) ?? partitions;
      return found === partitions ? [] : [{ name, partitions, found }];
    });
    return { created: missing.map((spec) => spec.name), kept: kept.map((spec) => spec.name), mismatched };
  }

  /** Settings of a topic that differ from these are set; all others stay as they are. True when one was set. */
  async ensureConfig(topic: string, wanted: Readonly<Record<string, string>>): Promise<boolean> {
    const of = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
    const { resources } = await this.#admin.describeConfigs({ includeSynonyms: false, resources: [of] });
    const found = resources.flatMap(({ configEntries }) => configEntries);
    const now = new Map(found.map(({ configName, configValue }) => [configName, configValue]));
    if (Object.entries(wanted).every(([name, value]) => now.get(name) === value)) return false;
    // The request replaces all that was ever set for the topic, so that goes along.
    const set = found.flatMap((entry) =>
      entry.configSource === kafkajs.ConfigSource.TOPIC_CONFIG ? [[entry.configName, entry.configValue] as const] : [],
    );
    const configEntries = Object.entries({ ...Object.fromEntries(set), ...wanted }).map(([name, value]) => {
      return { name, value };
    });
    await this.#admin.alterConfigs({ validateOnly: false, resources: [{ ...of, configEntries }] });
    return true;
  }

  async topics(): Promise<string[]> {
    return this.#admin.listTopics();
  }

  async offsets(topic: string): Promise<PartitionOffsets[]> {
    const found = await this.#onceKnown(() => this.#admin.fetchTopicOffsets(topic));
    return found
      .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
      .toSorted((a, b) => a.partition - b.partition);
  }

  /** How far a group is behind. Without a commit, the whole partition counts as lag. */
  async lag(groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
    const [committed, ends] = await Promise.all([
      this.#admin.fetchOffsets({ groupId, topics: [...topics] }),
      Promise.all(topics.map(async (topic) => ({ topic, offsets: await this.offsets(topic) }))),
    ]);
    return ends.flatMap(({ topic, offsets }) => {
      const ofTopic = committed.find((answer) => answer.topic === topic)?.partitions ?? [];
      return offsets.map(({ partition, low, high }) => {
        const offset = BigInt(ofTopic.find((answer) => answer.partition === partition)?.offset ?? -1);
        const at = offset < 0n ? undefined : offset;
        return { topic, partition, committed: at, high, lag: high - (at === undefined || at < low ? low : at) };
      });
    });
  }

  /** Who reads what, and how far each partition is behind. */
  async group(groupId: string): Promise<GroupFacts> {
    const [{ groups }, committed] = await Promise.all([
      this.#admin.describeGroups([groupId]),
      this.#admin.fetchOffsets({ groupId }),
    ]);
    const members = groups.flatMap((group) => group.members.map(memberFactsOf));
    const assigned = members.flatMap((member) => [...member.assigned.keys()]);
    const topics = [...new Set([...assigned, ...committed.map(({ topic }) => topic)])];
    return { members, partitions: await this.lag(groupId, topics.toSorted()) };
  }

  /** How old the record at this offset is, to a second: halved by time, because no request asks for it. */
  async ageMs(topic: string, partition: number, offset: bigint, nowMs: number): Promise<number> {
    let [tooYoungMs, oldEnoughMs] = [0, ageMsMax];
    while (oldEnoughMs - tooYoungMs > agePrecisionMs) {
      const middleMs = Math.floor((tooYoungMs + oldEnoughMs) / 2);
      // oxlint-disable-next-line no-await-in-loop -- each answer decides the next question
      const found = await this.#admin.fetchTopicOffsetsByTimestamp(topic, nowMs - middleMs);
      const first = found.find((entry) => entry.partition === partition);
      // The first record sent since then: at or before ours, ours is younger than that.
      if (first !== undefined && BigInt(first.offset) <= offset) oldEnoughMs = middleMs;
      else tooYoungMs = middleMs;
    }
    return oldEnoughMs;
  }

  /** Members by id; empty when nobody consumes. */
  async members(groupId: string): Promise<string[]> {
    const { groups } = await this.#admin.describeGroups([groupId]);
    return groups.flatMap((group) => group.members.map((member) => member.memberId));
  }

  /** Only an empty group can be deleted; a missing one counts as deleted. */
  async deleteGroup(groupId: string): Promise<boolean> {
    const results = await this.#admin.deleteGroups([groupId]).catch(() => []);
    return results.every((result) => result.errorCode === undefined || result.errorCode === 0);
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#admin.deleteTopics({ topics: [...names], timeout: 10_000 });
  }

  /** Asks again while a new topic is not known to every broker; kafkajs itself gives up at the first such answer. */
  async #onceKnown<R>(ask: () => Promise<R>): Promise<R> {
    const deadlineAtMs = Date.now() + knownMsMax;
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        return await ask();
      } catch (error) {
        // Offsets of a topic without a leader yet come back empty, and kafkajs trips over its own empty list.
        const isYoung =
          error instanceof TypeError ||
          causesOf(error).some(({ type }) => type !== undefined && youngTopicErrors.includes(type));
        if (!isYoung) throw error;
        if (Date.now() >= deadlineAtMs) {
          throw unreachable('TOPICS_NOT_SERVED', 'A topic is not served by its leaders in time.', { cause: error });
        }
        // oxlint-disable-next-line no-await-in-loop
        await sleep(knownPauseMs);
      }
    }
  }

  async #partitionCounts(names: readonly string[]): Promise<Map<string, number>> {
    if (names.length === 0) return new Map();
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...names] });
    return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  }
}

function memberFactsOf(member: {
  memberId: string;
  clientId: string;
  clientHost: string;
  memberAssignment: Buffer;
}): GroupMemberFacts {
  const { memberId, clientId, clientHost: host, memberAssignment } = member;
  const decoded =
    memberAssignment.length === 0 ? null : kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment);
  return { memberId, clientId, host, assigned: new Map(Object.entries(decoded?.assignment ?? {})) };
}

/** Adds the topics that are missing and leaves the others as they are. */
export async function ensureTopics(connection: KafkaConnection, specs: readonly TopicSpec[]): Promise<EnsuredTopics> {
  return withAdmin(connection, (admin) => admin.ensureTopics(specs));
}

export async function withAdmin<R>(connection: KafkaConnection, use: (admin: BusAdmin) => Promise<R>): Promise<R> {
  const admin = new BusAdmin(connection);
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

function creationOf({ name, partitions, replicas, config }: TopicSpec) {
  return {
    topic: name,
    numPartitions: partitions,
    replicationFactor: replicas ?? -1,
    configEntries: Object.entries(config ?? {}).map(([entry, value]) => ({ name: entry, value })),
  };
}
