import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Session, SessionEvent } from '@toolfleet/kernel';
import { conflict, limits, replay, unreachable } from '@toolfleet/kernel';
import { SessionOwner } from './session-owner.js';
import { RecordingPorts, answered, judged, observed, sessionId, settled, startOf, tenant } from './session.fixture.js';

const reads = [judged(1, 0), judged(1, 1)] as const;

function owned(stored?: Session, told = false): { ports: RecordingPorts; owner: SessionOwner } {
  const ports = new RecordingPorts();
  return { ports, owner: new SessionOwner(tenant, sessionId, ports, stored, told) };
}

/** Started, asked and answered: two reads are on their way. */
async function inTools(): Promise<ReturnType<typeof owned>> {
  const { ports, owner } = owned();
  const started = owner.apply(startOf());
  await owner.apply(answered(1, ...reads));
  await started;
  return { ports, owner };
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return Promise.race([promise, settled().then(() => pending)]).then(
    (value) => value !== pending,
    () => true,
  );
}

const effects = (ports: RecordingPorts): string[] => ports.sent.map(({ effect }) => effect.type);
const stored = (ports: RecordingPorts): Session => replay(ports.commits.flat() as SessionEvent[])!;

describe('SessionOwner: commits and effects', () => {
  it('makes one commit a turn: the start waits for the model, the observations for the next answer', async () => {
    const { ports, owner } = await inTools();
    const observations = reads.map((call) => owner.apply(observed(call)));
    assert.equal(ports.modelCalls.length, 2);
    await owner.apply(answered(2));
    await Promise.all(observations);
    assert.deepEqual(
      ports.commits.map((events) => events.map(({ type }) => type)),
      [
        ['started', 'modelAnswered'],
        ['toolCallSettled', 'toolCallSettled', 'modelAnswered', 'finished'],
      ],
    );
  });

  it('sends effects only after the commit of what they follow from', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    const done = owner.apply(answered(1, judged(1, 0, 'write')));
    await settled();
    assert.deepEqual(ports.log, ['commit started modelAnswered']);
    assert.equal(await isSettled(done), false);
    gate.resolve();
    await done;
    assert.deepEqual(ports.log.slice(1), ['send dispatch']);
  });

  it('sends reads beside that commit, and is done when both are', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    const done = owner.apply(answered(1, ...reads));
    await settled();
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch']);
    assert.equal(await isSettled(done), false);
    gate.resolve();
    await done;
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch']);
  });

  it('stops the calls of a session that is cancelled beside that commit, and tells its end only after it', async () => {
    const { ports, owner } = await inTools();
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    const done = owner.apply({ type: 'cancel', reason: '', requestedBy: 'u1' });
    await settled();
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch', 'cancelCalls']);
    assert.equal(await isSettled(done), false);
    gate.resolve();
    await done;
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch', 'cancelCalls', 'publishOutcome']);
  });

  it('stops the calls of a session that has run out of time only after that commit', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf({ wallTimeMs: 500 }));
    await owner.apply(answered(1, ...reads));
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    owner.wake((ports.nowMs += 500));
    await settled();
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch']);
    gate.resolve();
    await settled();
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch', 'cancelCalls', 'publishOutcome']);
  });

  it('lets half a wave wait for the other half, at most a second', async () => {
    const { ports, owner } = await inTools();
    const first = owner.apply(observed(reads[0]));
    owner.wake((ports.nowMs += 999));
    assert.equal(await isSettled(first), false);
    owner.wake((ports.nowMs += 1));
    await first;
    assert.equal(ports.commits.length, 2);
    assert.deepEqual(effects(ports), ['dispatch', 'dispatch']);
  });

  it('does not hurry what can wait because another commit is under way', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    const sending = owner.apply(answered(1, ...reads));
    const early = owner.apply(observed(reads[0]));
    gate.resolve();
    await sending;
    assert.equal(await isSettled(early), false);
    assert.equal(ports.commits.length, 1);
  });

  it('holds a repeated record back until what it repeats is durable, and changes nothing by it', async () => {
    const { ports, owner } = owned();
    const [first, second] = [owner.apply(startOf()), owner.apply(startOf())];
    assert.equal(await isSettled(second), false);
    owner.wake((ports.nowMs += 1_000));
    await Promise.all([first, second]);
    await owner.apply(startOf());
    assert.equal(ports.commits.flat().length, 1);
    assert.equal(ports.modelCalls.length, 1);
  });

  it('tells the outcome of the run that ended, though the next run has begun before the bus was reached', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const gate = Promise.withResolvers<void>();
    ports.commitGate = gate.promise;
    owner.wake((ports.nowMs += 1_000));
    const end = owner.apply(answered(1));
    const next = owner.apply({ type: 'userMessage', message: { messageId: 'm1', text: 'And now?' } });
    gate.resolve();
    await end;
    owner.wake((ports.nowMs += 1_000));
    await next;
    const told = ports.sent.find(({ effect }) => effect.type === 'publishOutcome')?.session;
    assert.deepEqual([told?.status, told?.answer, told?.run], ['completed', 'Done.', 1]);
  });
});

describe('SessionOwner: what goes wrong', () => {
  it('drops everything when it is fenced: waiters reject, the model is stopped, nothing is sent', async () => {
    const { ports, owner } = owned();
    const first = owner.apply(startOf());
    const fence = (ports.commitFailure = conflict('SESSION_FENCED', 'Another owner.'));
    const second = owner.apply(answered(1, judged(1, 0, 'write')));
    await assert.rejects(first, fence);
    await assert.rejects(second, fence);
    assert.deepEqual([ports.sent, ports.released[0]?.reason, owner.gone], [[], fence, true]);
    await assert.rejects(owner.apply(observed(reads[0])), { kind: 'conflict' });
  });

  it('rejects its inputs when the bus does not take an effect, so that a new owner sends it again', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf()).catch(() => undefined);
    const failure = (ports.sendFailure = unreachable('BUS_UNREACHABLE', 'Away.'));
    await assert.rejects(owner.apply(answered(1, ...reads)), failure);
    assert.equal(ports.released[0]?.reason, failure);
    const next = owned(stored(ports));
    next.owner.wake((next.ports.nowMs += 1_000));
    await settled();
    assert.deepEqual(effects(next.ports), ['dispatch', 'dispatch']);
  });

  it('refuses with a conflict whoever still holds an owner that has ended', async () => {
    const { owner } = owned();
    owner.drop(undefined);
    await assert.rejects(owner.apply(startOf()), { kind: 'conflict' });
  });
});

describe('SessionOwner: beside the model', () => {
  it('a cancel stops the model and ends the session at once', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    await owner.apply({ type: 'cancel', reason: 'enough', requestedBy: 'u1' });
    assert.equal(ports.modelCalls[0]?.signal.aborted, true);
    assert.deepEqual([stored(ports).status, effects(ports)], ['cancelled', ['publishOutcome']]);
    assert.deepEqual(ports.released, [{ owner, reason: undefined }]);
  });

  it('what a write did after all, told late, is stored and told with the outcome once more', async () => {
    const { ports, owner } = owned();
    const pay = judged(1, 0, 'write');
    void owner.apply(startOf());
    await owner.apply(answered(1, pay));
    await owner.apply({ type: 'cancel', reason: 'enough', requestedBy: 'u1' });
    const next = new SessionOwner(tenant, sessionId, ports, stored(ports), true);
    await next.apply(observed(pay));
    const told = ports.sent.filter(({ effect }) => effect.type === 'publishOutcome').map(({ session }) => session);
    assert.deepEqual(
      told.map(({ status, done }) => [status, done[0]?.outcome]),
      [
        ['cancelled', 'indeterminate'],
        ['cancelled', 'ok'],
      ],
    );
    assert.deepEqual(told[1]?.messages, told[0]?.messages);
    assert.equal(ports.released.at(-1)?.owner, next);
  });

  it('a message does not disturb the model and is answered in the next turn', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const message = owner.apply({ type: 'userMessage', message: { messageId: 'm1', text: 'Also this.' } });
    assert.deepEqual([ports.modelCalls.length, ports.modelCalls[0]?.signal.aborted], [1, false]);
    void owner.apply(answered(1));
    assert.equal(ports.modelCalls.length, 2);
    await owner.apply(answered(2));
    await message;
    const roles = stored(ports).messages.map(({ role }) => role);
    assert.deepEqual(roles, ['user', 'assistant', 'user', 'assistant']);
  });

  it('a call that outlives its deadline and the grace is settled without its observation', async () => {
    const { ports, owner } = await inTools();
    owner.wake((ports.nowMs += reads[0].timeoutMs + limits.callWaitMs + limits.observationGraceMs - 1));
    assert.equal(owner.session?.phase, 'tools');
    owner.wake((ports.nowMs += 1));
    assert.equal(owner.session?.phase, 'model');
    await owner.apply(answered(2));
    assert.deepEqual(
      stored(ports).done.map(({ outcome }) => outcome),
      ['timedOut', 'timedOut'],
    );
  });
});

describe('SessionOwner: read back from the database', () => {
  it('is let go once its end has been told', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    await owner.apply(answered(1));
    await settled();
    assert.deepEqual(ports.released, [{ owner, reason: undefined }]);
  });

  it('asks the model again at once, and sends its calls again after a second', async () => {
    const { ports } = await inTools();
    const asking = owned(replay(ports.commits.flat().slice(0, 1) as SessionEvent[]));
    assert.equal(asking.ports.modelCalls.length, 1);
    const calling = owned(stored(ports));
    calling.owner.wake((calling.ports.nowMs += 999));
    await settled();
    assert.deepEqual(calling.ports.sent, []);
    calling.owner.wake((calling.ports.nowMs += 1));
    await settled();
    assert.deepEqual(effects(calling.ports), ['dispatch', 'dispatch']);
    assert.equal(calling.owner.wakeAtMs > calling.ports.nowMs + 1_000, true);
  });

  it('sends what is still open although half of the wave has been redelivered meanwhile', async () => {
    const { ports } = await inTools();
    const { owner, ports: again } = owned(stored(ports));
    again.nowMs += 500;
    const half = owner.apply(observed(reads[0]));
    owner.wake((again.nowMs += 500));
    await half;
    assert.deepEqual(
      again.sent.map(({ effect }) => effect.type === 'dispatch' && effect.call.callId),
      [reads[1].callId],
    );
  });

  it('does not send again what it has sent itself meanwhile', async () => {
    const { ports } = await inTools();
    const { owner, ports: again } = owned(stored(ports));
    for (const call of reads) void owner.apply(observed(call));
    await owner.apply(answered(2, judged(2, 0)));
    owner.wake((again.nowMs += 1_000));
    await settled();
    assert.deepEqual(effects(again), ['dispatch']);
  });

  it('tells an end again only if it may not have been told, or when somebody starts the session again', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    await owner.apply(answered(1));
    const untold = owned(stored(ports));
    untold.owner.wake(untold.ports.nowMs);
    await settled();
    assert.deepEqual([effects(untold.ports), untold.ports.released.length], [['publishOutcome'], 1]);
    const late = owned(stored(ports), true);
    await late.owner.apply(observed(reads[0]));
    assert.deepEqual([effects(late.ports), late.ports.released.length], [[], 1]);
    const twice = owned(stored(ports), true);
    await twice.owner.apply(startOf());
    twice.owner.wake(twice.ports.nowMs);
    await settled();
    assert.deepEqual([effects(twice.ports), twice.ports.released.length], [['publishOutcome'], 1]);
  });

  it('tells the end of a run although the next run begins before it could be told', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    await owner.apply(answered(1));
    const { owner: heir, ports: again } = owned(stored(ports));
    void heir.apply({ type: 'userMessage', message: { messageId: 'm1', text: 'more' } });
    await settled();
    assert.deepEqual(effects(again), ['publishOutcome']);
    assert.equal(again.sent[0]?.session.run, 1);
  });

  it('never commits the end of one run together with the beginning of the next', async () => {
    const { ports, owner } = owned();
    void owner.apply(startOf());
    const end = owner.apply(answered(1));
    void owner.apply({ type: 'userMessage', message: { messageId: 'm1', text: 'more' } });
    await end;
    owner.wake((ports.nowMs += 1_000));
    await settled();
    const types = ports.commits.map((events) => events.map(({ type }) => type));
    assert.ok(types.every((commit) => commit.indexOf('finished') === -1 || commit.at(-1) === 'finished'));
    assert.deepEqual(effects(ports), ['publishOutcome']);
  });
});
