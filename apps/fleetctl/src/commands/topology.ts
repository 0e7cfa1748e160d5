/** `fleetctl topology`: the topic table, as text, as a page of the docs, and as topics on a broker. */
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Command } from 'commander';
import { allTopics } from '@toolfleet/contracts';
import { fleetSettings, loadConfig } from '@toolfleet/platform/config';
import { checkGenerated, writeGenerated } from '../generated-file.js';
import { busSettings, setUpTopics } from '../setup.js';
import { topicTable, topologyPage } from '../topology-text.js';

const path = fileURLToPath(new URL('../../../../docs/topology.md', import.meta.url));
const settingsOfApply = fleetSettings.pick({ kafkaBrokers: true }).extend(busSettings.shape);

interface TopologyFlags {
  readonly check?: boolean;
  readonly write?: boolean;
  readonly json?: boolean;
}

export function registerTopology(program: Command): void {
  const topology = program
    .command('topology')
    .description('print every topic of the fleet')
    .addOption(new Option('--check', 'fail when docs/topology.md differs from the topic table').conflicts('write'))
    .option('--write', 'write docs/topology.md')
    .option('--json', 'one JSON object per line')
    .action(show);
  topology
    .command('apply')
    .description('create the topics that are missing on TOOLFLEET_KAFKA_BROKERS')
    .action((_flags: object, command: Command) => apply(command.optsWithGlobals<TopologyFlags>()));
}

async function show({ check, write, json }: TopologyFlags): Promise<void> {
  const page = () => ({ path, text: topologyPage(), command: 'topology --write' });
  if (write) return writeGenerated(page());
  if (check) return checkGenerated(page());
  const topics = allTopics();
  const text = json ? topics.map((topic) => JSON.stringify(topic)).join('\n') : topicTable(topics);
  process.stdout.write(`${text}\n`);
}

async function apply({ json }: TopologyFlags): Promise<void> {
  const { kafkaBrokers, ...bus } = loadConfig(settingsOfApply);
  const report = await setUpTopics(kafkaBrokers, bus);
  const text = `${report.created.length} topics created, ${report.kept.length} were there.`;
  process.stdout.write(`${json ? JSON.stringify(report) : text}\n`);
}
