/**
 * Marks the handler of a topic. It is `@EventPattern`, and the handler gets the transport's own arguments, the record and
 * its delivery, as they are: without `@Payload` and `@Ctx` Nest would build its parameters through pipes of which there are
 * none, seven promises a record and a tenth of all that a busy fleet allocated.
 */
import { EventPattern } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants';
import type { BusRecord, Delivery } from './records.js';

type Handler = (record: BusRecord, delivery: Delivery) => unknown;

/** `pattern` as the transport's group names it, `transport` the id of the transport. */
export function BusPattern(pattern: string, transport: symbol) {
  return <H extends Handler>(target: object, method: string, descriptor: TypedPropertyDescriptor<H>): void => {
    EventPattern<string>(pattern, transport)(target, method, descriptor);
    Reflect.defineMetadata(PARAM_ARGS_METADATA, {}, target.constructor, method);
  };
}
