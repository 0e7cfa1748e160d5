/** `fleetctl consumers …`: what every consumer does now, and changes to them that say who and why and end by themselves. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { aspectOf, invalid, limits, missing, tuningFault, tuningKeyOf } from '@toolfleet/kernel';
import type { TuningAction, TuningChange, TuningTarget } from '@toolfleet/kernel';
import { rowsOf } from '../consumer-board.js';
import { ConsumerBus, consumerSettingsHere, consumersOf, services } from '../consumer-bus.js';
import type { ConsumerSettings } from '../consumer-bus.js';
import { durationMsOf } from '../duration.js';
import { consumerTable, describeChange, describeTarget } from '../consumer-text.js';

interface ListFlags {
  readonly toolClass?: string;
  readonly json?: boolean;
}

interface ChangeFlags extends ListFlags {
  readonly tenant?: string;
  readonly partition?: number;
  readonly actor: string;
  readonly reason: string;
  readonly for: number;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerConsumers(program: Command): void {
  const consumers = program.command('consumers').description('what consumers do now, and changes to them for a while');
  consumers
    .command('list [service]')
    .description('print owner, lag, queue age, concurrency and pauses of every partition')
    .option('--tool-class <name>', 'of executors, this class only')
    .option('--json', 'JSON, one object per line')
    .action(list);
  const add = (words: string, description: string) =>
    consumers
      .command(words)
      .description(description)
      .option('--tool-class <name>', 'of executors, this class only')
      .option('--tenant <name>', "this tenant's records only")
      .option('--partition <number>', 'this partition only', wholeNumber)
      .requiredOption('--actor <name>', 'who makes the change (default: USER)', process.env['USER'])
      .requiredOption('--reason <text>', 'why; shown by `list` and in the log of every process')
      .option('--json', 'one JSON object');
  const forAWhile = (words: string, description: string) =>
    add(words, description).option('--for <time>', 'when it ends by itself, e.g. 90s, 30m, 4h', duration, 30 * 60_000);
  forAWhile('pause <service>', 'hold records back; what runs goes on').action((service: string, flags: ChangeFlags) =>
    change(service, 'pause', 0, flags),
  );
  forAWhile('resume <service>', 'let records flow, also as an exception from a wider pause').action(
    (service: string, flags: ChangeFlags) => change(service, 'resume', 0, flags),
  );
  forAWhile('set-concurrency <service> <number>', 'how many handlers a process runs at once').action(
    (service: string, number: string, flags: ChangeFlags) => change(service, 'setConcurrency', Number(number), flags),
  );
  add('reset <service>', 'end the changes to this target now').action(reset);
}

async function list(service: string | undefined, { toolClass, json }: ListFlags): Promise<void> {
  const settings = await consumerSettingsHere();
  if (service !== undefined) checkTarget({ service, toolClass }, settings);
  const chosen = consumersOf(settings).filter(
    (each) => (service ?? each.service) === each.service && (toolClass ?? each.toolClass) === each.toolClass,
  );
  const bus = new ConsumerBus(settings);
  const [changes, statuses] = await Promise.all([bus.changes(), bus.statuses()]);
  const rows = rowsOf(await bus.groups(chosen, statuses), [...changes.values()], Date.now());
  if (json) return rows.forEach((row) => print(JSON.stringify(row)));
  print(consumerTable(rows));
  if (changes.size > 0)
    print(`\nChanges in force:\n${[...changes.values()].map((each) => `  ${describeChange(each)}`).join('\n')}`);
}

async function change(service: string, action: TuningAction, concurrency: number, flags: ChangeFlags): Promise<void> {
  const settings = await consumerSettingsHere();
  const target = targetOf(service, flags);
  checkTarget(target, settings);
  const atMs = Date.now();
  const { actor, reason } = flags;
  const made: TuningChange = { target, action, concurrency, actor, reason, atMs, expiresAtMs: atMs + flags.for };
  const fault = tuningFault(made, atMs);
  if (fault) throw fault;
  const bus = new ConsumerBus(settings);
  const inForce = await bus.changes();
  if (inForce.size >= limits.tuningChangesMax && !inForce.has(tuningKeyOf(target, action))) {
    throw invalid('TOO_MANY_CHANGES', `${limits.tuningChangesMax} changes are in force.`, {
      hint: 'Reset some, or use a wider target.',
    });
  }
  await bus.tell((outlet) => outlet.tuningChange(made));
  print(flags.json ? JSON.stringify(made) : describeChange(made));
}

async function reset(service: string, flags: ChangeFlags): Promise<void> {
  const settings = await consumerSettingsHere();
  const target = targetOf(service, flags);
  checkTarget(target, settings);
  const { actor, reason } = flags;
  const bus = new ConsumerBus(settings);
  const changes = await bus.changes();
  const keys = (['pause', 'setConcurrency'] as const).map((action) => tuningKeyOf(target, action));
  const ended = [...changes].flatMap(([key, each]) => (keys.includes(key) ? [each] : []));
  if (ended.length === 0) {
    const alternatives = [...new Set([...changes.values()].map((each) => describeTarget(each.target)))];
    throw missing('NO_CHANGE', `Nothing is changed about ${describeTarget(target)}.`, { alternatives });
  }
  await bus.tell(async (outlet) => {
    await Promise.all(ended.map((each) => outlet.endTuning(target, each.action, { actor, reason })));
  });
  if (flags.json)
    return print(JSON.stringify({ target, ended: ended.map(({ action }) => aspectOf(action)), actor, reason }));
  print(`${describeTarget(target)}: ${ended.length} changes ended.`);
}

const targetOf = (service: string, { toolClass, tenant, partition }: ChangeFlags): TuningTarget => ({
  service,
  toolClass,
  tenant,
  partition,
});

function checkTarget({ service, toolClass, partition }: TuningTarget, settings: ConsumerSettings): void {
  const known = services as readonly string[];
  if (!known.includes(service))
    throw missing('SERVICE_UNKNOWN', `There is no service ${service}.`, { alternatives: known });
  if (toolClass !== undefined) {
    if (service !== 'executor') throw invalid('NO_TOOL_CLASSES', 'Only executors have tool classes.');
    if (!settings.toolClasses.includes(toolClass)) {
      throw missing('TOOL_CLASS_UNKNOWN', `There is no tool class ${toolClass}.`, {
        alternatives: settings.toolClasses,
      });
    }
  }
  if (partition !== undefined && partition >= settings.partitions) {
    throw invalid('PARTITION_UNKNOWN', `Partitions are 0 to ${settings.partitions - 1}.`);
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

function duration(text: string): number {
  const durationMs = durationMsOf(text);
  if (durationMs === undefined) throw new InvalidArgumentError('It is a number and s, m or h.');
  return durationMs;
}
