import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateFleet } from './capacity-report.js';
import { costOf } from './paper-plan.js';
import { propose } from './propose.js';
import { reachOfTwoStorms } from './tenant-reach.js';
import { fleet, tenant, traffic } from './traffic.fixture.js';

const names = (count: number) => Array.from({ length: count }, (_, at) => `team-${at}`);

test('a proposal meets the SLO, costs no more than an ample fleet, and gives a reason for every number', () => {
  const ample = { ...fleet, orchestrator: { ...fleet.orchestrator, replicas: 8 } };
  const given = { ...traffic(names(20).map((name) => tenant(name, 3))), fleet: ample };
  const proposal = propose(given, { simulationsMax: 30 });
  assert.equal(proposal.met, true);
  assert.ok(proposal.simulations <= 30);
  assert.ok(costOf(proposal.plan) < costOf(ample));
  assert.ok(simulateFleet({ ...given, fleet: proposal.plan }).slo.every(({ met }) => met));
  const named = proposal.numbers.map(({ name }) => name);
  for (const name of ['partitions', 'span', 'orchestrator.replicas', 'classes.read.concurrency']) {
    assert.ok(named.includes(name), name);
  }
  assert.ok(proposal.numbers.every(({ reason }) => reason.length > 0));
});

test('the same file is searched the same way, within the simulations it is given', () => {
  const given = traffic(names(5).map((name) => tenant(name)));
  const first = propose(given, { simulationsMax: 6 });
  assert.deepEqual(propose(given, { simulationsMax: 6 }), first);
  assert.ok(first.simulations <= 6);
});

test('a role outlives the loss that the file asks about, however little it has to do', () => {
  const loss = { kind: 'replica', role: 'write', count: 3, atMs: 15_000, backAfterMs: 20_000 } as const;
  const proposal = propose(
    traffic(
      names(5).map((name) => tenant(name)),
      [loss],
    ),
    { simulationsMax: 20 },
  );
  assert.equal(proposal.met, true);
  assert.ok(proposal.plan.classes['write']!.replicas > 3);
});

test('an SLO that no fleet meets is said so, with what was measured', () => {
  const given = traffic([{ ...tenant('a', 20), concurrentSessionsMax: 2, waitingSessionsMax: 5 }]);
  const proposal = propose(given, { simulationsMax: 12 });
  assert.equal(proposal.met, false);
  assert.match(
    proposal.flaw!,
    /^\d+\.\d % of quiet tenants' sessions are refused|^the p99 wait of quiet tenants is \d+ ms/,
  );
  assert.ok(proposal.numbers.some(({ name }) => name === 'orchestrator.replicas'));
});

test('a wider span touches more tenants, and encloses fewer while partitions are many', () => {
  const reaches = reachOfTwoStorms(names(1_000), 64, 1);
  for (const [at, reach] of reaches.entries()) {
    assert.ok(reach.enclosed <= reach.touched);
    if (at > 0) assert.ok(reach.touched > reaches[at - 1]!.touched);
  }
  // 64 partitions, spans of 2: a third tenant lies in the 4 of the storms with C(4,2)/C(64,2) = 0.3 %.
  assert.ok(Math.abs(reaches[1]!.enclosed - 0.003) < 0.002, `${reaches[1]!.enclosed}`);
});
