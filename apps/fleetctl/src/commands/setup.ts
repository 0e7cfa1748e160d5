/** `fleetctl setup`: topics and tables on the Kafka and the database that the environment names, before a release starts. */
import type { Command } from 'commander';
import { fleetSettings, loadConfig } from '@toolfleet/platform/config';
import { migrate } from '@toolfleet/platform/postgres';
import { busSettings, setUpTopics } from '../setup.js';

const settingsOfSetup = fleetSettings.pick({ kafkaBrokers: true, databaseUrl: true }).extend(busSettings.shape);

export function registerSetup(program: Command): void {
  program
    .command('setup')
    .description('create the topics and migrate the database that TOOLFLEET_KAFKA_BROKERS and _DATABASE_URL name')
    .option('--json', 'one JSON object')
    .action(setUp);
}

async function setUp(flags: { readonly json?: boolean }): Promise<void> {
  const { kafkaBrokers, databaseUrl, ...bus } = loadConfig(settingsOfSetup);
  const [topics, database] = await Promise.all([setUpTopics(kafkaBrokers, bus), migrate(databaseUrl.reveal())]);
  const text =
    `Topics: ${topics.created.length} created, ${topics.kept.length} were there.\n` +
    `Migrations: ${database.applied.length} applied${database.applied.map((name) => `\n  ${name}`).join('')}` +
    (database.ahead.length === 0 ? '' : `\nThe database is ahead of this program by ${database.ahead.join(', ')}.`);
  process.stdout.write(`${flags.json === true ? JSON.stringify({ topics, database }) : text}\n`);
}
