/**
 * One simulated world: a fleet, its clients and its misfortunes, all drawn from a seed. It runs until nothing is left to do;
 * then everything that was accepted must have ended, and everything that happened must be answered for.
 */
import { sessionIdOf } from '../ids.js';
import type { SessionInput } from '../session/session.js';
import { Placement } from '../tenancy/placement.js';
import type { Placed } from './bus.js';
import { Topic } from './bus.js';
import { FindDesk, FrontDoor, ReviewDesk } from './desks.js';
import { EffectLedger, Executor } from './executor.js';
import type { FaultRates } from './ground.js';
import { Ground } from './ground.js';
import type { Topics } from './messages.js';
import { Outcomes } from './messages.js';
import type { Mutant } from './mutants.js';
import { Orchestrator } from './orchestrator.js';
import { Process } from './process.js';
import { Random } from './random.js';
import { offeredTools, tenants } from './scene.js';
import type { StoredSession } from './store.js';
import { Store } from './store.js';
import { Tools } from './tools.js';

export interface WorldOptions {
  readonly seed: number;
  readonly mutants?: readonly Mutant[];
  readonly trace?: boolean;
}

export interface WorldReport {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly steps: number;
  readonly sessions: number;
  readonly calls: number;
  readonly effects: number;
  readonly indeterminate: number;
}

/** Sessions of up to 20 minutes end within them, and the last rounds are after the last fault. */
const askEveryMs = 5_000;
const askRoundsMax = 300;
/** A world with six sessions takes a few thousand steps; one that takes this many goes round in circles. */
const stepsMax = 100_000;

class Clients extends Process {
  protected forget(): void {}
}

export class World {
  readonly #ground: Ground;
  readonly #random: Random;
  readonly #store: Store;
  readonly #tools: Tools;
  readonly #ledger = new EffectLedger();
  readonly #outcomes = new Outcomes();
  readonly #orchestrators: readonly Orchestrator[];
  readonly #executors: readonly Executor[];
  readonly #topics: Topics;
  readonly #clients: Clients;
  /** What clients were told is accepted. */
  readonly #accepted: string[] = [];
  readonly #messages = new Map<string, string[]>();

  constructor({ seed, mutants = [], trace = false }: WorldOptions) {
    this.#random = new Random(seed);
    this.#ground = new Ground(this.#random, ratesOf(this.#random), new Set(mutants), trace);
    this.#store = new Store(this.#ground);
    this.#tools = new Tools(this.#ground, this.#store);
    const topics = (): Topics => this.#topics;
    const ground = this.#ground;
    this.#orchestrators = ['o1', 'o2', 'o3'].map(
      (name) => new Orchestrator(name, ground, this.#store, topics, this.#outcomes),
    );
    const executors = (this.#executors = ['x1', 'x2'].map(
      (name) => new Executor(name, ground, this.#ledger, this.#tools, topics),
    ));
    const doors = ['d1', 'd2'].map((name) => new FrontDoor(name, ground, topics));
    // Each role on its own; or two hosts with all roles and an orchestrator on its own, a host's roles in one process or in
    // neighbours.
    const hosts = ground.rates.handOver > 0 ? [0, 1] : [];
    const relation = this.#random.chance(0.5) ? 'mate' : 'neighbour';
    for (const host of hosts) Process.onOneHost(relation, doors[host]!, this.#orchestrators[host]!, executors[host]!);
    const placement = new Placement(8, 2);
    this.#topics = {
      requests: new Topic(ground, 'requests', placement, doors),
      inbox: new Topic(ground, 'inbox', placement, this.#orchestrators),
      calls: new Topic(ground, 'calls', placement, executors),
      reviews: new Topic(ground, 'reviews', placement, [new ReviewDesk(ground, topics)]),
      finds: new Topic(ground, 'finds', placement, [new FindDesk(ground, topics)]),
    };
    this.#clients = new Clients('clients', ground, false);
  }

  run(seed: number): WorldReport {
    const count = this.#random.between(2, 6);
    for (let index = 0; index < count; index++) this.#request(index);
    this.#misfortune();
    this.#askLater(0);
    while (this.#ground.steps < stepsMax && this.#ground.step());
    this.#audit();
    const stored = [...this.#store.sessions.values()];
    const observations = stored.flatMap(({ settled }) => [...settled.values()]);
    return {
      seed,
      violations: this.#ground.violations,
      trace: this.#ground.lines,
      steps: this.#ground.steps,
      sessions: stored.length,
      calls: observations.length,
      effects: [...this.#tools.effects.values()].reduce((sum, effects) => sum + effects, 0),
      indeterminate: observations.filter(({ outcome }) => outcome === 'indeterminate').length,
    };
  }

  /** A client asks, and once it knows that it was heard it may write again or change its mind. */
  #request(index: number): void {
    const random = this.#random;
    const tenant = random.pick(tenants);
    const requestId = `r${index}`;
    const id = sessionIdOf(tenant, requestId);
    const limits = {
      ...(index % 2 === 0 && { lastWord: true as const }),
      stepsMax: random.between(2, 6),
      wallTimeMs: random.pick([8_000, 60_000, 1_200_000]),
      tokensMax: random.pick([300, 100_000]),
      escalate: random.chance(0.3),
    };
    const request = { tenant, user: 'u', requestId, agent: 'clerk', input: 'hi', roles: [], labels: {} };
    const start = { request, tools: offeredTools, limits, modelRoute: 'default', admittedAtMs: 0 };
    const send = (input: SessionInput, sent?: () => void): void =>
      this.#topics.inbox.send(this.#clients, { tenant, key: id, input }, { sent });
    const accepted = (): void => {
      this.#accepted.push(id);
      this.#goOn(id, send);
    };
    const body = { tenant, key: id, input: { type: 'start', sessionId: id, start } } as const;
    this.#clients.later(random.between(0, 10_000), () =>
      this.#topics.requests.send(this.#clients, body, { sent: accepted }),
    );
  }

  #goOn(id: string, send: (input: SessionInput, sent?: () => void) => void): void {
    const random = this.#random;
    const messages = random.pick([0, 0, 2, 5]);
    for (let index = 0; index < messages; index++) {
      const message = { messageId: `m${index}`, text: 'and then?' };
      this.#clients.later(random.between(10, 25_000), () =>
        send({ type: 'userMessage', message }, () => {
          this.#messages.set(id, [...(this.#messages.get(id) ?? []), message.messageId]);
        }),
      );
    }
    if (!random.chance(0.2)) return;
    const cancel = { type: 'cancel', reason: 'changed my mind', requestedBy: 'u' } as const;
    this.#clients.later(random.between(10, 20_000), () => send(cancel));
  }

  /** Whoever lives asks about writes of unknown end. What did not happen is asked about in vain, so there is a last time. */
  #askLater(round: number): void {
    if (round >= askRoundsMax) return;
    this.#ground.later(askEveryMs, () => {
      const alive = this.#executors.filter((executor) => executor.alive);
      for (const call of this.#ledger.open) if (alive.length > 0) this.#random.pick(alive).reconcile(call);
      this.#askLater(round + 1);
    });
  }

  #misfortune(): void {
    const { rebalanceEveryMs, untilMs } = this.#ground.rates;
    const { inbox, calls, requests } = this.#topics;
    const again = (): void => {
      if (this.#ground.now >= untilMs) return;
      this.#random.pick([inbox, inbox, calls, calls, requests]).rebalance();
      this.#ground.later(this.#random.between(1, 2 * rebalanceEveryMs), again);
    };
    this.#ground.later(this.#random.between(1, 2 * rebalanceEveryMs), again);
  }

  /** The world is at rest: what is true now is what the fleet has made of it all. */
  #audit(): void {
    const ground = this.#ground;
    if (ground.steps >= stepsMax) ground.violated('the world comes to rest', `${ground.steps} steps`);
    for (const id of this.#accepted) {
      const stored = this.#store.sessions.get(id);
      if (stored) this.#auditSession(stored);
      else ground.violated('no accepted request is lost', id);
    }
    const behind = Object.values(this.#topics).flatMap((topic: Topic<Placed>) => topic.behind);
    if (behind.length > 0) ground.violated('what is in flight drains to zero', behind.join(' '));
    const held = this.#orchestrators.reduce((sum, { size }) => sum + size, 0);
    if (held > 0) ground.violated('ended sessions are let go', `${held} in memory`);
    const { unsettled } = this.#ledger;
    if (unsettled.length > 0) ground.violated('every begun effect is settled', unsettled.join(' '));
  }

  #auditSession({ id, session, active, events, settled, proposed }: StoredSession): void {
    const ground = this.#ground;
    if (session?.phase !== 'finished')
      return ground.violated('no accepted request is lost', `${id} stays ${session?.phase}`);
    if (active) ground.violated('an ended session is retired', id);
    const runs = events.filter((event) => event.type === 'finished').length;
    for (let run = 1; run <= runs; run++) {
      if (!this.#outcomes.has(id, run)) ground.violated('every run’s outcome is told', `${id} run ${run}`);
    }
    const received = new Set(
      events.flatMap((event) => (event.type === 'userMessageReceived' ? [event.message.messageId] : [])),
    );
    for (const messageId of this.#messages.get(id) ?? []) {
      const lost = !received.has(messageId) && session.status !== 'cancelled';
      if (lost) ground.violated('no user message is lost', `${id} ${messageId}`);
    }
    for (const { callId, outcome } of session.done) {
      const unheard = this.#ledger.found.has(callId) && outcome !== 'ok';
      if (unheard) ground.violated('a write that was found to be done is told', `${callId} ${outcome}`);
    }
    for (const [callId, { outcome, refusal }] of settled) {
      if (proposed.get(callId)?.effect !== 'write') continue;
      const effects = this.#tools.effects.get(callId) ?? 0;
      if (outcome === 'ok' && effects !== 1) ground.violated('a write that is told done was done', callId);
      // An approval that comes as the call is given up for want of one is the known exception: see the kernel's `lost`.
      const certain = outcome !== 'ok' && outcome !== 'indeterminate' && refusal?.reason !== 'APPROVAL_EXPIRED';
      if (certain && effects > 0) ground.violated('a write that is told not done was not done', `${callId} ${outcome}`);
    }
  }
}

export function simulate(options: WorldOptions): WorldReport {
  return new World(options).run(options.seed);
}

export function replayCommand(seed: number, mutants: readonly Mutant[] = []): string {
  return ['npm run simulate -- --seed', seed, '--trace', ...mutants.map((name) => `--mutant ${name}`)].join(' ');
}

/** Some worlds are calm, some are hell; most faults need others that leave them room. */
function ratesOf(random: Random): FaultRates {
  const some = (most: number): number => (random.chance(0.3) ? 0 : random.next() * most);
  return {
    untilMs: 40_000,
    crash: some(0.02),
    sendLost: some(0.1),
    ackLost: some(0.1),
    sendTwice: some(0.1),
    slow: some(0.1),
    storeBefore: some(0.1),
    storeAfter: some(0.1),
    handOver: random.pick([0, 0.5, 1]),
    rebalanceEveryMs: random.pick([200, 500, 3_000, 60_000]),
    skewMs: random.pick([0, 200, 200, 3_600_000]),
  };
}
