/**
 * Records that no handler can take, on the topics a tenant's own records travel on, spread over its span: bytes that are no
 * message, and messages that no handler accepts. Each must come to rest as a dead letter.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSessionAdmission, encodeSessionInbox, type TopicName } from '@toolfleet/contracts';
import { limits, Placement } from '@toolfleet/kernel';
import { deadLetterHeaders, type BusRecord } from '@toolfleet/platform/kafka';
import type { BenchBus } from '../bench-bus.js';

interface Kind {
  readonly topic: TopicName;
  readonly value: (tenant: string) => Uint8Array;
}

/** No protobuf message begins so: the wire type 7 does not exist. */
const undecodable = Buffer.alloc(64, 0xff);
const garbage = (topic: TopicName): Kind => ({ topic, value: () => undecodable });

const kinds: readonly Kind[] = [
  garbage('session.requests'),
  garbage('session.admission'),
  garbage('session.inbox'),
  garbage('toolcall.read'),
  garbage('toolcall.write'),
  // It can be read, and names nobody's session.
  { topic: 'session.admission', value: (tenant) => encodeSessionAdmission({ tenant, sessionId: '' }) },
  {
    topic: 'session.inbox',
    value: (tenant) =>
      encodeSessionInbox({ tenant, sessionId: '', body: { type: 'cancel', reason: 'poison', requestedBy: 'bench' } }),
  },
];

/** Of each kind: ten times as many poison records as a tenant's share has sessions. */
const perSecond = 20;
/** A dead letter is sent until the bus has it; a busy machine takes seconds. */
const deadLettersMsMax = 30_000;
const pollMs = 50;
/** Only their number counts, so they need not be fetched each by itself beside what is measured. */
const countedWithinMs = 500;
const poisonHeader = 'bench-poison';

export class Poison {
  #over = new AbortController();
  #watching: Promise<void> | undefined;
  readonly #deadLetters = new Map<string, number>();
  #published = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly bus: BenchBus,
    private readonly tenant: string,
    private readonly signal: AbortSignal,
  ) {}

  async begin(): Promise<void> {
    this.#watching ??= this.#watch();
    await this.#watching;
    this.#over = new AbortController();
    this.#work = this.#publish();
    this.#work.catch(() => undefined);
  }

  /** Resolves when every record since the first beginning has its dead letter, or with those that have. */
  async end(): Promise<{ readonly published: number; readonly deadLetters: Readonly<Record<string, number>> }> {
    this.#over.abort();
    await this.#work;
    const deadlineAtMs = performance.now() + deadLettersMsMax;
    while (this.#letters() < this.#published && performance.now() < deadlineAtMs) {
      // oxlint-disable-next-line no-await-in-loop -- a bounded wait
      await sleep(pollMs, undefined, { signal: this.signal });
    }
    return { published: this.#published, deadLetters: Object.fromEntries(this.#deadLetters) };
  }

  #watch(): Promise<void> {
    const count = ({ headers }: BusRecord): void => {
      if (headers[poisonHeader] === undefined) return;
      const reason = headers[deadLetterHeaders.reason] ?? 'WITHOUT_REASON';
      this.#deadLetters.set(reason, (this.#deadLetters.get(reason) ?? 0) + 1);
    };
    return this.bus.watch('deadletter', count, countedWithinMs);
  }

  async #publish(): Promise<void> {
    const { tenant, bus } = this;
    const span = new Placement(limits.partitions, limits.tenantSpan).span(tenant);
    const headers = { tenant, [poisonHeader]: '1', 'content-type': 'application/protobuf' };
    for (let round = 0; !this.#over.signal.aborted; round += 1) {
      const partition = span[round % span.length] ?? 0;
      // oxlint-disable-next-line no-await-in-loop -- the pace
      await Promise.all(
        kinds.map(({ topic, value }) =>
          bus.send(topic, { partition, key: `poison-${round}`, value: value(tenant), headers }),
        ),
      );
      this.#published += kinds.length;
      // oxlint-disable-next-line no-await-in-loop
      await sleep(1_000 / perSecond, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  #letters(): number {
    return [...this.#deadLetters.values()].reduce((total, each) => total + each, 0);
  }
}
