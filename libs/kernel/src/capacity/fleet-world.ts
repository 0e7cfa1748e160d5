/**
 * The simulated fleet: arrivals, shares, the inbox with its orchestrators, executors by class, model and faults. Admission,
 * placement and lanes are the fleet's own code; brokers and databases are latencies. Every session ends exactly once: the
 * run goes on after the last arrival until nothing is left.
 *
 * 10,000 tenants on 1,000 replicas for 80 s (109,000 sessions, 3.1 million events) take 17 s of one core and 510 MB:
 * `fleetctl tune simulate examples/capacity/ten-thousand-tenants.yaml`, on a busy machine.
 */
import { broken, overloaded } from '../fault.js';
import { limits } from '../limits.js';
import { Random } from '../simulation/random.js';
import { hash32, placeIn, spanOf } from '../tenancy/placement.js';
import { AdmissionDesks } from './admission-desks.js';
import { drawCount, drawGapMs, drawMs } from './draw.js';
import { EventQueue } from './event-queue.js';
import type { SessionEnd } from './measures.js';
import { Measures } from './measures.js';
import type { Replica } from './pool.js';
import { Pool } from './pool.js';
import { ShapeTable } from './shape-table.js';
import type { PlannedFault, ToolClassPlan, Traffic } from './traffic.js';
import { modelUpstream, orchestratorRole } from './traffic.js';
import { Session, Work } from './work.js';

const on = {
  arrival: 0,
  stormArrival: 1,
  offer: 2,
  ran: 3,
  answered: 4,
  judged: 5,
  second: 6,
  kill: 7,
  takeOver: 8,
  back: 9,
};

/** A partition of a dead consumer is taken over after 6 to 10 s (measured with kafkajs, sessions of 6 s). */
const takeOverMs = { min: 6_000, max: 10_000 };
/** A minute of 10,000 tenants is some ten million; beyond this a run takes the better part of an hour. */
const eventsMax = 1_000_000_000;

export class FleetWorld {
  readonly measures: Measures;
  readonly inbox: Pool;
  /** By index of the class. */
  readonly executors: readonly Pool[];
  readonly classes: readonly (readonly [string, ToolClassPlan])[];
  events = 0;
  sessions = 0;
  ended = 0;
  cpuMs: Float64Array;
  readonly #queue = new EventQueue(1 << 15);
  readonly #desks: AdmissionDesks;
  readonly #spans: readonly (readonly number[])[];
  readonly #shapes = new Map<string, ShapeTable>();
  readonly #arrivals: readonly Random[];
  readonly #arrived: Uint32Array;
  readonly #chance: Random;
  readonly #work: Work[] = [];
  readonly #idle: Work[] = [];
  readonly #stormTenants = new Map<number, number>();
  readonly #dead = new Map<number, { readonly pool: Pool; readonly replicas: readonly Replica[] }>();
  #now = 0;

  constructor(readonly traffic: Traffic) {
    const { fleet, tenants, seed } = traffic;
    this.classes = Object.entries(fleet.classes);
    const ready = (pool: Pool, replica: Replica) => this.#startAll(pool, replica);
    const { partitions, waitingMax } = fleet;
    this.inbox = new Pool(orchestratorRole, fleet.orchestrator, partitions, waitingMax, ready);
    this.executors = this.classes.map(([name, plan]) => new Pool(name, plan, partitions, waitingMax, ready));
    this.#desks = new AdmissionDesks(tenants);
    this.#spans = tenants.map(({ name }) => spanOf(name, partitions, fleet.span));
    this.#chance = new Random(hash32(`${seed}/fleet`));
    this.#arrivals = tenants.map(({ name }) => new Random(hash32(`${seed}/${name}`)));
    this.#arrived = new Uint32Array(tenants.length);
    const isStorm = new Uint8Array(tenants.length);
    const indexOf = new Map(tenants.map(({ name }, index) => [name, index]));
    for (const [at, fault] of traffic.faults.entries()) {
      if (fault.kind !== 'storm') continue;
      const tenant = indexOf.get(fault.tenant);
      if (tenant === undefined) throw broken('TENANT_UNKNOWN', `No traffic of the storming tenant ${fault.tenant}.`);
      isStorm[tenant] = 1;
      this.#stormTenants.set(at, tenant);
    }
    this.measures = new Measures(traffic.durationMs, traffic.warmupMs, partitions, isStorm, this.classes.length + 2);
    this.cpuMs = new Float64Array(this.classes.length + 1);
    const names = this.classes.map(([name]) => name);
    for (const [name, shape] of Object.entries(traffic.shapes)) this.#shapes.set(name, new ShapeTable(shape, names));
  }

  run(): void {
    const { tenants, faults, durationMs } = this.traffic;
    for (const [tenant, { sessionsPerS }] of tenants.entries()) this.#nextArrival(tenant, 0, sessionsPerS);
    for (let second = 1; second <= this.measures.seconds; second++) {
      this.#queue.put(Math.min(second * 1_000, durationMs), on.second, second - 1);
    }
    for (const [at, fault] of faults.entries()) this.#schedule(at, fault);
    while (this.#queue.next()) {
      this.#now = this.#queue.atMs;
      if (++this.events > eventsMax) throw overloaded('SIMULATION_TOO_LARGE', 'More events than one run may have.');
      this.#handle(this.#queue.kind, this.#queue.subject, this.#queue.run);
    }
    if (this.ended !== this.sessions) {
      throw broken('SESSIONS_LOST', `${this.sessions} sessions arrived and ${this.ended} ended.`);
    }
  }

  #handle(kind: number, subject: number, run: number): void {
    switch (kind) {
      case on.arrival:
        this.#nextArrival(subject, this.#now, this.traffic.tenants[subject]!.sessionsPerS);
        return this.#arrive(subject);
      case on.stormArrival:
        this.#nextStormArrival(subject, this.#now);
        return this.#arrive(this.#stormTenants.get(subject)!);
      case on.offer:
        return this.#work[subject]!.pool.offer(this.#work[subject]!);
      case on.ran:
        return this.#ran(this.#work[subject]!, run);
      case on.answered:
        return this.#answered(this.#work[subject]!, run);
      case on.judged:
        return this.#judged(this.#work[subject]!, run);
      case on.second:
        return this.#second(subject);
      default:
        return this.#strike(kind, subject);
    }
  }

  // Arrivals and admission

  #nextArrival(tenant: number, now: number, perS: number): void {
    if (perS === 0) return;
    const atMs = now + drawGapMs(this.#arrivals[tenant]!, perS);
    if (atMs < this.traffic.durationMs) this.#queue.put(atMs, on.arrival, tenant);
  }

  /** The storm comes on top of the usual stream, with a chance of its own, so that stream stays what it is. */
  #nextStormArrival(at: number, now: number): void {
    const fault = this.traffic.faults[at]!;
    if (fault.kind !== 'storm') return;
    const { sessionsPerS } = this.traffic.tenants[this.#stormTenants.get(at)!]!;
    if (sessionsPerS === 0 || fault.factor <= 1) return;
    const atMs = now + drawGapMs(this.#chance, sessionsPerS * (fault.factor - 1));
    if (atMs < Math.min(fault.toMs, this.traffic.durationMs)) this.#queue.put(atMs, on.stormArrival, at);
  }

  #arrive(tenant: number): void {
    this.sessions++;
    const key = `${this.traffic.tenants[tenant]!.name}:${this.#arrived[tenant]!++}`;
    const session = new Session(key, tenant, this.#now, new Random(hash32(`${this.traffic.seed}/${key}`)));
    this.measures.arrived(tenant, this.#now);
    const verdict = this.#desks.enter(session, this.#now);
    if (verdict === 'start') this.#begin(session);
    else if (verdict === 'refuse') this.#tellEnd(session, 'refused');
  }

  /** Admission, routing and inbox are a hop each. */
  #begin(session: Session): void {
    const { name, shape } = this.traffic.tenants[session.tenant]!;
    session.waitMs = this.#now - session.arrivedAtMs;
    session.startedAtMs = this.#now;
    session.turns = drawCount(session.random, this.#shapes.get(shape)!.shape.turns);
    session.partition = placeIn(this.#spans[session.tenant]!, session.key);
    const work = this.#newWork(session);
    work.tenant = name;
    work.toolClass = -1;
    this.#toInbox(work, 3);
  }

  // One record

  #startAll(pool: Pool, replica: Replica): void {
    for (let work = pool.take(replica); work !== undefined; work = pool.take(replica)) this.#start(pool, replica, work);
    if (pool === this.inbox) this.#letIn(replica);
  }

  #start(pool: Pool, replica: Replica, work: Work): void {
    const isCall = pool !== this.inbox;
    const row = isCall ? work.toolClass + 1 : 0;
    if (isCall && this.#now > work.deadlineAtMs) {
      const group = this.measures.groupOf(work.session.tenant, work.session.arrivedAtMs);
      if (group) group.expired++;
      work.waitedMs += this.#now - work.sinceMs;
      return this.#observed(pool, replica, work);
    }
    const { cpuMs } = pool.plan;
    const cpuEndMs = replica.cpu(this.#now, cpuMs);
    const waitMs = cpuEndMs - cpuMs - work.sinceMs;
    this.cpuMs[row]! += cpuMs;
    this.measures.poolWaits.add(row, waitMs);
    work.waitedMs += waitMs;
    work.sinceMs = cpuEndMs - cpuMs;
    work.state = 'running';
    this.#queue.put(cpuEndMs + (isCall ? this.#serviceMs(work) : 0), on.ran, work.id, work.run);
  }

  #ran(work: Work, run: number): void {
    if (work.run !== run || work.state !== 'running') return;
    const { pool, session } = work;
    const replica = pool.ownerOf(work.partition)!;
    if (pool !== this.inbox) {
      this.#observed(pool, replica, work);
      return this.#startAll(pool, replica);
    }
    pool.release(replica, work);
    if (work.toolClass >= 0 && !work.taken) {
      work.taken = true;
      session.callsOpen--;
      session.waveWaitMs = Math.max(session.waveWaitMs, work.waitedMs);
      work.waitedMs = 0;
    }
    if (work.toolClass >= 0 && session.callsOpen > 0) {
      pool.acknowledge(work);
      this.#idle.push(work);
    } else this.#toGate(replica, work);
    this.#startAll(pool, replica);
  }

  /** The call's end goes to the session's inbox, whatever it was. */
  #observed(pool: Pool, replica: Replica, work: Work): void {
    pool.release(replica, work);
    pool.acknowledge(work);
    this.#toInbox(work, 1);
  }

  #toInbox(work: Work, hops: number): void {
    work.pool = this.inbox;
    work.partition = work.session.partition;
    work.laneKey = work.session.key;
    this.#send(work, hops);
  }

  #send(work: Work, hops: number): void {
    work.sinceMs = this.#now + hops * this.traffic.fleet.hopMs;
    this.#queue.put(work.sinceMs, on.offer, work.id);
  }

  // A turn

  #toGate(replica: Replica, work: Work): void {
    const { session } = work;
    session.waitMs += session.waveWaitMs + work.waitedMs;
    session.waveWaitMs = 0;
    work.waitedMs = 0;
    work.sinceMs = this.#now;
    work.state = 'atGate';
    replica.gate.push({ work, run: work.run });
  }

  #letIn(replica: Replica): void {
    const { modelConcurrency } = this.traffic.fleet.orchestrator;
    const { model } = this.traffic;
    while (replica.asking < modelConcurrency && replica.gateHead < replica.gate.length) {
      const { work, run } = replica.gate[replica.gateHead++]!;
      if (work.run !== run || work.state !== 'atGate') continue;
      this.measures.poolWaits.add(this.classes.length + 1, this.#now - work.sinceMs);
      work.session.waitMs += this.#now - work.sinceMs;
      work.sinceMs = this.#now;
      work.state = 'asking';
      replica.asking++;
      const ms = Math.min(model.timeoutMs, drawMs(work.session.random, model) * this.#slowness(modelUpstream));
      this.#queue.put(this.#now + ms, on.answered, work.id, work.run);
    }
    if (replica.gateHead === replica.gate.length && replica.gateHead > 0) {
      replica.gate = [];
      replica.gateHead = 0;
    }
  }

  #answered(work: Work, run: number): void {
    if (work.run !== run || work.state !== 'asking') return;
    const replica = this.inbox.ownerOf(work.partition)!;
    const { cpuMs, commitMs } = this.traffic.fleet.orchestrator;
    replica.asking--;
    const cpuEndMs = replica.cpu(this.#now, cpuMs);
    this.cpuMs[0]! += cpuMs;
    work.session.waitMs += cpuEndMs - cpuMs - this.#now;
    work.sinceMs = this.#now;
    work.state = 'judging';
    this.#queue.put(cpuEndMs + commitMs, on.judged, work.id, work.run);
    this.#letIn(replica);
  }

  #judged(work: Work, run: number): void {
    if (work.run !== run || work.state !== 'judging') return;
    const { session } = work;
    this.inbox.acknowledge(work);
    this.#idle.push(work);
    session.turn++;
    if (session.turn >= session.turns) return this.#end(session, 'completed');
    if (this.#now - session.startedAtMs > limits.wallTimeMs) return this.#end(session, 'gaveUp');
    this.#propose(session);
  }

  #propose(session: Session): void {
    const { name, shape } = this.traffic.tenants[session.tenant]!;
    const table = this.#shapes.get(shape)!;
    const span = this.#spans[session.tenant]!;
    session.callsOpen = drawCount(session.random, table.shape.callsPerTurn);
    const group = this.measures.groupOf(session.tenant, session.arrivedAtMs);
    if (group) group.calls += session.callsOpen;
    for (let index = 0; index < session.callsOpen; index++) {
      const toolClass = table.pick(session.random);
      const [, plan] = this.classes[toolClass]!;
      const work = this.#newWork(session);
      work.tenant = name;
      work.toolClass = toolClass;
      work.pool = this.executors[toolClass]!;
      work.serviceMs = drawMs(session.random, plan.latency);
      // Writes travel by what they change, reads by their own id, as the outlet sends them.
      const resource = plan.effect === 'write' ? session.random.between(1, plan.resources) : 0;
      work.laneKey = resource > 0 ? `${name}/${resource}` : `${session.key}:${session.turn}:${index}`;
      work.partition = placeIn(span, work.laneKey);
      this.#send(work, 1);
      work.deadlineAtMs = work.sinceMs + limits.callWaitMs;
    }
  }

  #end(session: Session, end: SessionEnd): void {
    this.#tellEnd(session, end);
    const next = this.#desks.leave(session.tenant);
    if (next) this.#begin(next);
  }

  #tellEnd(session: Session, end: SessionEnd): void {
    if (session.ended) throw broken('SESSION_ENDED_TWICE', `Session ${session.key} ended a second time.`);
    session.ended = true;
    this.ended++;
    const { tenant, arrivedAtMs, waitMs, struck } = session;
    this.measures.ended({ tenant, arrivedAtMs, waitMs, struck, now: this.#now, end });
  }

  // Faults and figures

  #schedule(at: number, fault: PlannedFault): void {
    if (fault.kind === 'replica') this.#queue.put(fault.atMs, on.kill, at);
    if (fault.kind === 'storm') this.#nextStormArrival(at, fault.fromMs);
  }

  #strike(kind: number, at: number): void {
    const fault = this.traffic.faults[at]!;
    if (fault.kind !== 'replica') return;
    if (kind === on.kill) {
      const pool = [this.inbox, ...this.executors].find(({ role }) => role === fault.role)!;
      this.#dead.set(at, { pool, replicas: pool.kill(fault.count, this.#now) });
      this.#queue.put(this.#now + this.#chance.between(takeOverMs.min, takeOverMs.max), on.takeOver, at);
      this.#queue.put(this.#now + fault.backAfterMs, on.back, at);
      return;
    }
    const { pool, replicas } = this.#dead.get(at)!;
    if (kind === on.takeOver) pool.takeOver();
    else for (const replica of replicas) pool.revive(replica, this.#now);
  }

  /** How many times longer it takes now. */
  #slowness(upstream: string): number {
    let factor = 1;
    for (const fault of this.traffic.faults) {
      const isNow = fault.kind === 'slow' && fault.upstream === upstream;
      if (isNow && fault.fromMs <= this.#now && this.#now < fault.toMs) factor *= fault.factor;
    }
    return factor;
  }

  #serviceMs(work: Work): number {
    const [name, { timeoutMs }] = this.classes[work.toolClass]!;
    return Math.min(timeoutMs, work.serviceMs * this.#slowness(name));
  }

  #second(second: number): void {
    const { partitions, oldestMs } = this.measures;
    for (let partition = 0; partition < partitions; partition++) {
      let oldest = this.inbox.oldestMs(partition, this.#now);
      for (const pool of this.executors) oldest = Math.max(oldest, pool.oldestMs(partition, this.#now));
      oldestMs[second * partitions + partition] = oldest;
    }
    this.measures.closeSecond(second);
  }

  #newWork(session: Session): Work {
    let work = this.#idle.pop();
    if (!work) this.#work.push((work = new Work(this.#work.length)));
    work.session = session;
    work.run++;
    work.waitedMs = 0;
    work.taken = false;
    work.deadlineAtMs = Infinity;
    return work;
  }
}
