/** The breakers as the bus tells of them: every upstream of the catalogue, with what was last seen and what is forced. */
import { decodeBreakerRecord, decodeCatalogEntry, upstreamOfOverrideKey } from '@toolfleet/contracts';
import type { BreakerOverride, BreakerState, TopicName, TopicNames } from '@toolfleet/contracts';
import { destinationKinds, unreachable } from '@toolfleet/kernel';
import type { BusRecord } from '@toolfleet/platform/kafka';
import { kafkaHere } from './kafka-here.js';
import { readWholeTopic } from './whole-topic.js';

export interface BreakerView {
  readonly upstream: string;
  /** The state in effect. An open breaker whose time is over is being probed. */
  readonly state: BreakerState['state'] | 'forcedOpen' | 'forcedClosed';
  /** Absent while no executor had anything to tell. */
  readonly seen?: BreakerState;
  /** Absent unless it is in effect. */
  readonly override?: BreakerOverride;
}

export interface BreakersOnBus {
  readonly brokers: readonly string[];
  readonly names: TopicNames;
}

export async function readBreakers(bus: BreakersOnBus, nowMs: number): Promise<BreakerView[]> {
  const upstreams = new Set<string>();
  const seen = new Map<string, BreakerState>();
  const overrides = new Map<string, BreakerOverride>();
  const takeManifest = ({ key, value }: BusRecord, tombstone: boolean): void => {
    const [kind, ...name] = key.split('/');
    if (!(destinationKinds as readonly string[]).includes(kind!)) return;
    if (tombstone) upstreams.delete(name.join('/'));
    else upstreams.add(decodeCatalogEntry(value).manifest.spec.name);
  };
  const takeBreaker = ({ key, value }: BusRecord, tombstone: boolean): void => {
    if (tombstone) return void overrides.delete(upstreamOfOverrideKey(key) ?? '');
    const record = decodeBreakerRecord(value);
    if (record.type === 'state') seen.set(record.upstream, record);
    else overrides.set(record.upstream, record);
  };
  await Promise.all([readWhole(bus, 'catalog', takeManifest), readWhole(bus, 'breaker', takeBreaker)]);
  return [...upstreams].toSorted().map((name) => viewOf(name, seen.get(name), overrides.get(name), nowMs));
}

function viewOf(
  upstream: string,
  seen: BreakerState | undefined,
  override: BreakerOverride | undefined,
  nowMs: number,
): BreakerView {
  const told = seen ? { seen } : {};
  if (override && override.expiresAtMs > nowMs) {
    return { upstream, state: override.forced === 'open' ? 'forcedOpen' : 'forcedClosed', ...told, override };
  }
  const state = seen?.state ?? 'closed';
  return { upstream, state: state === 'open' && seen!.expiresAtMs <= nowMs ? 'halfOpen' : state, ...told };
}

async function readWhole(
  { brokers, names }: BreakersOnBus,
  name: TopicName,
  onRecord: (record: BusRecord, tombstone: boolean) => void,
): Promise<void> {
  const connection = kafkaHere(brokers, 'fleetctl', () => undefined);
  const topic = names.of(name);
  if (await readWholeTopic({ connection, topic, onRecord })) return;
  throw unreachable('BUS_UNREACHABLE', `The topic ${topic} cannot be read.`);
}
