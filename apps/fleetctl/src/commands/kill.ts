/**
 * `fleetctl kill …`: calls that nobody may make until the switch is lifted or expires. Switches travel on a topic of their own, so
 * this needs the brokers only and works while every service is in trouble. Each names its owner and reason, and is audited.
 */
import { InvalidArgumentError, type Command } from 'commander';
import { TopicNames, decodeKillSwitch } from '@toolfleet/contracts';
import type { KillSwitch, KillTarget } from '@toolfleet/kernel';
import { auditRecordOf, hasExpired, invalid, killFault, missing, textOfTarget, unreachable } from '@toolfleet/kernel';
import { consumerSettingsHere } from '../consumer-bus.js';
import { durationMsOf } from '../duration.js';
import { kafkaHere } from '../kafka-here.js';
import { readLiveCatalogue } from '../live-catalogue.js';
import { withOutlet } from '../outlet-here.js';
import { columns } from '../terminal-text.js';
import { readWholeTopic } from '../whole-topic.js';

interface Word {
  readonly actor?: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface ThrowFlags extends Word {
  readonly for?: number;
  readonly cancelRunning?: boolean;
  readonly tenant?: string;
}

type KillKind = 'tool' | 'tenant' | 'class' | 'fleet';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerKill(program: Command): void {
  const kill = program.command('kill').description('switch off calls of a tool, a tenant, a class or all of them');
  const withWord = (command: Command) =>
    command
      .option('--actor <name>', 'who says so (default: USER)', process.env['USER'])
      .requiredOption('--reason <text>', 'why; kept with the switch')
      .option('--json', 'one JSON object');
  const kinds = ['tool', 'tenant', 'class', 'fleet'] as const;
  for (const kind of kinds) {
    const command = withWord(kill.command(kind === 'fleet' ? kind : `${kind} <name>`))
      .description(kind === 'fleet' ? 'every call' : `every call of one ${kind}`)
      .option('--for <time>', 'how long, such as 90s, 10m or 2h (default: until it is lifted)', durationOf)
      .option('--cancel-running', 'cancel those that run, too');
    if (kind === 'fleet') command.action((flags: ThrowFlags) => throwSwitch({}, flags));
    else {
      if (kind !== 'tenant') command.option('--tenant <name>', 'of this tenant only');
      command.action((name: string, flags: ThrowFlags) => throwSwitch(targetOf(kind, name, flags.tenant), flags));
    }
  }
  kill
    .command('list')
    .description('print the switches that are thrown')
    .option('--json', 'JSON, one a line')
    .action(list);
  withWord(kill.command('lift <kind> [name]'))
    .description('let calls through again: `lift tool NAME`, `lift fleet`')
    .option('--tenant <name>', 'of this tenant only')
    .action(lift);
}

function targetOf(kind: KillKind, name: string, tenant: string | undefined): KillTarget {
  if (kind === 'tenant') return { tenant: name };
  return { ...(kind === 'tool' ? { tool: name } : { toolClass: name }), ...(tenant !== undefined && { tenant }) };
}

async function throwSwitch(target: KillTarget, flags: ThrowFlags): Promise<void> {
  const actor = actorOf(flags);
  await mustExist(target);
  const atMs = Date.now();
  const { reason, cancelRunning = false } = flags;
  const expiry = flags.for === undefined ? {} : { expiresAtMs: atMs + flags.for };
  const thrown: KillSwitch = { target, actor, reason, atMs, ...expiry, cancelRunning };
  const fault = killFault(thrown);
  if (fault) throw fault;
  await withOutlet('fleetctl-kill', async (outlet) => {
    await outlet.killSwitch(thrown);
    await outlet.audit(auditOf(target, { actor, reason, atMs, action: 'KILL_SWITCH_THROWN' }));
  });
  const until = thrown.expiresAtMs === undefined ? 'until it is lifted' : `until ${timeOf(thrown.expiresAtMs)}`;
  print(
    flags.json ? JSON.stringify(thrown) : `Calls of ${textOfTarget(target)} are switched off ${until}, by ${actor}.`,
  );
}

async function lift(kind: string, name: string | undefined, flags: ThrowFlags): Promise<void> {
  const actor = actorOf(flags);
  const target = kind === 'fleet' ? {} : targetOf(kindOf(kind), nameOf(name), flags.tenant);
  const switches = await readSwitches();
  const key = JSON.stringify(target);
  if (!switches.some((one) => JSON.stringify(one.target) === key)) {
    const alternatives = switches.map((one) => textOfTarget(one.target));
    throw missing('SWITCH_UNKNOWN', `No switch is thrown for ${textOfTarget(target)}.`, { alternatives });
  }
  const { reason } = flags;
  await withOutlet('fleetctl-kill', async (outlet) => {
    await outlet.liftKillSwitch(target, { actor, reason });
    await outlet.audit(auditOf(target, { actor, reason, atMs: Date.now(), action: 'KILL_SWITCH_LIFTED' }));
  });
  print(flags.json ? JSON.stringify({ target, lifted: true, actor }) : `Calls of ${textOfTarget(target)} may go on.`);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const switches = await readSwitches();
  if (json) return switches.forEach((one) => print(JSON.stringify(one)));
  if (switches.length === 0) return print('No switch is thrown.');
  const rows = switches.map(({ target, expiresAtMs, actor, reason }) => [
    textOfTarget(target),
    expiresAtMs === undefined ? 'lifted' : timeOf(expiresAtMs),
    actor,
    reason,
  ]);
  print(columns([['CALLS OF', 'UNTIL', 'BY', 'WHY'], ...rows]));
}

/** A misspelt name would stop nothing, in the one moment in which it must. */
async function mustExist({ tool, tenant, toolClass }: KillTarget): Promise<void> {
  const live = await readLiveCatalogue();
  for (const [kind, name] of [
    ['Tool', tool] as const,
    ['Tenant', tenant] as const,
    ['ToolClass', toolClass] as const,
  ]) {
    const names = live.flatMap(({ manifest }) => (manifest.kind === kind ? [manifest.spec.name] : []));
    if (name === undefined || names.includes(name)) continue;
    throw missing('TARGET_UNKNOWN', `The catalogue has no ${kind} ${name}.`, { alternatives: names.slice(0, 20) });
  }
}

async function readSwitches(): Promise<KillSwitch[]> {
  const { kafkaBrokers, topicPrefix } = await consumerSettingsHere();
  const topic = new TopicNames(topicPrefix).of('kill');
  const switches = new Map<string, KillSwitch>();
  const isRead = await readWholeTopic({
    connection: kafkaHere(kafkaBrokers, 'fleetctl-kill', () => undefined),
    topic,
    onRecord: ({ key, value }, tombstone) => {
      if (tombstone) switches.delete(key);
      else switches.set(key, decodeKillSwitch(value));
    },
  });
  if (!isRead) throw unreachable('TOPIC_UNREADABLE', `The topic ${topic} cannot be read.`);
  return [...switches.values()].filter((one) => !hasExpired(one, Date.now()));
}

/** Of the tenant whose calls it is about; of the fleet where it is about all. */
function auditOf(
  target: KillTarget,
  { actor, reason, atMs, action }: Record<'actor' | 'reason' | 'action', string> & { atMs: number },
) {
  const { tenant = '', tool = '' } = target;
  const facts = { tenant, tool, atMs, recordedBy: 'fleetctl', actor, action, comment: reason };
  return auditRecordOf({ ...facts, outcome: textOfTarget(target) });
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

function actorOf({ actor }: Word): string {
  if (actor) return actor;
  throw invalid('ACTOR_MISSING', 'Nobody is named who says so.', { hint: 'Name yourself with --actor.' });
}

function kindOf(kind: string): KillKind {
  if (kind === 'tool' || kind === 'tenant' || kind === 'class') return kind;
  throw invalid('KIND_UNKNOWN', `${kind} is none of tool, tenant, class and fleet.`);
}

function nameOf(name: string | undefined): string {
  if (name !== undefined) return name;
  throw invalid('NAME_MISSING', 'No name is given.');
}

function durationOf(text: string): number {
  const durationMs = durationMsOf(text) ?? 0;
  if (durationMs > 0) return durationMs;
  throw new InvalidArgumentError('A time is a whole number with s, m or h.');
}
