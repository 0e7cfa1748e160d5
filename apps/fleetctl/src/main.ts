/** The `fleetctl` program: a list of commands, and the one place where a failure becomes an exit code. */
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { isFault } from '@toolfleet/kernel';
import { registerAlerts } from './commands/alerts.js';
import { registerApprovals } from './commands/approvals.js';
import { registerAudit } from './commands/audit.js';
import { registerBlastRadius } from './commands/blast-radius.js';
import { registerBreakers } from './commands/breakers.js';
import { registerCatalog } from './commands/catalog.js';
import { registerContract } from './commands/contract.js';
import { registerConsumers } from './commands/consumers.js';
import { registerConfig } from './commands/config.js';
import { registerKill } from './commands/kill.js';
import { registerEffects } from './commands/effects.js';
import { registerPolicy } from './commands/policy.js';
import { registerRollout } from './commands/rollout.js';
import { registerSession } from './commands/session.js';
import { registerSetup } from './commands/setup.js';
import { registerToken } from './commands/token.js';
import { registerTopology } from './commands/topology.js';
import { registerTune } from './commands/tune.js';
import { registerUp } from './commands/up.js';
import { describeFailure, exitCodeOf } from './failure.js';

/** Each adds its commands; their order is the order of `--help`. */
const registrations: readonly ((program: Command) => void)[] = [
  registerUp,
  registerSetup,
  registerSession,
  registerApprovals,
  registerEffects,
  registerToken,
  registerAudit,
  registerPolicy,
  registerBlastRadius,
  registerRollout,
  registerBreakers,
  registerConsumers,
  registerKill,
  registerCatalog,
  registerContract,
  registerTopology,
  registerAlerts,
  registerConfig,
  registerTune,
];

function buildProgram(): Command {
  const program = new Command('fleetctl')
    .description('Runs and operates a Toolfleet: LLM tool-calling sessions as a fleet of services over Kafka.')
    .showHelpAfterError('(--help shows what is possible)')
    .exitOverride();
  for (const register of registrations) register(program);
  // An override counts for the command it is set on only.
  for (const command of everyCommand(program)) command.exitOverride();
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message already.
    process.exitCode = error.exitCode === 0 ? 0 : exitCodeOf.invalid;
  } else {
    const json = process.argv.includes('--json');
    process.stderr.write(`${describeFailure(error, json, pc.isColorSupported)}\n`);
    process.exitCode = exitCodeOf[isFault(error) ? error.kind : 'broken'];
  }
}
