/**
 * A whole fleet for a spec: real Kafka and Postgres (shared by the test run, with names of its own), the replay model with
 * the spec's conversations, the note service, and the fleet's processes. What happens is read off the public topics.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionOutcome } from '@toolfleet/contracts';
import { TopicNames, decodeSessionEvent, decodeSessionEvents, decodeSessionOutcome } from '@toolfleet/contracts';
import type { TopicName } from '@toolfleet/contracts';
import type { FleetOptions, RunningFleet } from '@toolfleet/fleetctl/local';
import { startFleet } from '@toolfleet/fleetctl/local';
import type { Observation, SessionEvent } from '@toolfleet/kernel';
import { Placement, sessionIdOf } from '@toolfleet/kernel';
import type { LocalIssuer } from '@toolfleet/platform/identity';
import type { BusRecord, KafkaConnection } from '@toolfleet/platform/kafka';
import { BusProducer, readBroadcast } from '@toolfleet/platform/kafka';
import { startReplayModel } from '@toolfleet/platform/model-replay';
import { databaseForTests, eventually, kafkaForTests } from '@toolfleet/testkit';
import type { NoteService } from './note-service.js';
import { startNoteService } from './note-service.js';

export interface ReplayAnswer {
  readonly text?: string;
  readonly toolCalls?: readonly { name: string; arguments?: object; rawArguments?: string }[];
  readonly status?: number;
  readonly delayMs?: number;
}

export interface FleetUnderTestOptions {
  /** By first user message: what the model answers, turn by turn. */
  readonly conversations: Readonly<Record<string, readonly ReplayAnswer[]>>;
  readonly layout?: FleetOptions['layout'];
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the one that all specs share, which none may change. */
  readonly catalogDirectory?: string;
  /** In place of the note service's. */
  readonly toolsUrl?: string;
}

interface SendFacts {
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const sharedCatalogDirectory = fileURLToPath(new URL('../catalog', import.meta.url));
/** A session of these specs takes milliseconds; a busy machine and a restart in between take seconds. */
const outcomeWithinMs = 60_000;

/** Where the fleet writes. */
export interface Surroundings {
  readonly directory: string;
  readonly connection: KafkaConnection;
  readonly databaseUrl: string;
  /** What its processes wrote for people. */
  readonly lines: readonly string[];
}

export class FleetUnderTest {
  readonly events = new Map<string, SessionEvent[]>();
  readonly outcomes = new Map<string, SessionOutcome[]>();
  readonly deadLetters: BusRecord[] = [];
  readonly placement = new Placement(8, 4);
  #started = 0;

  private constructor(
    readonly fleet: RunningFleet,
    readonly notes: NoteService,
    readonly names: TopicNames,
    readonly producer: BusProducer,
    readonly surroundings: Surroundings,
    private readonly undo: (() => Promise<void>)[],
  ) {}

  static async start(options: FleetUnderTestOptions): Promise<FleetUnderTest> {
    const undo: (() => Promise<void>)[] = [];
    try {
      return await FleetUnderTest.#start(options, undo);
    } catch (error) {
      await undoAll(undo);
      throw error;
    }
  }

  static async #start(options: FleetUnderTestOptions, undo: (() => Promise<void>)[]): Promise<FleetUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), 'toolfleet-e2e-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const [kafka, database] = await Promise.all([kafkaForTests(), databaseForTests()]);
    undo.push(
      () => kafka.stop(),
      () => database.stop(),
    );
    const notes = await startNoteService();
    undo.push(() => notes.close());
    const model = await startReplayModel({ conversationFiles: [await conversationFile(directory, options)] });
    undo.push(() => model.close());
    const lines: string[] = [];
    const fleet = await startFleet({
      directory: join(directory, 'fleet'),
      layout: options.layout,
      catalogDirectory: options.catalogDirectory ?? sharedCatalogDirectory,
      modelUrl: model.url,
      brokers: kafka.brokers,
      databaseUrl: database.url,
      ports: { http: 0, grpc: 0 },
      env: {
        TOOLFLEET_TOPIC_PREFIX: kafka.prefix,
        TOOLFLEET_CATALOG_VARIABLES: 'E2E_TOOLS_URL',
        E2E_TOOLS_URL: options.toolsUrl ?? notes.url,
        ...options.env,
      },
      log: ({ source, text }) => {
        lines.push(text);
        if (process.env['TOOLFLEET_TEST_LOG']) process.stderr.write(`${source} | ${text}\n`);
      },
    });
    undo.push(() => fleet.stop());
    const connection = { brokers: kafka.brokers, clientId: 'fleet-e2e' };
    const producer = new BusProducer({ connection });
    await producer.connect();
    undo.push(() => producer.disconnect());
    const self = new FleetUnderTest(
      fleet,
      notes,
      new TopicNames(kafka.prefix),
      producer,
      { directory: join(directory, 'fleet'), connection, databaseUrl: database.url, lines },
      undo,
    );
    await self.#listenToSessions();
    return self;
  }

  /** Publishes a request as another team would: one line of JSON, with the token of its tenant. */
  async publish(request: Readonly<Record<string, unknown>>): Promise<string> {
    const tenant = String(request['tenant']);
    const authorization = await this.authorization(tenant);
    await this.send('session.requests', JSON.stringify(request), { headers: { authorization } });
    return sessionIdOf(tenant, String(request['requestId']));
  }

  async start(input: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const requestId = `${input.replaceAll(/[^a-z0-9]+/gi, '-')}-${(this.#started += 1)}`;
    return this.publish({ tenant: 'acme', user: 'u1', requestId, agent: 'tester', input, ...overrides });
  }

  /** `Bearer …` for callers of the tenant: by default a back-end of it. */
  authorization(...content: Parameters<LocalIssuer['authorization']>): Promise<string> {
    return this.fleet.issuer.authorization(...content);
  }

  send(topic: TopicName, value: string | Uint8Array, { partition = 0, headers = {} }: SendFacts = {}): Promise<void> {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return this.producer.send({ topic: this.names.of(topic), partition, key: 'e2e', value: bytes, headers });
  }

  /** Starts a session and waits for how it ended. */
  async run(input: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<SessionOutcome> {
    return this.outcomeOf(await this.start(input, overrides));
  }

  outcomeOf(sessionId: string, run = 1): Promise<SessionOutcome> {
    return eventually(() => this.outcomes.get(sessionId)?.find((outcome) => outcome.run === run), {
      withinMs: outcomeWithinMs,
    });
  }

  /** The facts of a session in one line each: what a reader of its history would tell. */
  transcript(sessionId: string): string[] {
    return (this.events.get(sessionId) ?? []).map(lineOf);
  }

  /** Events and outcomes travel on different topics, so this waits until the events tell of the end as well. */
  async observationsOf(sessionId: string): Promise<Observation[]> {
    const events = await eventually(
      () => {
        const seen = this.events.get(sessionId);
        return seen?.some(({ type }) => type === 'finished') ? seen : undefined;
      },
      { withinMs: outcomeWithinMs },
    );
    return events.flatMap((event) => (event.type === 'toolCallSettled' ? [event.observation] : []));
  }

  async close(): Promise<void> {
    await undoAll(this.undo);
  }

  /** Everything on a topic from now on, until the fleet is closed. */
  listen(name: TopicName, onRecord: (record: BusRecord) => void): Promise<void> {
    const reader = readBroadcast({ connection: this.surroundings.connection, topic: this.names.of(name), onRecord });
    this.undo.push(() => reader.close());
    return reader.caughtUp;
  }

  async #listenToSessions(): Promise<void> {
    await Promise.all([
      this.listen('session.outcomes', ({ value }) => {
        const outcome = decodeSessionOutcome(value);
        push(this.outcomes, outcome.sessionId, outcome);
      }),
      this.listen('session.events', ({ value }) => {
        const { sessionId, events } = decodeSessionEvents(value);
        for (const bytes of events) {
          const event = decodeSessionEvent(bytes);
          const known = this.events.get(sessionId)?.some((other) => other.seq === event.seq);
          if (!known) push(this.events, sessionId, event);
        }
      }),
      this.listen('deadletter', (record) => this.deadLetters.push(record)),
    ]);
  }
}

function lineOf(event: SessionEvent): string {
  switch (event.type) {
    case 'modelAnswered':
      return `${event.seq} modelAnswered ${event.calls.map((call) => call.tool).join('+') || 'final'}`;
    case 'toolCallSettled':
      return `${event.seq} toolCallSettled ${event.observation.outcome}`;
    case 'finished':
      return `${event.seq} finished ${event.status}`;
    default:
      return `${event.seq} ${event.type}`;
  }
}

async function conversationFile(directory: string, { conversations }: FleetUnderTestOptions): Promise<string> {
  const path = join(directory, 'conversations.jsonl');
  const lines = Object.entries(conversations).map(([input, answers], at) =>
    JSON.stringify({ id: `c${at}`, input, answers }),
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

async function undoAll(undo: (() => Promise<void>)[]): Promise<void> {
  for (const step of undo.splice(0).toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- later parts need the earlier ones until they are gone
    await step().catch(() => undefined);
  }
}
