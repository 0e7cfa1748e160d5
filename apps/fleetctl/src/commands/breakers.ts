/**
 * `fleetctl breakers …`: what the fleet knows of the health of each upstream, and an operator's word above it. Both travel
 * on the breaker topic, so this works while every service is in trouble. A word names its owner and reason, and expires.
 */
import { InvalidArgumentError, type Command } from 'commander';
import { TopicNames, type BreakerOverride } from '@toolfleet/contracts';
import { Placement, invalid, limits, missing } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { fleetSettings, loadConfig } from '@toolfleet/platform/config';
import { BusProducer } from '@toolfleet/platform/kafka';
import { readBreakers, type BreakerView } from '../breakers.js';
import { durationMsOf } from '../duration.js';
import { kafkaHere } from '../kafka-here.js';

interface WordFlags {
  readonly actor?: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface ForceFlags extends WordFlags {
  readonly for: number;
}

const settingsOfBreakers = fleetSettings.pick({ kafkaBrokers: true, topicPrefix: true });
const sendWithinMs = 15_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerBreakers(program: Command): void {
  const breakers = program
    .command('breakers')
    .description('breakers of the upstreams, on the Kafka that TOOLFLEET_KAFKA_BROKERS names');
  breakers
    .command('list')
    .description('print every upstream, its state and what is forced')
    .option('--json', 'JSON, one object per line')
    .action(list);
  const withWord = (name: string, description: string) =>
    breakers
      .command(`${name} <upstream>`)
      .description(description)
      .option('--actor <name>', 'who says so (default: USER)', process.env['USER'])
      .requiredOption('--reason <text>', 'why; kept with the word')
      .option('--json', 'one JSON object');
  for (const [name, forced] of [['open', 'open'] as const, ['close', 'closed'] as const]) {
    withWord(name, `force the breaker ${forced} in every executor for a while`)
      .requiredOption('--for <time>', 'how long, such as 90s, 10m or 2h; a day at most', durationOf)
      .action((upstream: string, flags: ForceFlags) => force(upstream, forced, flags));
  }
  withWord('clear', 'withdraw what is forced').action(clear);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const views = await readBreakers(connectionOf(), Date.now());
  if (json) return views.forEach((view) => print(JSON.stringify(view)));
  print(views.length === 0 ? 'The catalogue has no upstream.' : views.map(describe).join('\n'));
}

async function force(upstream: string, forced: BreakerOverride['forced'], flags: ForceFlags): Promise<void> {
  const owner = ownerOf(flags);
  await mustExist(upstream);
  const atMs = Date.now();
  const times = { atMs, expiresAtMs: atMs + flags.for };
  const word: BreakerOverride = { type: 'override', upstream, forced, owner, reason: flags.reason, ...times };
  await withOutlet((outlet) => outlet.breaker(word));
  const until = new Date(word.expiresAtMs).toISOString();
  print(flags.json ? JSON.stringify(word) : `${upstream} is forced ${forced} until ${until} by ${owner}.`);
}

async function clear(upstream: string, flags: WordFlags): Promise<void> {
  const owner = ownerOf(flags);
  await mustExist(upstream);
  await withOutlet((outlet) => outlet.removeBreakerOverride(upstream, { owner, reason: flags.reason }));
  print(flags.json ? JSON.stringify({ upstream, cleared: true, owner }) : `${upstream} is no longer forced.`);
}

/** A misspelt name would change nothing, in the one moment in which it must. */
async function mustExist(upstream: string): Promise<void> {
  const names = (await readBreakers(connectionOf(), Date.now())).map((view) => view.upstream);
  if (names.includes(upstream)) return;
  throw missing('UPSTREAM_UNKNOWN', `The catalogue has no upstream ${upstream}.`, { alternatives: names.slice(0, 20) });
}

async function withOutlet(work: (outlet: Outlet) => Promise<void>): Promise<void> {
  const { brokers, names } = connectionOf();
  const producer = new BusProducer({ connection: kafkaHere(brokers, 'fleetctl'), deadlineMs: sendWithinMs });
  try {
    await work(new Outlet(producer, names, new Placement(limits.partitions, limits.tenantSpan)));
  } finally {
    await producer.disconnect();
  }
}

function connectionOf() {
  const { kafkaBrokers, topicPrefix } = loadConfig(settingsOfBreakers);
  return { brokers: kafkaBrokers, names: new TopicNames(topicPrefix) };
}

function ownerOf({ actor }: WordFlags): string {
  if (actor) return actor;
  throw invalid('ACTOR_MISSING', 'Nobody is named who says so.', { hint: 'Name yourself with --actor.' });
}

function durationOf(text: string): number {
  const durationMs = durationMsOf(text) ?? 0;
  if (durationMs > 0 && durationMs <= limits.breakerOverrideMsMax) return durationMs;
  throw new InvalidArgumentError('A time is a whole number with s, m or h, a day at most.');
}

function describe({ upstream, state, override, seen }: BreakerView): string {
  const when = (ms: number) => new Date(ms).toISOString();
  const lines = [`${upstream} ${state}${seen ? ` since ${when(seen.atMs)}, told by ${seen.instance}` : ''}`];
  if (override) lines.push(`  until ${when(override.expiresAtMs)} by ${override.owner}: ${override.reason}`);
  return lines.join('\n');
}
