/**
 * THE description of the bus: every topic, what it carries, how it is keyed, kept and owned. Topics, docs and manifests
 * are generated from this table, and drift fails `npm run verify`.
 */
import { limits } from '@toolfleet/kernel';

export type RecordKey =
  | 'tenant'
  | 'session'
  | 'session or conflict key'
  | 'publisher'
  | 'kind and name'
  | 'target'
  | 'group and instance'
  | 'none';

export interface Topic {
  /** Short name, as code and logs say it; on the bus it is `<prefix>.<name>.v1`. */
  readonly name: string;
  /** Full name of the one message type it carries. */
  readonly message: string;
  readonly key: RecordKey;
  /** Sharded topics share one partition count, so one placement serves them all. */
  readonly sharded: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  readonly purpose: string;
}

const forMs = (ms: number) => ({ 'retention.ms': String(ms) });
const days = (count: number) => forMs(count * 86_400_000);
const compacted = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.1', 'segment.ms': '3600000' };
/** What ends by itself also leaves by itself: the newest of each key, and nothing older than this. */
const compactedFor = (ms: number) => ({ ...compacted, 'cleanup.policy': 'compact,delete', 'retention.ms': String(ms) });
/** Outsiders could send a small gzip record that inflates to gigabytes in the consumer; the broker refuses it instead. */
const fromOutside = { 'compression.type': 'uncompressed' };
/** When the broker took a record, not when its publisher says it sent it: by this a publisher's token must count. */
const byBrokerTime = { 'message.timestamp.type': 'LogAppendTime' };

const everyService = ['gateway', 'policy', 'router', 'orchestrator', 'executor'] as const;

export const sharedTopics = [
  {
    name: 'session.requests',
    message: 'toolfleet.session.v1.SessionRequest',
    key: 'publisher',
    sharded: true,
    config: { ...forMs(limits.publishedRequestMsMax), ...fromOutside, ...byBrokerTime },
    writers: ['any team'],
    readers: ['gateway'],
    purpose:
      'Public way in: protobuf or JSON, CloudEvents headers optional. Each record with its token, `authorization: Bearer`.',
  },
  {
    name: 'session.admission',
    message: 'toolfleet.session.v1.SessionAdmission',
    key: 'tenant',
    sharded: true,
    config: days(3),
    writers: ['gateway', 'orchestrator'],
    readers: ['policy'],
    purpose: 'Requests and releases of one tenant in one order, so that its share has a single writer.',
  },
  {
    name: 'session.routing',
    message: 'toolfleet.session.v1.SessionRouting',
    key: 'session',
    sharded: true,
    config: days(3),
    writers: ['policy'],
    readers: ['router'],
    purpose: 'Admitted sessions that need their tools picked.',
  },
  {
    name: 'session.inbox',
    message: 'toolfleet.session.v1.SessionInbox',
    key: 'session',
    sharded: true,
    config: days(7),
    writers: ['gateway', 'policy', 'router', 'executor'],
    readers: ['orchestrator'],
    purpose: 'All that concerns a session, in order; its reader is the only writer of the session.',
  },
  {
    name: 'session.events',
    message: 'toolfleet.session.v1.SessionEvents',
    key: 'session',
    sharded: true,
    config: days(1),
    writers: ['orchestrator'],
    readers: ['gateway', 'any team'],
    purpose: 'What happened, as it is stored, for whoever watches.',
  },
  {
    name: 'session.outcomes',
    message: 'toolfleet.session.v1.SessionOutcome',
    key: 'session',
    sharded: true,
    config: days(7),
    writers: ['orchestrator', 'policy', 'gateway'],
    readers: ['any team'],
    purpose: 'Public way out: how each session ended, also when it was refused. At least once.',
  },
  {
    name: 'approval.requests',
    message: 'toolfleet.policy.v1.ApprovalNotice',
    key: 'session',
    sharded: true,
    config: days(7),
    writers: ['policy', 'gateway'],
    readers: ['any team'],
    purpose:
      'Public way out: approvals as they are asked for, voted on and settled, for inboxes of other teams; and decisions that were not taken. At least once.',
  },
  {
    name: 'approval.decisions',
    message: 'toolfleet.policy.v1.DecideApprovalRequest',
    key: 'publisher',
    sharded: true,
    config: { ...forMs(limits.publishedRequestMsMax), ...fromOutside, ...byBrokerTime },
    writers: ['any team'],
    readers: ['gateway'],
    purpose:
      'Public way in for decisions on approvals: protobuf or JSON, each with the token of the person, `authorization: Bearer`.',
  },
  {
    name: 'toolcall.review',
    message: 'toolfleet.toolcall.v1.ToolCallReview',
    key: 'session',
    sharded: true,
    config: days(3),
    writers: ['orchestrator'],
    readers: ['policy'],
    purpose: 'Calls that a person must approve.',
  },
  {
    name: 'toolcall.find',
    message: 'toolfleet.toolcall.v1.ToolCallFind',
    key: 'session',
    sharded: true,
    config: days(1),
    writers: ['orchestrator'],
    readers: ['router'],
    purpose: 'The model asks for more tools.',
  },
  {
    name: 'toolcall.cancel',
    message: 'toolfleet.toolcall.v1.ToolCallCancel',
    key: 'session',
    sharded: true,
    config: days(1),
    writers: ['orchestrator'],
    readers: ['executor'],
    purpose: 'Stops calls that run; every executor reads all of it.',
  },
  {
    name: 'policy.bundle',
    message: 'toolfleet.policy.v1.PolicyBundle',
    key: 'none',
    sharded: false,
    config: compacted,
    writers: ['policy'],
    readers: ['orchestrator'],
    purpose: 'The compiled rules that every orchestrator evaluates in process.',
  },
  {
    name: 'catalog',
    message: 'toolfleet.catalog.v1.CatalogEntry',
    key: 'kind and name',
    sharded: false,
    config: compacted,
    writers: ['router'],
    readers: ['gateway', 'policy', 'router', 'orchestrator', 'executor', 'operators'],
    purpose: 'The catalogue, live in every service.',
  },
  {
    name: 'breaker',
    message: 'toolfleet.breaker.v1.BreakerRecord',
    key: 'kind and name',
    sharded: false,
    config: compacted,
    writers: ['executor', 'operators'],
    readers: ['executor', 'operators'],
    purpose: 'What executors know of the health of each upstream, and what operators force.',
  },
  {
    name: 'tuning',
    message: 'toolfleet.tuning.v1.TuningChange',
    key: 'target',
    sharded: false,
    // Twice as long as a change may last: segments roll every hour, clocks differ by less.
    config: compactedFor(2 * limits.tuningMsMax),
    writers: ['operators'],
    readers: everyService,
    purpose: 'What operators change about running consumers, until it expires.',
  },
  {
    name: 'kill',
    message: 'toolfleet.kill.v1.KillSwitch',
    key: 'target',
    sharded: false,
    config: compacted,
    writers: ['operators'],
    readers: ['orchestrator', 'executor', 'operators'],
    purpose: 'Kill switches: calls that nobody may make until they are lifted or expire.',
  },
  {
    name: 'consumer.status',
    message: 'toolfleet.tuning.v1.ConsumerStatus',
    key: 'group and instance',
    sharded: false,
    config: compactedFor(86_400_000),
    writers: everyService,
    readers: ['operators'],
    purpose: 'What only a process knows of its consumers: in flight, effective concurrency, ages. Every few seconds.',
  },
  {
    name: 'audit',
    message: 'toolfleet.audit.v1.AuditRecords',
    key: 'none',
    sharded: true,
    config: days(30),
    writers: ['gateway', 'policy', 'router', 'orchestrator', 'executor'],
    readers: ['policy', 'any team'],
    purpose:
      'Who did what to which tool, decided how, ending how; of a tenant on one partition. Waits here while the database is away.',
  },
  {
    name: 'deadletter',
    message: 'original bytes; headers as toolfleet.deadletter.v1.DeadLetter',
    key: 'publisher',
    sharded: true,
    config: { ...days(14), ...fromOutside },
    writers: ['gateway', 'policy', 'router', 'orchestrator', 'executor'],
    readers: ['operators'],
    purpose: 'Records that no handler could take, with the reason in their headers.',
  },
] as const satisfies readonly Topic[];

export type SharedTopicName = (typeof sharedTopics)[number]['name'];
export type TopicName = SharedTopicName | `toolcall.${string}`;

/** Calls of one tool class: its own topic, consumers and limits, so a slow class holds up no other. */
export function toolClassTopic(toolClass: string): Topic {
  return {
    name: `toolcall.${toolClass}`,
    message: 'toolfleet.toolcall.v1.ToolCall',
    key: 'session or conflict key',
    sharded: true,
    config: days(3),
    writers: ['orchestrator', 'policy'],
    readers: [`executor (${toolClass})`],
    purpose: `Allowed calls of the class "${toolClass}", each with its receipt.`,
  };
}

/** Names that a tool class cannot take, because a topic of the fleet itself has them. */
export const reservedToolClasses: readonly string[] = ['review', 'find', 'cancel'];

export const defaultToolClasses: readonly string[] = ['read', 'write', 'export'];

export function allTopics(toolClasses: readonly string[] = defaultToolClasses): readonly Topic[] {
  return [...sharedTopics, ...toolClasses.map(toolClassTopic)];
}

/** Names on the bus. Dots only: Kafka treats `a.b` and `a_b` as one name in its metrics. */
export class TopicNames {
  constructor(readonly prefix: string = 'toolfleet') {}

  of(name: TopicName): string {
    return `${this.prefix}.${name}.v1`;
  }

  ofClass(toolClass: string): string {
    return this.of(`toolcall.${toolClass}`);
  }
}

/** Consumer groups: the app, plus the class for executors. */
export function groupIdOf(prefix: string, app: string, part?: string): string {
  return part ? `${prefix}.${app}.${part}` : `${prefix}.${app}`;
}

export const defaultPartitions = limits.partitions;
