/** Tuning changes and the status of consumers between the kernel's types and their bytes. */
import type { TuningAction, TuningChange, TuningTarget } from '@toolfleet/kernel';
import { invalid, tuningActions } from '@toolfleet/kernel';
import { WireEnum, wireType } from './wire.js';

const actions = new WireEnum<TuningAction>('toolfleet.tuning.v1.TuningAction', tuningActions);
const changeType = wireType('toolfleet.tuning.v1.TuningChange');
const statusType = wireType('toolfleet.tuning.v1.ConsumerStatus');

interface WireTarget {
  readonly service: string;
  readonly toolClass: string;
  readonly tenant: string;
  readonly partition: number | null | undefined;
}

export function encodeTuningChange(change: TuningChange): Uint8Array {
  return changeType.encode({ ...change, action: actions.number(change.action) });
}

export function decodeTuningChange(bytes: Uint8Array): TuningChange {
  const wire = changeType.decode(bytes) as unknown as TuningChange & { target: WireTarget | null };
  const { concurrency, actor, reason, atMs, expiresAtMs } = wire;
  if (!wire.target?.service) throw invalid('TARGET_MISSING', 'The change names no service.');
  const action = actions.word(wire.action);
  return { target: targetFrom(wire.target), action, concurrency, actor, reason, atMs, expiresAtMs };
}

function targetFrom({ service, toolClass, tenant, partition }: WireTarget): TuningTarget {
  return {
    service,
    toolClass: toolClass || undefined,
    tenant: tenant || undefined,
    partition: partition ?? undefined,
  };
}

export interface PartitionStatus {
  readonly topic: string;
  readonly partition: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly held: number;
  readonly blocked: boolean;
  readonly queueAgeMs: number;
}

export interface ConsumerStatus {
  readonly group: string;
  readonly instance: string;
  readonly memberId: string;
  readonly atMs: number;
  readonly concurrency: number;
  readonly configuredConcurrency: number;
  readonly partitions: readonly PartitionStatus[];
}

export const encodeConsumerStatus = (status: ConsumerStatus) => statusType.encode(status);
export const decodeConsumerStatus = (bytes: Uint8Array) => statusType.decode(bytes) as unknown as ConsumerStatus;
export const consumerStatusKeyOf = ({ group, instance }: Pick<ConsumerStatus, 'group' | 'instance'>) =>
  `${group}/${instance}`;
