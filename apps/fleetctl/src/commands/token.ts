/** `fleetctl token mint`: a token of the issuer of the fleet on this machine, for clients and for trying rules out. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { allScopes, isScope, missing, scopes, tenantFault, tenantScopes, type Scope } from '@toolfleet/kernel';
import { findLocalIssuer, openLocalIssuer } from '@toolfleet/platform/identity';
import { stateDirectory, userHere } from '../caller-token.js';
import { durationMsOf } from '../duration.js';

interface MintFlags {
  readonly tenant: string;
  readonly user: string;
  readonly role: readonly string[];
  readonly scope?: readonly Scope[];
  readonly for: number;
  readonly state: string;
}

export function registerToken(program: Command): void {
  const scopeLines = allScopes.map((scope) => `  ${scope.padEnd(18)} ${scopes[scope].allows}`);
  const token = program
    .command('token')
    .description('tokens of the issuer that `fleetctl up` keeps in its state directory');
  token
    .command('issuer')
    .description('make an issuer where there is none, and print what TOOLFLEET_IDENTITY_ISSUERS says of it')
    .option('--state <dir>', 'its directory', stateDirectory)
    .action(async ({ state }: MintFlags) => {
      process.stdout.write(`${(await openLocalIssuer(state)).setting}\n`);
    });
  token
    .command('mint')
    .description('print a token; TOOLFLEET_TOKEN hands it to other commands')
    .option('--tenant <name>', 'of which tenant; without one it must have the scope operator', '')
    .option('--user <name>', 'of which user (default: USER)', userHere())
    .option('--role <name>', 'a role of the user; repeatable', (value, all: string[]) => [...all, value], [])
    .option('--scope <name>', 'what it allows; repeatable (default: all that one person of a tenant may)', scopesOf)
    .option('--for <time>', 'how long it counts', forMsOf, 60 * 60_000)
    .option('--state <dir>', 'the state directory of the fleet', stateDirectory)
    .addHelpText('after', `\nScopes:\n${scopeLines.join('\n')}`)
    .action(mint);
}

async function mint({ tenant, user, role, scope, for: forMs, state }: MintFlags): Promise<void> {
  const fault = tenant === '' ? undefined : tenantFault(tenant);
  if (fault) throw fault;
  const issuer = await findLocalIssuer(state);
  if (issuer === undefined) {
    throw missing('ISSUER_MISSING', `There is no issuer in ${state}.`, {
      hint: 'Start a fleet with `fleetctl up`, name its directory with --state, or make one with `fleetctl token issuer`.',
    });
  }
  const token = await issuer.token({ tenant, user, roles: role, scopes: scope ?? tenantScopes, forMs });
  process.stdout.write(`${token}\n`);
}

function forMsOf(text: string): number {
  const forMs = durationMsOf(text);
  if (forMs === undefined) throw new InvalidArgumentError('It is a time such as 30m or 4h.');
  return forMs;
}

function scopesOf(value: string, all: readonly Scope[] = []): readonly Scope[] {
  if (isScope(value)) return [...all, value];
  throw new InvalidArgumentError(`It is one of ${allScopes.join(', ')}.`);
}
