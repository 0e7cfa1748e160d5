import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CapacityReport, Proposal } from '@toolfleet/kernel/capacity';
import { runFleetctl } from '../fleetctl.fixture.js';

const root = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

const small = `
durationS: 20
warmupS: 2
slo: { waitP99Ms: 400 }
model: { p50Ms: 300, p99Ms: 1500 }
fleet:
  partitions: 16
  orchestrator: { replicas: 2, modelConcurrency: 64, cpuMs: 2 }
  classes:
    read: { replicas: 2, cpu: 0.5, p50Ms: 50, p99Ms: 400 }
shapes:
  chat: { turns: { mean: 3, max: 6 }, callsPerTurn: { mean: 1.3, max: 3 }, classes: { read: 1 } }
tenants:
  - { name: team, count: 12, sessionsPerS: 0.5, shape: chat, concurrentSessionsMax: 10, waitingSessionsMax: 20 }
faults:
  - { kind: storm, tenant: team-1, factor: 100, fromS: 5, toS: 10 }
`;
let folder = '';
const file = (name: string) => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tune-'));
  await writeFile(file('small.yaml'), small);
});
after(() => rm(folder, { recursive: true }));

const fleetctl = (...words: string[]) => runFleetctl(words);

test('a file is simulated the same way twice, and the report needs no colours', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => fleetctl('tune', 'simulate', file('small.yaml'))));
  assert.deepEqual([first!.code, first!.stderr], [0, '']);
  assert.equal(first!.stdout, second!.stdout);
  assert.match(first!.stdout, /^12 tenants · 16 partitions, span 4 · 4 replicas\n/);
  assert.match(first!.stdout, /ok {3}p99 wait .* at most 400 ms/);
  assert.match(first!.stdout, /storm: team-1 sends 100 ×/);
  // oxlint-disable-next-line no-control-regex -- escapes are what must not be there
  assert.doesNotMatch(first!.stdout, /\u001b/);
});

test('a proposal comes as JSON with a reason for each number and the commands that apply it', async () => {
  const { code, stdout } = await fleetctl(
    'tune',
    'simulate',
    file('small.yaml'),
    '--json',
    '--propose',
    '--simulations',
    '12',
  );
  assert.equal(code, 0);
  const { report, proposal } = JSON.parse(stdout) as {
    report: CapacityReport;
    proposal: Proposal & { commands: string[] };
  };
  assert.equal(report.quiet.completed, report.quiet.offered);
  assert.ok(report.storm.refused > 0);
  assert.ok(proposal.simulations <= 12);
  assert.ok(proposal.numbers.some(({ name, reason }) => name === 'span' && /two storms enclose/.test(reason)));
  const { replicas } = proposal.plan.orchestrator;
  assert.ok(proposal.commands.includes(`kubectl -n toolfleet scale deployment/orchestrator --replicas=${replicas}`));
});

test('the report is one page that asks for nothing else', async () => {
  const page = file('report.html');
  const { code } = await fleetctl('tune', 'simulate', file('small.yaml'), '--report', page);
  assert.equal(code, 0);
  const html = await readFile(page, 'utf8');
  assert.equal(html.match(/<svg /g)?.length, 5);
  assert.doesNotMatch(html, /\b(?:src|href)=|url\(|@import|NaN|undefined|Infinity/);
  assert.match(html, /prefers-color-scheme: dark/);
});

test('a wrong file is refused with every problem and its line', async () => {
  const wrong = small
    .replace('p99Ms: 400', 'p99Ms: 40')
    .replace('tenant: team-1', 'tenant: nobody')
    .replace('mean: 3', 'mean: x');
  await writeFile(file('wrong.yaml'), wrong);
  const shape = await fleetctl('tune', 'simulate', file('wrong.yaml'));
  assert.equal(shape.code, 2);
  assert.match(shape.stderr, /line 12: shapes\.chat\.turns\.mean: /);
  await writeFile(file('wrong.yaml'), wrong.replace('mean: x', 'mean: 3'));
  const sense = await fleetctl('tune', 'simulate', file('wrong.yaml'), '--json');
  const { error } = JSON.parse(sense.stderr) as { error: { reason: string; message: string } };
  assert.equal(error.reason, 'TRAFFIC_INVALID');
  assert.match(error.message, /line 10: fleet\.classes\.read\.p99Ms: is below the median/);
  assert.match(error.message, /line 16: faults\.0\.tenant: no such tenant/);
});

test('the examples fit the schema that is printed', async () => {
  const { stdout } = await fleetctl('tune', 'schema');
  assert.equal((JSON.parse(stdout) as { type: string }).type, 'object');
  const { code, stdout: text } = await fleetctl('tune', 'simulate', root('examples/capacity/small.yaml'));
  assert.equal(code, 0);
  assert.match(text, /recovery of losses/);
});
