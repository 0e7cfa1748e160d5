/**
 * How long it takes from a client that hangs up on its watch to the tool whose call is hung up on, through the whole fleet:
 * `node apps/fleet-e2e/dist/cancel.bench.js`. It starts a broker, a database and a fleet of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from './fleet-under-test.js';

const cancelsMeasured = 200;
/** Cold, the first ones take several times as long. */
const warmUps = 20;
const withinMs = 15_000;
const hanging = [{ toolCalls: [{ name: 'hanging_read', arguments: {} }] }, { text: 'never said' }];

async function hangUpMs(fleet: FleetUnderTest): Promise<number> {
  const sessionId = await fleet.start('hang');
  await eventually(() => fleet.notes.hanging() === 1, { withinMs });
  const watch = new AbortController();
  const path = `/v1/sessions/${sessionId}/events?tenant=acme&cancelOnDisconnect=true`;
  const headers = { authorization: await fleet.authorization('acme') };
  const response = await fetch(`${fleet.fleet.gatewayUrl}${path}`, { headers, signal: watch.signal });
  await response.body!.getReader().read();
  const leftAtMs = performance.now();
  watch.abort();
  // oxlint-disable-next-line no-await-in-loop -- finer than the bounded waits of the specs
  while (fleet.notes.hanging() > 0) await sleep(1);
  const tookMs = performance.now() - leftAtMs;
  await fleet.outcomeOf(sessionId);
  return tookMs;
}

const fleet = await FleetUnderTest.start({ conversations: { hang: hanging } });
try {
  const tookMs: number[] = [];
  for (let cancel = 0; cancel < warmUps + cancelsMeasured; cancel += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    const ms = await hangUpMs(fleet);
    if (cancel >= warmUps) tookMs.push(ms);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.floor(tookMs.length * share)]?.toFixed(1);
  process.stdout.write(`cancel p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms\n`);
} finally {
  await fleet.close();
}
