/** The alerts of the fleet ask for figures that it has, and each says what to do. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { Metrics } from '@toolfleet/platform/telemetry';
import { runFleetctl } from '../fleetctl.fixture.js';
import { alertGroups } from './alert-rules.js';
import { ruleFile, runbookPath } from './rule-file.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const rules = alertGroups.flatMap((group) => group.rules);

/** How an instrument is made, by the words before its name, and the names that it has when it is scraped. */
const instruments: readonly (readonly [RegExp, (name: string) => readonly string[]])[] = [
  [/(?:StepCounter\(|create(?:Observable)?Counter\()[^']{0,80}$/, (name) => [`${name}_total`]],
  [/createHistogram\([^']{0,80}$/, (name) => [`${name}_bucket`, `${name}_count`, `${name}_sum`]],
  [/(?:Gauge\(|gauge\(|UpDownCounter\(|: \[)[^']{0,80}$/, (name) => [name]],
];

/** Every figure that the sources of the services and their platform declare. */
async function declaredFigures(): Promise<ReadonlySet<string>> {
  const figures = new Set<string>();
  for await (const path of glob(['apps/*/src/**/*.ts', 'libs/platform/src/**/*.ts'], { cwd: root })) {
    if (path.endsWith('.spec.ts') || path.startsWith('apps/fleetctl/')) continue;
    const text = await readFile(`${root}${path}`, 'utf8');
    for (const { 1: name, index } of text.matchAll(/'(toolfleet_[a-z_]+)'/g)) {
      const before = text.slice(Math.max(0, index - 120), index);
      const made = instruments.find(([words]) => words.test(before));
      for (const figure of made?.[1](name!) ?? []) figures.add(figure);
    }
  }
  return figures;
}

/** By the name of their heading. */
async function runbookSections(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`${root}${runbookPath}`, 'utf8');
  const [, ...sections] = text.split(/^## /m);
  return new Map(sections.map((section) => [section.split('\n', 1)[0]!, section]));
}

describe('the alerts of the fleet', () => {
  test('ask only for figures that a process of the fleet has', async () => {
    const figures = await declaredFigures();
    for (const { name, expr } of rules) {
      const asked = expr.match(/toolfleet_[a-z_]+/g) ?? [];
      assert.ok(asked.length > 0, `${name} asks for nothing`);
      for (const figure of asked) assert.ok(figures.has(figure), `${name} asks for ${figure}, which nobody declares`);
    }
  });

  test('go by names that the exporter makes of those of counters and gauges', async () => {
    const metrics = new Metrics();
    metrics.meter.createCounter('toolfleet_one').add(1);
    metrics.meter.createObservableCounter('toolfleet_two').addCallback((result) => result.observe(1));
    metrics.meter.createObservableGauge('toolfleet_three_seconds').addCallback((result) => result.observe(1));
    const text = await metrics.scrape();
    for (const line of ['toolfleet_one_total', 'toolfleet_two_total', 'toolfleet_three_seconds'])
      assert.match(text, new RegExp(`^${line}[ {]`, 'm'));
    await metrics.close();
  });

  test('each have one section of the runbook, which says what it means, where to look and what to do, with a command', async () => {
    const sections = await runbookSections();
    assert.deepEqual([...sections.keys()].toSorted(), rules.map(({ name }) => name).toSorted());
    for (const [name, section] of sections) {
      for (const part of ['**Means**', '**Look**', '**Do**'])
        assert.ok(section.includes(part), `${name} has no ${part}`);
      assert.match(section, /^fleetctl |^kubectl /m, `${name} names no command`);
    }
  });

  test('name commands in the runbook that there are', async () => {
    const text = await readFile(`${root}${runbookPath}`, 'utf8');
    const commands = new Set(text.match(/(?<=^|`)fleetctl [a-z][a-z-]*(?: [a-z][a-z-]*)?/gm));
    const known = async (words: string[]) => (await runFleetctl([...words, '--help'])).stdout;
    const help = await known([]);
    for (const command of commands) {
      const [, first, second] = command.split(' ');
      assert.match(help, new RegExp(`^  ${first}\\b`, 'm'), command);
      if (second === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- a dozen
      assert.match(await known([first!]), new RegExp(`^(?:  ${second}\\b|Usage: fleetctl ${first} .*<)`, 'm'), command);
    }
  });

  test('are few enough words to be read at night, and no two have one name', () => {
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    for (const { name, summary, description, lasts } of rules) {
      assert.match(name, /^[A-Z][A-Za-z]+$/);
      assert.match(lasts, /^\d+[mh]$/);
      assert.ok(summary.length <= 80 && description.length <= 160, name);
    }
  });

  test('lead to the runbook that operators name', () => {
    const text = ruleFile(alertGroups, 'https://wiki.example/toolfleet');
    assert.equal(text.match(/runbook_url: https:\/\/wiki\.example\/toolfleet#[a-z]+$/gm)?.length, rules.length);
  });
});
