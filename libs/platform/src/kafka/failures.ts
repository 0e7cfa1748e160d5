/**
 * What a failure of a Kafka client means for us, read from Kafka's error codes and never from a message. The table is the
 * whole judgement: who is to blame decides whether a batch is repeated as it is, repeated by a new producer, or taken
 * apart.
 */
import type { Fault } from '@toolfleet/kernel';
import { broken, denied, invalid, missing, unreachable } from '@toolfleet/kernel';

/** `bus`: try the same again. `producer`: again, with a new producer id. `topic`, `record`: these can never work. */
export type Blame = 'bus' | 'producer' | 'topic' | 'record';

export interface SendFailure {
  readonly blame: Blame;
  /** What the sender gets when its record is the one to blame. */
  readonly fault: Fault;
}

const blameOf: Readonly<Record<string, Exclude<Blame, 'bus'>>> = {
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'producer',
  DUPLICATE_SEQUENCE_NUMBER: 'producer',
  UNKNOWN_PRODUCER_ID: 'producer',
  INVALID_PRODUCER_EPOCH: 'producer',
  INVALID_PRODUCER_ID_MAPPING: 'producer',
  UNKNOWN_TOPIC_OR_PARTITION: 'topic',
  INVALID_TOPIC_EXCEPTION: 'topic',
  TOPIC_AUTHORIZATION_FAILED: 'topic',
  MESSAGE_TOO_LARGE: 'record',
  RECORD_LIST_TOO_LARGE: 'record',
  INVALID_TIMESTAMP: 'record',
  INVALID_RECORD: 'record',
  POLICY_VIOLATION: 'record',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'record',
};

/** Errors of our own code inside the client's encoder: the record is malformed, trying again cannot help. */
const codeErrors = [TypeError, RangeError];

export function sendFailureOf(error: unknown): SendFailure {
  const chain = causesOf(error);
  // A failure may name several partitions, each with its code: whoever is to blame comes before who only suffers.
  const types = chain.map((cause) => cause.type).filter((found) => found !== undefined);
  const type = types.find((each) => each in blameOf);
  const blame = blameOf[type ?? ''];
  if (blame !== undefined) return { blame, fault: faultFor(type ?? '', error) };
  if (chain.some((cause) => codeErrors.some((kind) => cause.error instanceof kind))) {
    return { blame: 'record', fault: broken('RECORD_MALFORMED', 'The record cannot be encoded.', { cause: error }) };
  }
  return { blame: 'bus', fault: unreachable('BUS_UNREACHABLE', 'The bus did not answer.', { cause: error }) };
}

function faultFor(type: string, cause: unknown): Fault {
  switch (type) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return missing('TOPIC_MISSING', 'The topic does not exist.', { cause });
    case 'TOPIC_AUTHORIZATION_FAILED':
      return denied('TOPIC_DENIED', 'This client may not write to the topic.', { cause });
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return invalid('RECORD_TOO_LARGE', 'The record is larger than the topic takes.', { cause });
    default:
      return invalid('RECORD_REFUSED', 'The bus refuses the record.', { details: { code: type }, cause });
  }
}

export interface Cause {
  /** Kafka's code, when the error is one of its protocol. */
  readonly type: string | undefined;
  readonly error: object;
}

const causesMax = 50;

/**
 * The error and its causes, outermost first. kafkajs wraps up to three deep, names Kafka's code `type`, and may point an
 * error at itself; platformatic's names it `apiId` and gathers the errors of several partitions and tries in one.
 */
export function causesOf(error: unknown): Cause[] {
  const chain: Cause[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && chain.length < causesMax) {
    const at = open.shift();
    if (typeof at !== 'object' || at === null || chain.some((each) => each.error === at)) continue;
    const { type, apiId = type, cause, errors } = at as Record<'type' | 'apiId' | 'cause' | 'errors', unknown>;
    chain.push({ type: typeof apiId === 'string' ? apiId : undefined, error: at });
    open.push(cause, ...(Array.isArray(errors) ? errors : []));
  }
  return chain;
}
