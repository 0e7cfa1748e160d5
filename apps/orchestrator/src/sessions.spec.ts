import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Session, SessionEvent } from '@toolfleet/kernel';
import { conflict, unreachable } from '@toolfleet/kernel';
import { encodeSessionEvent } from '@toolfleet/contracts';
import type { SessionHead, SessionStore } from '@toolfleet/platform/postgres';
import { createLogger } from '@toolfleet/platform/telemetry';
import { eventually } from '@toolfleet/testkit';
import { RecordingPorts, answered, judged, observed, sessionId, startOf, tenant } from './session.fixture.js';
import type { SessionsOptions } from './sessions.js';
import { Sessions } from './sessions.js';

const opened: Sessions[] = [];
afterEach(() => opened.splice(0).forEach((sessions) => sessions.stop()));

/** The ports' commits are the database. */
class World {
  readonly ports = Object.assign(new RecordingPorts(), { nowMs: 0, now: Date.now });
  loads = 0;
  loadFailure: unknown;
  active = true;

  open(options: Partial<SessionsOptions> = {}): Sessions {
    const log = createLogger({ level: 'silent', roles: 'spec', instance: 'spec' });
    const store = { load: () => this.#load(), activeIn: async () => [] } as unknown as SessionStore;
    const sessions = new Sessions({ store, log, ports: this.ports, partitionOf: () => 0, sessionsMax: 10, ...options });
    opened.push(sessions);
    sessions.assigned([0], []);
    sessions.start();
    return sessions;
  }

  async #load() {
    this.loads += 1;
    if (this.loadFailure) throw this.loadFailure;
    const events = this.ports.commits.flat() as SessionEvent[];
    const head = { active: this.active } as SessionHead;
    return events.length ? { head, events: events.map(encodeSessionEvent) } : undefined;
  }
}

const read = judged(1, 0);

async function apply(sessions: Sessions, input: Parameters<Sessions['apply']>[2]): Promise<{ done: Promise<void> }> {
  const { done } = await sessions.apply(tenant, sessionId, input, Date.now());
  // The end of a test drops what it left open.
  done.catch(() => undefined);
  return { done };
}

async function inTools(world: World, sessions: Sessions): Promise<void> {
  await apply(sessions, startOf());
  await (
    await apply(sessions, answered(1, read))
  ).done;
}

describe('Sessions', () => {
  it('reads a session once, lets it go at its end, and does not keep it for late news', async () => {
    const world = new World();
    const sessions = world.open();
    await inTools(world, sessions);
    await apply(sessions, observed(read));
    await (
      await apply(sessions, answered(2))
    ).done;
    await eventually(() => sessions.size === 0, { withinMs: 1_000 });
    assert.equal(world.loads, 1);
    world.active = false;
    await (
      await apply(sessions, observed(read))
    ).done;
    assert.equal(sessions.size, 0);
  });

  it('asks the model beside the look into the store, and stops when the session is found there', async () => {
    const world = new World();
    const asked: string[] = [];
    const askAhead = ({ request }: Session) => {
      asked.push(request.requestId);
      return () => asked.push('stopped');
    };
    await inTools(world, world.open({ askAhead }));
    assert.deepEqual(asked, ['r1']);
    await apply(world.open({ askAhead }), observed(read));
    assert.deepEqual(asked, ['r1']);
    await apply(world.open({ askAhead }), startOf());
    assert.deepEqual(asked, ['r1', 'r1', 'stopped']);
  });

  it('opens nothing on a partition that it does not own, also when it is lost while the session is read', async () => {
    const world = new World();
    const sessions = world.open();
    const reading = apply(sessions, startOf());
    sessions.assigned([], [0]);
    await assert.rejects(reading, { kind: 'conflict', reason: 'NOT_OWNER' });
    await assert.rejects(apply(sessions, startOf()), { reason: 'NOT_OWNER' });
    assert.deepEqual([sessions.size, world.ports.modelCalls.length], [0, 0]);
  });

  it('picks a session up again that was fenced while no record of it was in hand', async () => {
    const world = new World();
    const sessions = world.open();
    await inTools(world, sessions);
    world.ports.commitFailure = conflict('SESSION_FENCED', 'A zombie was faster.');
    await assert.rejects((await apply(sessions, observed(read))).done);
    world.ports.commitFailure = undefined;
    assert.equal(sessions.size, 0);
    await eventually(() => sessions.size === 1, { withinMs: 5_000 });
    assert.equal(world.loads, 2);
  });

  it('holds no more sessions than it may: those that wait make room, those at work do not', async () => {
    const world = new World();
    const sessions = world.open({ sessionsMax: 1 });
    await apply(sessions, startOf());
    await assert.rejects(sessions.apply(tenant, 'other', startOf(), Date.now()), {
      kind: 'overloaded',
      retryAfterMs: 1_000,
    });
    await (
      await apply(sessions, answered(1, read))
    ).done;
    (await sessions.apply(tenant, 'other', observed(read), Date.now())).done.catch(() => undefined);
    assert.ok(sessions.size <= 1);
  });

  it('hands a failed read to whoever brought the record and tries again with the next', async () => {
    const world = new World();
    const sessions = world.open();
    const failure = (world.loadFailure = unreachable('DATABASE_UNREACHABLE', 'Away.'));
    await assert.rejects(apply(sessions, startOf()), failure);
    world.loadFailure = undefined;
    await apply(sessions, startOf());
    assert.equal(world.ports.modelCalls.length, 1);
  });

  it('after its stop calls no model and holds nothing', async () => {
    const world = new World();
    const sessions = world.open();
    const reading = apply(sessions, startOf());
    sessions.stop();
    await assert.rejects(reading, { reason: 'NOT_OWNER' });
    assert.deepEqual([sessions.size, world.ports.modelCalls.length], [0, 0]);
  });
});
