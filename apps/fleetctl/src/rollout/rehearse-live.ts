/**
 * The same on the fleet that runs: the version is rolled out to a tenant that there is not, through the way that any change takes,
 * and rolled back; a kill switch is thrown for that tenant, and lifted. What sessions are given is asked of the live router
 * all the while. Nobody's sessions are touched, and whatever fails, the set is left as it was found.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SetFile, SetFiles } from '@toolfleet/contracts';
import { TopicNames, decodeKillSwitch } from '@toolfleet/contracts';
import type { Answered, KillTarget, RehearsalCheck, StartingSession } from '@toolfleet/kernel';
import { checkOf, conflict } from '@toolfleet/kernel';
import { endsWithin } from '@toolfleet/platform';
import { readBroadcast } from '@toolfleet/platform/kafka';
import { consumerSettingsHere } from '../consumer-bus.js';
import { kafkaHere } from '../kafka-here.js';
import { withOutlet } from '../outlet-here.js';
import type { RouterApi } from '../router-api.js';
import type { RolloutHere } from './rollout-here.js';
import { withRollout } from './set-edit.js';

/** In which a change must have reached new sessions. */
const withinMs = 1_000;
/** After which nobody waits for it any more. */
const patienceMs = 10_000;
const pollMs = 20;
const probesOf = (tenant: string): StartingSession[] =>
  Array.from({ length: 200 }, (_, at) => ({ tenant, sessionId: `rehearsal-${at}` }));

export async function rehearseLive(
  here: RolloutHere,
  present: SetFiles,
  { router, sample }: { readonly router: RouterApi; readonly sample: number },
): Promise<RehearsalCheck[]> {
  if (here.isLive) {
    throw conflict('ROLLOUT_IS_LIVE', `${here.spec.name} is live, and a tool has one rollout at once.`, {
      hint: 'Rehearse without --live: the way back is judged then, and nothing applied.',
    });
  }
  const tenant = `rehearsal-${randomUUID().slice(0, 8)}`;
  const live = new LiveAnswers(here, router, tenant);
  await live.begin(sample);
  const checks: RehearsalCheck[] = [];
  let revision = present.revision;
  const change = async (files: readonly SetFile[], what: string) => {
    const reason = `rehearsal of the rollout ${here.spec.name}: ${what}`;
    const outcome = await router.apply(
      { set: here.set, actor: '', reason, dryRun: false, ifRevision: revision },
      files,
    );
    if (outcome.problems.length > 0) throw conflict('REHEARSAL_REFUSED', outcome.problems[0]!.reason);
    revision = outcome.revision;
    return performance.now();
  };
  try {
    const appliedAt = await change(withRollout(present.files, probeOf(here, tenant)), 'to nobody');
    checks.push(await live.check('live: it reaches new sessions', appliedAt, (given) => given > 0));
  } finally {
    const backAt = await change(present.files, 'and back');
    checks.push(await live.check('live: a rollback reaches new sessions', backAt, (given) => given === 0));
  }
  checks.push(live.untouched(), await killCheck({ tool: here.spec.tool, tenant }, here.spec.name));
  return checks;
}

/** Half of the sessions of a tenant that there is not, at once, with nothing that could hold them back. */
function probeOf({ spec, set }: RolloutHere, tenant: string) {
  const name = spec.name;
  const manifest = {
    ...{ apiVersion: 'toolfleet.dev/v1', kind: 'Rollout', metadata: { name } },
    spec: {
      ...{ tool: spec.tool, version: spec.version, tenants: [tenant], startsAt: '2020-01-01' },
      steps: [{ percent: 50 }],
    },
  };
  return { spec, text: `# Of a rehearsal in ${set}.\n${JSON.stringify(manifest)}\n` };
}

/** What the live router says of sessions that are recorded, and of those of the tenant that there is not. */
class LiveAnswers {
  readonly #probes: readonly StartingSession[];
  #before: readonly Answered[] = [];
  #touched = 0;

  constructor(
    private readonly here: RolloutHere,
    private readonly router: RouterApi,
    tenant: string,
  ) {
    this.#probes = probesOf(tenant);
  }

  async begin(sample: number): Promise<void> {
    this.#before = (await this.#ask([], sample)).slice(0, 1_000);
  }

  /** `since`: when the change was answered for. */
  async check(name: string, since: number, isSo: (given: number) => boolean): Promise<RehearsalCheck> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- asked until it is so
      const given = await this.#given();
      const tookMs = Math.round(performance.now() - since);
      if (isSo(given))
        return checkOf(name, tookMs <= withinMs, `${given} of ${this.#probes.length}, after ${tookMs} ms`);
      if (tookMs > patienceMs) return checkOf(name, false, `not within ${patienceMs} ms`);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(pollMs);
    }
  }

  untouched(): RehearsalCheck {
    const detail = `${this.#touched} of ${this.#before.length} recorded sessions would have been given another version`;
    return checkOf('live: nobody else is touched', this.#touched === 0, detail);
  }

  async #given(): Promise<number> {
    const given = await this.#ask([...this.#probes, ...this.#before], 0);
    const others = given.slice(this.#probes.length);
    const differing = others.filter(({ version }, at) => version !== this.#before[at]?.version).length;
    this.#touched = Math.max(this.#touched, differing);
    return given.slice(0, this.#probes.length).filter(({ version }) => version === this.here.spec.version).length;
  }

  async #ask(sessions: readonly StartingSession[], sample: number): Promise<readonly Answered[]> {
    const question = { tool: this.here.spec.tool, sessions, sample, atMs: 0, set: '', files: [] };
    return (await this.router.giveVersions(question)).given;
  }
}

/** The switch is for calls of a tenant that there is not, so it stops nothing and no tenant's audit is told. */
async function killCheck(target: KillTarget, rollout: string): Promise<RehearsalCheck> {
  const { kafkaBrokers, topicPrefix } = await consumerSettingsHere();
  const seen = Promise.withResolvers<void>();
  const reader = readBroadcast({
    connection: kafkaHere(kafkaBrokers, 'fleetctl-rehearsal', () => undefined),
    topic: new TopicNames(topicPrefix).of('kill'),
    onRecord: ({ value }, tombstone) => {
      if (!tombstone && decodeKillSwitch(value).target.tenant === target.tenant) seen.resolve();
    },
  });
  try {
    await reader.caughtUp;
    let tookMs = Infinity;
    await withOutlet('fleetctl-rehearsal', async (outlet) => {
      const by = { actor: 'fleetctl', reason: `rehearsal of the rollout ${rollout}` };
      // The first send connects; what is measured is the way of a switch.
      await outlet.liftKillSwitch(target, by);
      const since = performance.now();
      const atMs = Date.now();
      await outlet.killSwitch({ target, ...by, atMs, expiresAtMs: atMs + 60_000, cancelRunning: false });
      if (await endsWithin(seen.promise, patienceMs)) tookMs = Math.round(performance.now() - since);
      await outlet.liftKillSwitch(target, by);
    });
    return checkOf('live: a kill switch is on every reader’s topic', tookMs <= withinMs, `after ${tookMs} ms`);
  } finally {
    await reader.close();
  }
}
