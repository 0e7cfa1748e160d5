/** What every keeper of writes of unknown end must do. */
import assert from 'node:assert/strict';
import type { EffectEntry, EffectLedger } from '../ports/effect-ledger.js';
import type { OpenEffects } from '../ports/open-effects.js';
import { runContract, type ContractRows } from './contract.js';
import { entryOf } from './effect-ledger.contract.js';

export interface OpenEffectsUnderTest {
  readonly open: OpenEffects;
  /** On the same database. */
  readonly ledger: EffectLedger;
}

const bytes = (text: string): Buffer => Buffer.from(text);
const resolved = (outcome: 'done' | 'failed', by = 'ann', atMs = 5_000) => ({
  ...{ outcome, observation: bytes(`${outcome} by ${by}`), by, atMs, tellAgainAtMs: 9_000 },
});

/** A class of its own, so that no other test's rows are due. */
async function noted(
  { open, ledger }: OpenEffectsUnderTest,
  tenant: string,
  { openedAtMs = 1_000, nextTryAtMs = 2_000 as number | null, unknown = true } = {},
): Promise<EffectEntry> {
  const entry = entryOf({ tenant });
  await ledger.begin(entry);
  const { tool } = entry;
  await open.note({ ...entry, tool, toolClass: tenant, openedAtMs, nextTryAtMs, call: bytes('the call') });
  if (unknown) await ledger.settle(entry, 'unknown', bytes('unknown'));
  return entry;
}

const due = ({ open }: OpenEffectsUnderTest, tenant: string, nowMs: number, againAtMs = nowMs + 1_000) =>
  open.due({ toolClasses: [tenant], nowMs, againAtMs, limit: 10 });

const rows: ContractRows<OpenEffectsUnderTest> = {
  'an effect is listed from when the ledger calls it unknown, oldest first': async (under, tenant) => {
    const later = await noted(under, tenant, { openedAtMs: 1_500 });
    const first = await noted(under, tenant, { nextTryAtMs: null });
    await noted(under, tenant, { unknown: false });
    const found = await under.open.unknown({ tenant, limit: 10 });
    assert.deepEqual(
      found.map(({ callId, nextTryAtMs, tries }) => [callId, nextTryAtMs, tries]),
      [
        [first.callId, null, 0],
        [later.callId, 2_000, 0],
      ],
    );
    assert.equal(Buffer.from(found[0]!.call).toString(), 'the call');
    assert.equal((await under.open.find(first))?.toolClass, tenant);
  },
  'all of unknown end are counted, and no others': async (under, tenant) => {
    const before = await under.open.census();
    await noted(under, tenant, { openedAtMs: 5 });
    await noted(under, tenant, { openedAtMs: 4, unknown: false });
    const after = await under.open.census();
    assert.deepEqual([after.count - before.count, after.oldestAtMs], [1, 5]);
  },
  'a repeated note changes nothing': async (under, tenant) => {
    const entry = await noted(under, tenant);
    await under.open.note({ ...entry, toolClass: 'other', openedAtMs: 7, nextTryAtMs: 7, call: bytes('other') });
    assert.equal((await under.open.find(entry))?.openedAtMs, 1_000);
  },
  'of several who ask for what is due at once one gets it, again only when its time is over': async (under, tenant) => {
    await noted(under, tenant);
    await noted(under, tenant, { nextTryAtMs: null });
    await noted(under, tenant, { nextTryAtMs: 9_000 });
    const found = await Promise.all([1, 2, 3, 4].map(() => due(under, tenant, 2_000)));
    assert.deepEqual(
      found.flat().map(({ tries, state }) => [tries, state]),
      [[1, 'unknown']],
    );
    assert.equal((await due(under, tenant, 2_999)).length, 0);
    assert.deepEqual(
      (await due(under, tenant, 3_000)).map(({ tries }) => tries),
      [2],
    );
  },
  'what is never to be tried again stays for a person': async (under, tenant) => {
    const entry = await noted(under, tenant);
    await under.open.tryAgainAt(entry, null);
    assert.deepEqual(await due(under, tenant, 1e12), []);
    assert.equal((await under.open.unknown({ tenant, limit: 10 })).length, 1);
  },
  'of several who give a call its end one does, also when it says so twice, and begins are answered with it': async (
    under,
    tenant,
  ) => {
    const entry = await noted(under, tenant);
    const tries = ['done', 'failed', 'done'].map((outcome, at) => resolved(outcome as 'done', `p${at}`));
    const won = await Promise.all(tries.map((end) => under.open.resolve(entry, end)));
    assert.equal(won.filter(Boolean).length, 1);
    const winner = tries[won.indexOf(true)]!;
    assert.equal(await under.open.resolve(entry, winner), true);
    const begun = await under.ledger.begin({ ...entry, ownerId: 'executor-9', epoch: 99n });
    assert.deepEqual(begun, { state: 'settled', outcome: winner.outcome, observation: winner.observation });
    assert.equal(await under.open.find(entry), undefined);
  },
  'whoever held the call cannot settle it once it has its end': async (under, tenant) => {
    const entry = await noted(under, tenant);
    assert.equal(await under.open.resolve(entry, resolved('failed')), true);
    assert.equal(await under.ledger.settle(entry, 'done', bytes('late')), false);
    assert.equal(await under.ledger.settle(entry, 'unknown', bytes('unknown')), false);
  },
  'a call that is not of unknown end is given none': async (under, tenant) => {
    const executing = await noted(under, tenant, { unknown: false });
    assert.equal(await under.open.resolve(executing, resolved('done')), false);
    assert.equal(await under.open.resolve(entryOf({ tenant }), resolved('done')), false);
  },
  'an end that was not told is due when its time has come, and gone once it is': async (under, tenant) => {
    const entry = await noted(under, tenant);
    await under.open.resolve(entry, resolved('done'));
    assert.equal((await due(under, tenant, 8_999)).length, 0);
    const [untold] = await due(under, tenant, 9_000);
    assert.deepEqual([untold?.state, String(untold?.observation)], ['done', 'done by ann']);
    await under.open.told(entry);
    assert.deepEqual(await due(under, tenant, 1e12), []);
  },
  'what is overdue is told of, also when its ledger entry is gone, and goes': async (under, tenant) => {
    const old = await noted(under, tenant, { openedAtMs: 100 });
    const orphan = entryOf({ tenant });
    const call = bytes('the call');
    await under.open.note({ ...orphan, toolClass: tenant, openedAtMs: 99, nextTryAtMs: null, call });
    await noted(under, tenant, { openedAtMs: 101 });
    const overdue = async () => {
      const found = await under.open.overdue({ openedBeforeMs: 101, limit: 10_000 });
      return found.filter((effect) => effect.tenant === tenant).map(({ callId }) => callId);
    };
    assert.deepEqual(await overdue(), [orphan.callId, old.callId]);
    await Promise.all([under.open.told(orphan), under.open.told(old)]);
    assert.deepEqual([await overdue(), (await under.open.unknown({ tenant, limit: 10 })).length], [[], 1]);
  },
};

export function openEffectsContract(make: () => OpenEffectsUnderTest): void {
  runContract('OpenEffects', rows, make);
}
