/** Flags of the catalogue as a client of OpenFeature sees them, and what becomes of a provider that does not answer. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import type { Provider } from '@openfeature/server-sdk';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import type { FlagSpec } from '@toolfleet/kernel';
import { Catalogue } from '@toolfleet/kernel';
import { Metrics, createLogger } from '../telemetry/index.js';
import { CatalogueFlagProvider } from './catalogue-provider.js';
import { Flags } from './flags.js';

const flagOf = (over: Partial<FlagSpec> = {}): FlagSpec => ({
  ...{ name: 'refunds', tools: ['refund'], variants: { on: true, off: false }, defaultVariant: 'off' },
  ...{ stickyBy: 'session', rules: [{ tenants: ['acme'], agents: ['*'], percent: 100, variant: 'on' }], ...over },
});

/** A catalogue that a test feeds by hand. */
function liveOf(...specs: readonly FlagSpec[]) {
  const catalogue = new Catalogue();
  const listeners = new Set<(key: string, revision: string | undefined) => void>();
  const put = (spec: FlagSpec) => {
    catalogue.put({ kind: 'Flag', spec });
    for (const listener of listeners) listener(`Flag/${spec.name}`, 'r');
  };
  const onRecord = (listener: (key: string, revision: string | undefined) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  for (const spec of specs) put(spec);
  return { catalogue, onRecord, put, listeners };
}

after(() => OpenFeature.close());

describe('the catalogue as a provider of OpenFeature', () => {
  it('tells value, variant and reason, and failures as codes with the default of whoever asks', async () => {
    const live = liveOf(flagOf(), flagOf({ name: 'half', rules: [{ ...flagOf().rules[0]!, percent: 50 }] }));
    await OpenFeature.setProviderAndWait('told', new CatalogueFlagProvider(live));
    const client = OpenFeature.getClient('told');
    const ask = async (name: string, context: Record<string, string>) => {
      const { value, variant, reason, errorCode } = await client.getBooleanDetails(name, true, context);
      return [value, variant, reason, errorCode];
    };
    assert.deepEqual(await ask('refunds', { tenant: 'acme' }), [true, 'on', 'TARGETING_MATCH', undefined]);
    assert.deepEqual(await ask('refunds', { tenant: 'globex' }), [false, 'off', 'DEFAULT', undefined]);
    assert.equal((await ask('half', { tenant: 'acme', targetingKey: 's' }))[2], 'SPLIT');
    assert.deepEqual(await ask('half', { tenant: 'acme' }), [true, undefined, 'ERROR', 'TARGETING_KEY_MISSING']);
    assert.deepEqual(await ask('refunds', {}), [true, undefined, 'ERROR', 'INVALID_CONTEXT']);
    assert.deepEqual(await ask('gone', { tenant: 'acme' }), [true, undefined, 'ERROR', 'FLAG_NOT_FOUND']);
    const others = [
      await client.getStringDetails('refunds', 'x', { tenant: 'acme' }),
      await client.getNumberDetails('refunds', 1, { tenant: 'acme' }),
      await client.getObjectDetails('refunds', {}, { tenant: 'acme' }),
    ];
    assert.deepEqual(new Set(others.map(({ errorCode }) => errorCode)), new Set(['TYPE_MISMATCH']));
  });

  it('says which flag has changed, counts by the change at once, and listens no more once it is replaced', async () => {
    const live = liveOf(flagOf());
    await OpenFeature.setProviderAndWait('changes', new CatalogueFlagProvider(live));
    const client = OpenFeature.getClient('changes');
    const changed: unknown[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => void changed.push(details?.flagsChanged));
    assert.equal(await client.getBooleanValue('refunds', false, { tenant: 'acme' }), true);
    live.put(flagOf({ rules: [] }));
    assert.equal(await client.getBooleanValue('refunds', false, { tenant: 'acme' }), false);
    await sleep(0);
    assert.deepEqual(changed, [['refunds']]);
    await OpenFeature.setProviderAndWait('changes', new CatalogueFlagProvider(liveOf()));
    assert.equal(live.listeners.size, 0);
  });
});

describe('asking flags', () => {
  const log = createLogger({ level: 'silent', roles: 'router', instance: 't' } as never);
  const context = { targetingKey: 's', tenant: 'acme', agent: 'desk', user: '' };

  async function asking(provider: Provider) {
    const metrics = new Metrics();
    const lines: string[] = [];
    const told = Object.assign(Object.create(log), {
      error: (fields: { code?: string }) => lines.push(fields.code ?? ''),
    });
    const flags = new Flags({ provider, metrics, log: told, withinMs: 50 });
    await flags.start();
    const counted = async () =>
      (await metrics.scrape()).split('\n').filter((line) => line.startsWith('toolfleet_flag_evaluations_total{'));
    const end = async () => {
      await flags.stop();
      await metrics.close();
    };
    return { flags, lines, counted, end };
  }
  const foreign = (resolve: Provider['resolveBooleanEvaluation']): Provider => {
    const other = () => Promise.reject(new Error('no such'));
    return {
      ...{ metadata: { name: 'foreign' }, resolveBooleanEvaluation: resolve },
      ...{ resolveStringEvaluation: other, resolveNumberEvaluation: other, resolveObjectEvaluation: other },
    };
  };

  it('counts each answer by flag, variant and reason', async () => {
    const { flags, counted, end } = await asking(new CatalogueFlagProvider(liveOf(flagOf())));
    const verdictOf = await flags.verdictsOf([flagOf()], context);
    assert.equal(verdictOf(flagOf()), 'unknown', 'only of what was asked');
    const flag = flagOf();
    assert.equal((await flags.verdictsOf([flag], context))(flag), true);
    const [line = ''] = await counted();
    assert.match(line, /flag="refunds",variant="on",reason="TARGETING_MATCH"[^}]*\} 2/);
    await end();
  });

  it('takes any provider: what fails, is late or is no answer is unknown, counted, and told once', async () => {
    let answer: () => Promise<unknown> = () => Promise.reject(new Error('down'));
    const { flags, lines, counted, end } = await asking(foreign(() => answer() as never));
    const flag = flagOf();
    const ask = async () => (await flags.verdictsOf([flag], context))(flag);
    assert.deepEqual([await ask(), await ask()], ['unknown', 'unknown']);
    assert.deepEqual(lines, ['GENERAL']);
    answer = () => Promise.resolve({ value: true, variant: 'made up', reason: 'BECAUSE' });
    assert.equal(await ask(), true);
    answer = () => sleep(5_000, { value: true }, { ref: false });
    assert.equal(await ask(), 'unknown');
    answer = () => Promise.resolve({ value: 'yes' });
    assert.equal(await ask(), 'unknown');
    assert.deepEqual(lines, ['GENERAL', 'TIMEOUT']);
    const labels = (await counted()).map((line) => /variant="([^"]*)",reason="([^"]*)"/.exec(line)?.slice(1).join(' '));
    assert.deepEqual(labels.toSorted(), ['off GENERAL', 'off TIMEOUT', 'off TYPE_MISMATCH', 'other OTHER']);
    await end();
  });

  it('starts with a provider that does not come up, and asks it when it has', async () => {
    const down = {
      ...foreign(() => Promise.resolve({ value: true })),
      initialize: () => Promise.reject(new Error('down')),
    };
    const { flags, lines, end } = await asking(down);
    assert.deepEqual(lines, ['']);
    const flag = flagOf();
    assert.equal((await flags.verdictsOf([flag], context))(flag), true);
    await end();
  });
});
