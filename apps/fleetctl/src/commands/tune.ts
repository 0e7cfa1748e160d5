/** `fleetctl tune …`: how large a fleet must be for recorded traffic, by simulation. Reads a file, touches no fleet. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { Proposal, Traffic } from '@toolfleet/kernel/capacity';
import { propose, simulateFleet } from '@toolfleet/kernel/capacity';
import { missing } from '@toolfleet/kernel';
import { applyCommands } from '../capacity/apply-commands.js';
import { capacityPage } from '../capacity/capacity-page.js';
import { capacityText, proposalText } from '../capacity/capacity-text.js';
import { parseTraffic, trafficJsonSchema } from '../capacity/traffic-file.js';

interface SimulateFlags {
  readonly seed?: number;
  readonly propose?: boolean;
  readonly simulations: number;
  readonly report?: string;
  readonly json?: boolean;
}

export function registerTune(program: Command): void {
  const tune = program.command('tune').description('size a fleet for recorded traffic');
  tune
    .command('simulate <file>')
    .description('run the traffic of a file (YAML or JSON) through a simulated fleet')
    .option('--seed <number>', 'draw otherwise than the file says', wholeNumber)
    .option('--propose', 'search the cheapest fleet that meets the SLO')
    .option('--simulations <number>', 'search with at most so many simulations', wholeNumber, 40)
    .option('--report <file>', 'write a page with plots')
    .option('--json', 'one JSON object')
    .action(simulate);
  tune
    .command('schema')
    .description('print the JSON Schema of the traffic file')
    .action(() => void process.stdout.write(`${JSON.stringify(trafficJsonSchema(), null, 2)}\n`));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

async function simulate(file: string, flags: SimulateFlags): Promise<void> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw missing('FILE_MISSING', `${file} cannot be read.`, { cause, hint: 'examples/capacity has files that work.' });
  });
  const traffic = parseTraffic(file, text, flags.seed);
  const report = simulateFleet(traffic);
  const proposal = flags.propose ? proposeWithProgress(traffic, flags.simulations) : undefined;
  if (flags.report !== undefined) await writeFile(flags.report, capacityPage(report, basename(file), proposal));
  if (flags.json) {
    const found = proposal && { ...proposal, commands: applyCommands(proposal.plan) };
    process.stdout.write(`${JSON.stringify({ report, proposal: found })}\n`);
    return;
  }
  process.stdout.write(capacityText(report, pc.isColorSupported));
  if (proposal) process.stdout.write(`\n${proposalText(proposal, pc.isColorSupported)}`);
}

/** A search takes minutes at scale; whoever watches sees it move. */
function proposeWithProgress(traffic: Traffic, simulationsMax: number): Proposal {
  const isWatched = process.stderr.isTTY;
  const onSimulated = (count: number, words: string) => {
    if (isWatched) process.stderr.write(`\r\u001b[K${count} of at most ${simulationsMax} simulations: ${words}`);
  };
  const proposal = propose(traffic, { simulationsMax, onSimulated });
  if (isWatched) process.stderr.write('\r\u001b[K');
  return proposal;
}
