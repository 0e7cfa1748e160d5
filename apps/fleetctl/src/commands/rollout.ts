/** `fleetctl rollout …`: a new version of a tool for some sessions, what that would change, and the way back. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { auditService, decodeSummarisedUsage, encodeSummariseUsage } from '@toolfleet/contracts';
import type { SetOutcome } from '@toolfleet/contracts';
import { conflict, limits, planRollout } from '@toolfleet/kernel';
import { isManifestPath } from '@toolfleet/platform/catalog';
import pc from 'picocolors';
import { refuse } from '../catalog-problems.js';
import { serviceClient } from '../grpc-here.js';
import { policyService } from '../policy-service.js';
import { rehearseLive } from '../rollout/rehearse-live.js';
import { rehearse } from '../rollout/rehearse.js';
import { rolloutHere, setOfRollout } from '../rollout/rollout-here.js';
import { holdersText, planText, rehearsalText } from '../rollout/rollout-text.js';
import { withRollout, withoutRollout } from '../rollout/set-edit.js';
import { RouterApi } from '../router-api.js';
import { changesText, outcomeText } from '../set-text.js';

interface Flags {
  readonly router?: string;
  readonly json?: boolean;
}

interface ChangeFlags extends Flags {
  readonly reason: string;
  readonly dryRun?: boolean;
}

interface PlanFlags {
  readonly days: number;
  readonly policy?: string;
  readonly json?: boolean;
}

interface RehearseFlags extends Flags {
  readonly sample: number;
  readonly live?: boolean;
}

const daysMax = 400;
const summaryWithinMs = 15_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerRollout(program: Command): void {
  const rollout = program.command('rollout').description('give a new version of a tool to some sessions, and go back');
  const add = (words: string, description: string) =>
    rollout.command(words).description(description).option('--json', 'one JSON object');
  const ofRouter = (command: Command) =>
    command.option('--router <host:port>', 'gRPC of a router (default: TOOLFLEET_ROUTER_ADDRESS, or the local fleet)');
  const withReason = (command: Command) =>
    ofRouter(command)
      .requiredOption('--reason <text>', 'why; kept with the revision of the set, and audited')
      .option('--dry-run', 'check and compare, change nothing');
  add('plan <file-or-name>', 'print whose sessions would try the version, step by step, from recorded traffic')
    .option('--days <number>', 'recorded traffic of so many days', wholeNumber(1, daysMax), 7)
    .option('--policy <host:port>', 'gRPC of a policy service (default: TOOLFLEET_POLICY_ADDRESS, or the local fleet)')
    .action(plan);
  withReason(add('apply <file>', 'put one Rollout into the set of its tool, and make it live')).action(apply);
  withReason(
    add('rollback <name>', 'take a Rollout out of its set: no session that begins is given the version'),
  ).action(rollback);
  ofRouter(add('rehearse <file-or-name>', 'prove that sessions go back, before anybody tries the version'))
    .option('--sample <number>', 'so many recorded sessions', wholeNumber(0, limits.rolloutSessionsMax), 500)
    .option('--live', 'also apply it to a tenant that there is not, go back, and throw a kill switch for that tenant')
    .action(rehearsal);
}

async function plan(named: string, { days, policy, json }: PlanFlags): Promise<void> {
  const { spec, current } = await rolloutHere(named, json);
  const { address, authorization } = await policyService(policy);
  const client = serviceClient({ address, deadlineMs: summaryWithinMs }, authorization);
  try {
    const question = encodeSummariseUsage({ tenant: '', days });
    const traffic = decodeSummarisedUsage(await client.unary(`${auditService}/SummariseUsage`, question));
    const planned = planRollout(spec, current.version, traffic);
    print(json ? JSON.stringify(planned) : planText(planned));
  } finally {
    client.close();
  }
}

async function apply(file: string, flags: ChangeFlags): Promise<void> {
  if (!isManifestPath(file)) throw new InvalidArgumentError(`${file} is no YAML file.`);
  const here = await rolloutHere(file, flags.json);
  const router = await RouterApi.here(flags.router);
  const { files, revision } = await setOfRollout(here, router);
  const outcome = await router.apply(changeOf(here.set, revision, flags), withRollout(files, here));
  refuse(outcome.problems, flags.json);
  if (flags.json) return print(JSON.stringify({ ...outcome, dryRun: flags.dryRun ?? false }));
  print(changeText(outcome, flags));
}

async function rollback(name: string, flags: ChangeFlags): Promise<void> {
  const here = await rolloutHere(name, flags.json);
  const router = await RouterApi.here(flags.router);
  const { files, revision } = await setOfRollout(here, router);
  const left = withoutRollout(files, name);
  if (left.length === files.length && left.every((file, at) => file === files[at]))
    throw conflict('ROLLOUT_ELSEWHERE', `The set ${here.set} does not hold the rollout ${name}.`);
  const sentAt = performance.now();
  const outcome = await router.apply(changeOf(here.set, revision, flags), left);
  refuse(outcome.problems, flags.json);
  const tookMs = Math.round(performance.now() - sentAt);
  const { tool, version } = here.spec;
  const held = await router.holders(tool, version);
  const backTo = here.current.version;
  if (flags.json) {
    const result = { rollout: name, tool, version, backTo, tookMs, ...held, dryRun: flags.dryRun ?? false };
    return print(JSON.stringify({ ...result, set: outcome.set, revision: outcome.revision, live: outcome.live }));
  }
  print(changeText(outcome, flags));
  if (!flags.dryRun) print(`Sessions that begin are given version ${backTo} of ${tool}, after ${tookMs} ms.`);
  print(holdersText(version, held));
}

async function rehearsal(named: string, { router: address, sample, live, json }: RehearseFlags): Promise<void> {
  const here = await rolloutHere(named, json);
  const router = await RouterApi.here(address);
  const present = await setOfRollout(here, router);
  const judged = await rehearse(here, present, { router, sample, json });
  const checks = live ? [...judged.checks, ...(await rehearseLive(here, present, { router, sample }))] : judged.checks;
  const whole = { ...judged, checks };
  const passed = checks.every(({ result }) => result !== 'failed');
  print(json ? JSON.stringify({ ...whole, live: live ?? false, passed }) : rehearsalText(whole));
  if (!passed) process.exitCode = 1;
}

/** Who changes it is whoever the token is of; nobody else may have changed the set meanwhile. */
const changeOf = (set: string, ifRevision: number, { reason, dryRun = false }: ChangeFlags) => ({
  ...{ set, actor: '', reason, dryRun, ifRevision },
});

function changeText(outcome: SetOutcome, { dryRun }: ChangeFlags): string {
  const changes = changesText(outcome, pc.isColorSupported);
  return [changes, dryRun ? 'Nothing was changed.' : outcomeText(outcome)].filter((text) => text !== '').join('\n');
}

const wholeNumber = (least: number, most: number) => (text: string) => {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
};
