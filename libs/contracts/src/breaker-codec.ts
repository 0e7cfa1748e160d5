/** Records of the breaker topic between the kernel's words and their bytes. */
import type { CircuitState } from '@toolfleet/kernel';
import { circuitStates, invalid } from '@toolfleet/kernel';
import { WireEnum, oneOf, wireType } from './wire.js';

export interface BreakerState {
  readonly type: 'state';
  readonly upstream: string;
  readonly state: CircuitState;
  readonly instance: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

export interface BreakerOverride {
  readonly type: 'override';
  readonly upstream: string;
  readonly forced: 'open' | 'closed';
  readonly owner: string;
  readonly reason: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

export type BreakerRecord = BreakerState | BreakerOverride;

const recordType = wireType('toolfleet.breaker.v1.BreakerRecord');
const stateWords = new WireEnum<CircuitState>('toolfleet.breaker.v1.CircuitState', circuitStates);

/** `state/shop`, `override/shop`: what an operator says outlives what executors see. */
export const breakerKeyOf = (type: BreakerRecord['type'], upstream: string): string => `${type}/${upstream}`;

export function upstreamOfOverrideKey(key: string): string | undefined {
  const prefix = breakerKeyOf('override', '');
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

export function encodeBreakerRecord({ upstream, ...body }: BreakerRecord): Uint8Array {
  return recordType.encode(
    body.type === 'state'
      ? { upstream, state: { ...body, state: stateWords.number(body.state) } }
      : { upstream, override: { ...body, forced: stateWords.number(body.forced) } },
  );
}

/** Throws `invalid` when it names no upstream, no state or an override that forces neither open nor closed. */
export function decodeBreakerRecord(bytes: Uint8Array): BreakerRecord {
  const wire = recordType.decode(bytes);
  const upstream = wire['upstream'] as string;
  if (!upstream) throw invalid('UPSTREAM_MISSING', 'The breaker record names no upstream.');
  const type = oneOf(wire, ['state', 'override']);
  const body = wire[type] as Record<string, unknown>;
  const times = { atMs: body['atMs'] as number, expiresAtMs: body['expiresAtMs'] as number };
  if (type === 'state') {
    return { type, upstream, state: stateWords.word(body['state']), instance: body['instance'] as string, ...times };
  }
  const forced = stateWords.word(body['forced']);
  if (forced === 'halfOpen') throw invalid('OVERRIDE_INVALID', 'A breaker is forced open or closed.');
  return { type, upstream, forced, owner: body['owner'] as string, reason: body['reason'] as string, ...times };
}
