/**
 * What a failure of kafkajs means for us, read from Kafka's error codes (`type`) and never from a message. The table is
 * the whole judgement: who is to blame decides whether a batch is repeated as it is, repeated by a new producer, or taken
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

/** Errors of our own code inside kafkajs's encoder: the record is malformed, trying again cannot help. */
const codeErrors = [TypeError, RangeError];

export function sendFailureOf(error: unknown): SendFailure {
  const chain = causesOf(error);
  const type = chain.map((cause) => cause.type).find((found) => found !== undefined);
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

/** The error and its causes, outermost first; kafkajs wraps up to three deep and may point an error at itself. */
export function causesOf(error: unknown): Cause[] {
  const chain: Cause[] = [];
  for (let at = error; typeof at === 'object' && at !== null && chain.length < 5;) {
    const { type, cause } = at as { type?: unknown; cause?: unknown };
    chain.push({ type: typeof type === 'string' ? type : undefined, error: at });
    if (cause === at) break;
    at = cause;
  }
  return chain;
}
