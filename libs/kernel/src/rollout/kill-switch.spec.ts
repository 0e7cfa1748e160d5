import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { KillSwitch, KillTarget } from './kill-switch.js';
import { killCovers, killFault, killKeyOf, killedBy, killedFault } from './kill-switch.js';

const switchOf = (target: KillTarget, over: Partial<KillSwitch> = {}): KillSwitch => ({
  ...{ target, actor: 'ann', reason: 'it deletes too much', atMs: 100, cancelRunning: false, ...over },
});
const call = { tool: 'refund', tenant: 'acme', toolClass: 'write' };

describe('a kill switch', () => {
  it('stops the calls that fit all that it names, and all where it names nothing', () => {
    const stopped = (target: KillTarget) => killedBy([switchOf(target)], call, 200) !== undefined;
    assert.deepEqual(
      [{}, { tool: 'refund' }, { tenant: 'acme' }, { toolClass: 'write' }, { tool: 'refund', tenant: 'acme' }].map(
        stopped,
      ),
      [true, true, true, true, true],
    );
    assert.deepEqual(
      [{ tool: 'pay' }, { tenant: 'globex' }, { toolClass: 'read' }, { tool: 'refund', tenant: 'globex' }].map(stopped),
      [false, false, false, false],
    );
  });

  it('ends at its expiry, and without one only when it is lifted', () => {
    const until = switchOf({}, { expiresAtMs: 200 });
    assert.deepEqual([killedBy([until], call, 199), killedBy([until], call, 200)], [until, undefined]);
    assert.ok(killedBy([switchOf({})], call, Number.MAX_SAFE_INTEGER));
  });

  it('stops exactly what any of several stops, in whatever order they came', () => {
    const word = fc.constantFrom('a', 'b');
    const target = fc.record({ tool: word, tenant: word, toolClass: word }, { requiredKeys: [] });
    const any = fc.record({ target, expiresAtMs: fc.option(fc.nat(20), { nil: undefined }) });
    const asked = fc.record({ tool: word, tenant: word, toolClass: word });
    fc.assert(
      fc.property(fc.array(any), asked, fc.nat(20), (all, one, nowMs) => {
        const switches = all.map(({ target: of, expiresAtMs }) => switchOf(of, { expiresAtMs }));
        const wanted = switches.some(
          (other) => killCovers(other, one) && (other.expiresAtMs === undefined || other.expiresAtMs > nowMs),
        );
        assert.equal(killedBy(switches, one, nowMs) !== undefined, wanted);
        assert.equal(killedBy(switches.toReversed(), one, nowMs) !== undefined, wanted);
      }),
    );
  });

  it('has a key of its own for each target', () => {
    const keys = [{}, { tool: 'a' }, { tenant: 'a' }, { toolClass: 'a' }, { tool: 'a', tenant: 'a' }, { tool: 'a/a' }];
    assert.equal(new Set(keys.map(killKeyOf)).size, keys.length);
  });

  it('is thrown by somebody, for a reason and for more than nothing', () => {
    assert.equal(killFault(switchOf({})), undefined);
    assert.equal(killFault(switchOf({}, { actor: ' ' }))?.reason, 'ACTOR_MISSING');
    assert.equal(killFault(switchOf({}, { reason: '' }))?.reason, 'REASON_MISSING');
    assert.equal(killFault(switchOf({}, { expiresAtMs: 100 }))?.reason, 'EXPIRY_INVALID');
    assert.equal(killFault(switchOf({ tool: 'x'.repeat(65) }))?.reason, 'TARGET_INVALID');
  });

  it('tells a model what is switched off and what to do, and nobody’s name or reason', () => {
    const { kind, reason, message, hint } = killedFault(switchOf({ tool: 'refund' }));
    assert.deepEqual([kind, reason, message], ['denied', 'KILLED', 'Calls of tool refund are switched off for now.']);
    assert.match(hint ?? '', /other tools/);
    assert.match(killedFault(switchOf({})).message, /the fleet/);
  });
});
