/**
 * The returns desk: a team of its own beside the fleet, which hears of approvals on one public topic and answers on another.
 * It agrees to every return and exchange of the shop and leaves everything else to others.
 */
import { TopicNames, decodeApprovalNotice, type ApprovalNotice, type ApprovalView } from '@toolfleet/contracts';
import { chainOf } from '@toolfleet/kernel';
import { BusProducer, readBroadcast, type KafkaConnection, type TopicReader } from '@toolfleet/platform/kafka';

export interface ReturnsDeskOptions {
  readonly brokers: readonly string[];
  /** Of the fleet's topics; `toolfleet` by default. */
  readonly prefix?: string;
  /** The header by which the fleet knows this person of the tenant. */
  readonly authorization: (tenant: string, person: Person) => Promise<string>;
  readonly log: (text: string) => void;
}

interface Person {
  readonly user: string;
  readonly roles: readonly string[];
  readonly scopes: readonly ['approvals:decide'];
}

const role = 'returns-desk';
const clerk: Person = { user: 'returns-clerk', roles: [role], scopes: ['approvals:decide'] };
const tools: ReadonlySet<string> = new Set(['return_delivered_order_items', 'exchange_delivered_order_items']);

export class ReturnsDesk {
  /** Notices come at least once; a call is answered once. */
  readonly #answered = new Set<string>();
  readonly #names: TopicNames;
  readonly #connection: KafkaConnection;
  readonly #producer: BusProducer;
  #reader: TopicReader | undefined;

  constructor(private readonly options: ReturnsDeskOptions) {
    this.#names = new TopicNames(options.prefix);
    this.#connection = {
      brokers: options.brokers,
      clientId: role,
      log: (_level, message) => options.log(message),
    };
    this.#producer = new BusProducer({ connection: this.#connection });
  }

  /** Calls that it agreed to. */
  get approved(): number {
    return this.#answered.size;
  }

  /** Resolves when no question that comes from now on is missed. */
  async open(): Promise<void> {
    this.#reader = readBroadcast({
      connection: this.#connection,
      topic: this.#names.of('approval.requests'),
      onRecord: ({ value }, tombstone) => {
        const approval = tombstone ? undefined : this.#noticeIn(value)?.approval;
        if (approval && isOurs(approval) && !this.#answered.has(approval.callId)) this.#approve(approval);
      },
    });
    await this.#reader.caughtUp;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#producer.disconnect();
  }

  #approve({ tenant, callId }: ApprovalView): void {
    this.#answered.add(callId);
    this.#send(tenant, callId).catch((error: unknown) => {
      this.#answered.delete(callId);
      this.options.log(`a decision did not leave: ${chainOf(error).join(' <- ')}`);
    });
  }

  async #send(tenant: string, callId: string): Promise<void> {
    const authorization = await this.options.authorization(tenant, clerk);
    await this.#producer.send({
      topic: this.#names.of('approval.decisions'),
      key: callId,
      value: Buffer.from(JSON.stringify({ tenant, callId, approve: true })),
      headers: { 'content-type': 'application/json', authorization },
    });
  }

  /** A reader must not throw: what cannot be read is somebody else's. */
  #noticeIn(value: Uint8Array): ApprovalNotice | undefined {
    try {
      return decodeApprovalNotice(value);
    } catch (error) {
      this.options.log(`a notice cannot be read: ${chainOf(error).join(' <- ')}`);
      return undefined;
    }
  }
}

const isOurs = ({ state, tool, approvers }: ApprovalView): boolean =>
  state === 'pending' && tools.has(tool) && (approvers?.roles.includes(role) ?? false);
